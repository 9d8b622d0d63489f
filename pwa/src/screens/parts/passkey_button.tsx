/** One tap that opens this phone with a passkey, where one of the present person's does. */
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { t } from '../../state/language.ts';
import { prepareKey } from '../../state/passkeys.ts';
import { knownOfficers, me } from '../../state/session.ts';
import { unlockByPasskey } from '../../state/unlocking.ts';
import { passkeysExist } from '../../transport/passkeys.ts';
import { Button } from './button.tsx';

/** The passkeys that open the vault of the person at the phone; none where this browser has no passkeys. */
export const ownPasskeys = (): readonly string[] =>
  (passkeysExist() && knownOfficers.value.find(({ device_id }) => device_id === me.value?.device_id)?.passkeys) || [];

interface PasskeyProps {
  kind?: 'act' | 'plain';
  onOpened?: () => void;
  children?: ComponentChildren;
}

export function PasskeyButton({ kind = 'plain', onOpened, children }: PasskeyProps) {
  const own = ownPasskeys();
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState('');
  useEffect(() => {
    if (own.length > 0) void prepareKey();
  }, [own.length]);
  const device_id = me.value?.device_id;
  if (own.length === 0 || device_id === undefined) return null;
  const open = async (): Promise<void> => {
    setBusy(true);
    const { how } = await unlockByPasskey(device_id, own);
    setBusy(false);
    if (how === 'used') onOpened?.();
    else setWrong(t(how === 'not_used' ? 'sign_in_passkey_not_used' : 'sign_in_passkey_shut'));
  };
  return (
    <>
      {wrong && (
        <p class="state bad" role="alert">
          {wrong}
        </p>
      )}
      <Button kind={kind} busy={busy} onClick={() => void open()}>
        {children ?? t(busy ? 'unlocking' : 'unlock_passkey')}
      </Button>
    </>
  );
}
