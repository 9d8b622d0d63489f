/** Taking an invitation up: from its address or by user name and code, a passphrase, and then the offer of a passkey. */
import { useEffect, useState } from 'preact/hooks';
import { join, look, refusalOf, type Guest, type Invitation, type Joined } from '../state/joining.ts';
import { t, type MessageKey } from '../state/language.ts';
import { goInstead, invitation } from '../state/router.ts';
import { lock, phase } from '../state/session.ts';
import { passkeysExist } from '../transport/passkeys.ts';
import { NewPassphrase, tooShort } from './me/new_passphrase.tsx';
import { Button } from './parts/button.tsx';
import { ErrorSummary, type FieldError } from './parts/error_summary.tsx';
import { Field, TextInput } from './parts/field.tsx';
import { Form } from './parts/form.tsx';
import { Blank } from './parts/lazy.tsx';
import { Screen } from './parts/screen.tsx';

const SENTENCES: Record<Exclude<Joined, 'in'>, MessageKey> = {
  gone: 'join_gone',
  weak: 'passphrase_weak',
  refused: 'passphrase_former_wrong',
  wait: 'proof_wait',
  offline: 'access_offline',
  failed: 'access_failed',
};

interface Found {
  by: Invitation;
  guest: Guest;
}

export default function Join() {
  const [found, setFound] = useState<Found | null>(null);
  const [errors, setErrors] = useState<FieldError[]>([]);
  const token = invitation.value;
  const find = async (by: Invitation): Promise<void> => {
    try {
      setFound({ by, guest: await look(by) });
      setErrors([]);
    } catch (error) {
      const refused = refusalOf(error);
      // A code that is not even one is no different from one that has gone.
      setErrors([{ text: t(refused === 'weak' ? 'join_gone' : SENTENCES[refused as Exclude<Joined, 'in'>]) }]);
      invitation.value = null;
    }
  };
  useEffect(() => {
    if (token !== null) void find({ token });
  }, [token]);
  if (phase.value === 'open' || phase.value === 'write_only') return <SomebodyIsIn />;
  if (found) return <Choose found={found} />;
  return token === null ? <ByCode errors={errors} find={find} /> : <Blank word={t('loading')} />;
}

function SomebodyIsIn() {
  return (
    <Screen title={t('join_title')} back={() => goInstead('/')} main={<Button kind="act" onClick={() => void lock()}>{t('join_lock')}</Button>}>
      <p>{t('join_first_lock')}</p>
    </Screen>
  );
}

function ByCode({ errors, find }: { errors: FieldError[]; find: (by: Invitation) => Promise<void> }) {
  const [login, setLogin] = useState('');
  const [code, setCode] = useState('');
  const [busy, setBusy] = useState(false);
  const [missing, setMissing] = useState(false);
  const submit = async (): Promise<void> => {
    const whole = login.trim() !== '' && code.trim() !== '';
    setMissing(!whole);
    if (!whole || busy) return;
    setBusy(true);
    await find({ login: login.trim(), code: code.trim() });
    setBusy(false);
  };
  return (
    <Form send={submit}>
      <Screen
        title={t('join_title')}
        back={() => goInstead('/')}
        main={
          <Button kind="act" type="submit" busy={busy}>
            {t('join_look')}
          </Button>
        }
      >
        <ErrorSummary errors={missing ? [{ text: t('join_missing') }] : errors} />
        <p class="soft">{t('join_lead')}</p>
        <Field label={t('login')}>
          <TextInput name="username" value={login} onInput={setLogin} autoComplete="username" autoCapitalize="none" enterKeyHint="next" required />
        </Field>
        <Field label={t('join_code')}>
          <TextInput name="invitation" value={code} onInput={setCode} autoComplete="off" autoCapitalize="characters" maxLength={20} enterKeyHint="go" required />
        </Field>
      </Screen>
    </Form>
  );
}

function Choose({ found: { by, guest } }: { found: Found }) {
  const [passphrase, setPassphrase] = useState('');
  const [error, setError] = useState('');
  const [busy, setBusy] = useState(false);
  const submit = async (): Promise<void> => {
    if (busy) return;
    if (guest.chooses && tooShort(passphrase)) return setError(t('passphrase_short'));
    setBusy(true);
    const joined = await join(by, passphrase);
    setBusy(false);
    if (joined !== 'in') return setError(t(SENTENCES[joined]));
    invitation.value = null;
    goInstead(passkeysExist() ? '/me/access' : '/');
  };
  return (
    <Form send={submit}>
      <Screen
        title={t('join_title')}
        back={() => goInstead('/')}
        main={
          <Button kind="act" type="submit" busy={busy}>
            {t(busy ? 'signing_in' : 'join_do')}
          </Button>
        }
      >
        <ErrorSummary errors={error ? [{ field: 'new-passphrase', text: error }] : []} />
        <p>{t(guest.chooses ? 'join_welcome' : 'join_back', { name: guest.name })}</p>
        <input class="hidden" name="username" autoComplete="username" value={guest.login} readOnly tabIndex={-1} aria-hidden="true" />
        {guest.chooses ? (
          <NewPassphrase value={passphrase} onInput={setPassphrase} error={error || undefined} first={guest.first} />
        ) : (
          <Field id="new-passphrase" label={t('passphrase')} error={error || undefined}>
            <TextInput type="password" name="password" autoComplete="current-password" value={passphrase} onInput={setPassphrase} required />
          </Field>
        )}
      </Screen>
    </Form>
  );
}
