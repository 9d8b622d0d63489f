/** The officer's screens: which one the address names, and nothing but the hand-over while the phone is in another hand. */
import { useEffect } from 'preact/hooks';
import { minute, phoneTime } from '../../state/clock.ts';
import { discard } from '../../state/drafts.ts';
import { route } from '../../state/router.ts';
import { Lazy, lazily } from '../parts/lazy.tsx';
import { Details } from './details.tsx';
import { DraftScreen } from './draft_screen.tsx';
import { Ended } from './ended.tsx';
import { HandOver, handedOver } from './hand_over.tsx';
import { Home } from './home.tsx';
import { toErase } from './list.ts';
import { Status } from './status.tsx';
import { officerDrafts } from './way.ts';
import './officer.css';

const attention = lazily(() => import('../attention/attention.tsx'), 'attention', 'coordinator', 'staff');

function Routed() {
  const { name, params } = route.value;
  const [id = '', second = ''] = params;
  if (name === 'draft') return <DraftScreen key={id} id={id} step={second} />;
  if (name === 'referral' && second === 'details') return <Details key={id} id={id} page={params[2] ?? ''} />;
  if (name === 'referral') return <Status key={id} id={id} />;
  if (name === 'attention') return <Lazy load={attention} props={{}} />;
  if (name === 'ended') return <Ended how={id} />;
  return <Home />;
}

export default function Officer() {
  const at = minute.value;
  useEffect(() => {
    for (const draft of toErase(officerDrafts(), phoneTime.peek())) void discard(draft.draft_id);
  }, [at]);
  const draft_id = handedOver.value;
  return (
    <>
      <Routed />
      {draft_id !== null && <HandOver draft_id={draft_id} />}
    </>
  );
}
