/** The rooms of those who look after accounts, devices and what is kept: administrators, and in part supervisors. */
import { addRoom } from '../../state/language.ts';
import { go, route } from '../../state/router.ts';
import { me } from '../../state/session.ts';
import { Lazy, lazily } from '../parts/lazy.tsx';
import Decide from './decide.tsx';
import Devices from './devices.tsx';
import Glass from './glass.tsx';
import Invite from './invite.tsx';
import { Keeping } from './keeping.tsx';
import Looked from './looked.tsx';
import People from './people.tsx';
import { CountedPlaces, placesOf } from './places.tsx';
import Recovery from './recovery.tsx';
import Retention from './retention.tsx';
import './administration.css';

// Fetched from here: the first screen has no bytes to spare for the name of a room that few ever enter.
await addRoom('administration', {
  en: async () => (await import('../messages/administration.en.ts')).en,
  es: async () => (await import('../messages/administration.es.ts')).es,
});

const evaluation = lazily(() => import('./evaluation.tsx'));
const quarantine = lazily(() => import('./quarantine.tsx'), 'quarantine');
const told = lazily(() => import('./told.tsx'), 'release');

interface AdministrationProps {
  /**
   * `places`: the links alone. `keeping`: a part of a referral's detail. `told`: whom a referral was disclosed to. `evaluation`:
   * an evaluator's desk. Otherwise the room that the address names.
   */
  what: 'room' | 'places' | 'keeping' | 'told' | 'evaluation';
  /** The referral, for `keeping` and `told`. */
  id?: string;
}

export default function Administration({ what, id }: AdministrationProps) {
  if (what === 'places') return <CountedPlaces />;
  if (what === 'keeping') return id === undefined ? null : <Keeping id={id} />;
  if (what === 'told') return id === undefined ? null : <Lazy key={id} load={told} props={{ id }} />;
  if (what === 'evaluation') return <Lazy load={evaluation} props={{}} />;
  return <Room />;
}

function Room() {
  const { name, params } = route.value;
  const role = me.value?.role;
  const back = role === 'administrator' ? undefined : () => go('/');
  if (name === 'told' && role === 'supervisor' && params[0] !== undefined) return <Administration what="told" id={params[0]} />;
  if (!(placesOf(role) as readonly string[]).includes(name)) return <People />;
  switch (name) {
    case 'invite':
      return <Invite />;
    case 'devices':
      return <Devices back={back} />;
    case 'decide':
      return <Decide back={back} />;
    case 'recovery':
      return <Recovery back={back} />;
    case 'glass':
      return <Glass back={back} />;
    case 'looked':
      return <Looked key={params[0]} referral={params[0]} back={back} />;
    case 'retention':
      return <Retention back={back} />;
    case 'quarantine':
      return <Lazy load={quarantine} props={{ back: () => go('/') }} />;
    default:
      return <People />;
  }
}
