/** Setting up who one is, as one file to fetch: joining, an agency's sign-in, one's ways in and devices, the fresh proof, a lost key. */
import { addRoom } from '../state/language.ts';
import { providersOf } from '../state/openid.ts';
import Access from './me/access.tsx';
import Devices from './me/devices.tsx';
import Join from './join.tsx';
import KeyGone from './key_gone.tsx';
import OpenId, { Providers } from './openid.tsx';
import PassphraseChanged, { type ChangedProps } from './passphrase_changed.tsx';
import Proof from './proof.tsx';
import './setup.css';

// Fetched from here, because the first screen has no bytes to spare for the name of a room that it never enters.
await addRoom('access', {
  en: async () => (await import('./messages/access.en.ts')).en,
  es: async () => (await import('./messages/access.es.ts')).es,
});

interface SetupProps {
  /**
   * join, openid, passphrase (`changed` elsewhere), proof, devices, agency (a button for each of `agencies`), guessed or removed
   * (nothing opens the phone any more), or else one's ways in.
   */
  what: string;
  agencies?: unknown;
  changed?: ChangedProps;
}

export default function Setup({ what, agencies, changed }: SetupProps) {
  switch (what) {
    case 'join':
      return <Join />;
    case 'openid':
      return <OpenId />;
    case 'passphrase':
      return <PassphraseChanged {...changed!} />;
    case 'agency':
      return <Providers providers={providersOf(agencies)} />;
    case 'proof':
      return <Proof />;
    case 'guessed':
    case 'removed':
      return <KeyGone guessed={what === 'guessed'} />;
    case 'devices':
      return <Devices />;
    default:
      return <Access />;
  }
}
