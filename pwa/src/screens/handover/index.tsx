/** What waits on this phone, as one room to fetch: the storage, handing over what waits, and bringing a colleague's records. */
import { route } from '../../state/router.ts';
import { Bring } from './bring.tsx';
import { Give } from './give.tsx';
import { Notice } from './notice.tsx';
import { Scan } from './scan.tsx';
import { Squares } from './squares.tsx';
import { Storage } from './storage.tsx';
import './handover.css';

/** `notice`: what the home screen says when room runs short. */
export default function Handover({ notice }: { notice?: boolean }) {
  if (notice) return <Notice />;
  const [, page] = route.value.params;
  if (page === 'give') return <Give />;
  if (page === 'squares') return <Squares />;
  if (page === 'bring') return <Bring />;
  if (page === 'scan') return <Scan />;
  return <Storage />;
}
