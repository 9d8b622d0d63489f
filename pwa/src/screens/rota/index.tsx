/** The rooms of the rota: which one the address names, and who may enter. */
import { route } from '../../state/router.ts';
import { me } from '../../state/session.ts';
import { Lazy, lazily } from '../parts/lazy.tsx';
import { ChangeMine, isWhat } from './change.tsx';
import { Mine } from './mine.tsx';
import { Put } from './put.tsx';
import { isLevel } from './server.ts';
import { Week } from './week.tsx';
import './rota.css';

/** Only supervisors open it. */
const editor = lazily(() => import('./editor.tsx'), 'rota');

/** `/rota` is what each does most: everybody's shifts for supervisors, one's own for coordinators. */
export default function RotaRoom() {
  const [page, level] = route.value.params;
  const supervisor = me.value?.role === 'supervisor';
  if (isWhat(page)) return <ChangeMine key={route.value.params.join('/')} what={page} />;
  if (supervisor && page === 'put') return <Put key={route.value.params.join('/')} />;
  if (supervisor && page === 'plan' && isLevel(level)) return <Lazy key={level} load={editor} props={{ level }} />;
  if (page === 'mine' || (!supervisor && page !== 'all')) return <Mine home={supervisor ? '/rota' : '/'} />;
  return <Week home={supervisor ? '/' : '/rota/mine'} />;
}
