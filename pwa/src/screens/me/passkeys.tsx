/** One's passkeys: which there are, which of them open this phone, and making one. */
import { useState } from 'preact/hooks';
import { addPasskey, askRegistration, isOwnPassphrase, letOpen, removePasskey, type Added, type Registration } from '../../state/keyring.ts';
import { t, type MessageKey } from '../../state/language.ts';
import { knownOfficers, me } from '../../state/session.ts';
import { passkeysExist } from '../../transport/passkeys.ts';
import { Button } from '../parts/button.tsx';
import { Field, TextInput } from '../parts/field.tsx';
import { ownPasskeys } from '../parts/passkey_button.tsx';
import { Card } from '../parts/screen.tsx';
import { Said } from './said.tsx';
import type { Passkey } from './server.ts';
import { useWork, type Outcome } from './use_work.ts';

const OUTCOMES: Record<Added, { key: MessageKey; good: boolean }> = {
  opens: { key: 'passkey_opens', good: true },
  signs: { key: 'passkey_added_shut', good: true },
  wrong: { key: 'confirm_wrong', good: false },
  not_used: { key: 'sign_in_passkey_not_used', good: false },
  twice: { key: 'passkey_twice', good: false },
};

function outcomeOf(added: Added): Outcome {
  const { key, good } = OUTCOMES[added];
  return good ? { good: t(key) } : { bad: t(key) };
}

/** A vault that only a passkey opens is not opened by the passphrase that these forms ask for. */
const opensByPassphrase = (): boolean =>
  knownOfficers.value.find(({ device_id }) => device_id === me.value?.device_id)?.passphrase !== false;

interface PasskeysProps {
  passkeys: readonly Passkey[];
  look: () => Promise<void>;
}

export function Passkeys({ passkeys, look }: PasskeysProps) {
  return (
    <Card title={t('passkeys_title')}>
      <p>{t(passkeysExist() ? 'passkeys_lead' : 'passkeys_missing')}</p>
      {passkeys.length === 0 && <p class="soft">{t('passkeys_none')}</p>}
      {passkeys.map((each) => (
        <One key={each.id} passkey={each} look={look} />
      ))}
      {passkeysExist() && opensByPassphrase() && <Add look={look} />}
    </Card>
  );
}

function One({ passkey: { id, credential_id, label, prf }, look }: { passkey: Passkey; look: () => Promise<void> }) {
  const { busy, said, bad, run } = useWork();
  const [passphrase, setPassphrase] = useState<string | null>(null);
  const opens = ownPasskeys().includes(credential_id);
  const remove = async (): Promise<Outcome> => {
    await removePasskey(id, credential_id);
    await look();
    return null;
  };
  return (
    <section class="stack">
      <h3>{label}</h3>
      <p class="soft">{t(opens ? 'passkey_opens' : 'passkey_signs')}</p>
      {prf && !opens && passkeysExist() && opensByPassphrase() && (
        <>
          {passphrase !== null && <PassphraseField value={passphrase} onInput={setPassphrase} />}
          <Button
            busy={busy}
            onClick={() => (passphrase === null ? setPassphrase('') : void run(async () => outcomeOf(await letOpen(credential_id, passphrase))))}
          >
            {t('passkey_open_too')}
          </Button>
        </>
      )}
      <Button busy={busy} label={t('passkey_remove_label', { label })} onClick={() => void run(remove)}>
        {t('passkey_remove')}
      </Button>
      <Said said={said} bad={bad} />
    </section>
  );
}

/** Two taps: the first fetches what the server wants, so that the second can ask the authenticator at once. */
function Add({ look }: { look: () => Promise<void> }) {
  const { busy, said, bad, run } = useWork();
  const [asked, setAsked] = useState<Registration | null>(null);
  const [label, setLabel] = useState(t('passkey_here'));
  const [passphrase, setPassphrase] = useState('');
  const [checked, setChecked] = useState(false);
  const begin = async (): Promise<Outcome> => {
    // Before the server is asked: a mistyped passphrase must not leave a passkey behind that opens nothing.
    if (!(await isOwnPassphrase(passphrase))) return { bad: t('confirm_wrong') };
    setAsked(await askRegistration());
    setChecked(true);
    return null;
  };
  const make = async (registration: Registration): Promise<Outcome> => {
    setAsked(null);
    setChecked(false);
    const added = await addPasskey(registration, label.trim() || t('passkey_here'), passphrase);
    setPassphrase('');
    await look();
    return outcomeOf(added);
  };
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        void run(() => (asked === null ? begin() : make(asked)));
      }}
    >
      {checked ? (
        <Field label={t('passkey_label')}>
          <TextInput value={label} onInput={setLabel} autoComplete="off" maxLength={80} />
        </Field>
      ) : (
        <PassphraseField value={passphrase} onInput={setPassphrase} />
      )}
      <Button type="submit" busy={busy}>
        {t(checked ? 'passkey_add' : 'continue')}
      </Button>
      <Said said={said} bad={bad} />
    </form>
  );
}

export function PassphraseField({ value, onInput }: { value: string; onInput: (value: string) => void }) {
  return (
    <Field label={t('confirm_passphrase')}>
      <TextInput type="password" autoComplete="current-password" enterKeyHint="go" value={value} onInput={onInput} required />
    </Field>
  );
}
