/** A PIN for as long as the app stays open. */
import { useState } from 'preact/hooks';
import { setPin } from '../../state/keyring.ts';
import { t } from '../../state/language.ts';
import { me } from '../../state/session.ts';
import { forgetPin, pinned } from '../../state/tries.ts';
import { PIN_DIGITS } from '../../storage/pin.ts';
import { Button } from '../parts/button.tsx';
import { Field, TextInput } from '../parts/field.tsx';
import { Card } from '../parts/screen.tsx';
import { Said } from './said.tsx';
import { useWork, type Outcome } from './use_work.ts';

export function Pin() {
  const { busy, said, bad, run } = useWork();
  const [pin, setPinTyped] = useState('');
  const [passphrase, setPassphrase] = useState('');
  const set = async (): Promise<Outcome> => {
    if (!PIN_DIGITS.test(pin)) return { bad: t('pin_short') };
    const right = await setPin(passphrase, pin);
    if (!right) return { bad: t('confirm_wrong') };
    setPinTyped('');
    setPassphrase('');
    return null;
  };
  if (pinned.value?.device_id === me.value?.device_id) {
    return (
      <Card title={t('pin_title')} tone="good">
        <p>{t('pin_is_set')}</p>
        <Button onClick={forgetPin}>{t('passkey_remove')}</Button>
      </Card>
    );
  }
  return (
    <Card title={t('pin_title')}>
      <p>{t('pin_lead')}</p>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void run(set);
        }}
      >
        <Field label={t('pin_new')}>
          <TextInput type="password" name="pin" inputMode="numeric" autoComplete="off" maxLength={12} value={pin} onInput={setPinTyped} required />
        </Field>
        <Field label={t('passphrase_now')}>
          <TextInput type="password" autoComplete="current-password" value={passphrase} onInput={setPassphrase} required />
        </Field>
        <Button type="submit" busy={busy}>
          {t('pin_set')}
        </Button>
        <Said said={said} bad={bad} />
      </form>
    </Card>
  );
}
