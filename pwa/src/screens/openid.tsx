/** An agency's own sign-in: the buttons below the form, and what follows when one comes back from there. */
import { useEffect, useState } from 'preact/hooks';
import { enrolAfresh } from '../state/enrolling.ts';
import { t, type MessageKey } from '../state/language.ts';
import { comeBack, leaveToSignIn, type Provider } from '../state/openid.ts';
import { goInstead, route } from '../state/router.ts';
import { chooseOfficer } from '../state/session.ts';
import { Said } from './me/said.tsx';
import { NewPassphrase, tooShort } from './me/new_passphrase.tsx';
import { useWork } from './me/use_work.ts';
import { Button } from './parts/button.tsx';
import { ErrorSummary } from './parts/error_summary.tsx';
import { Form } from './parts/form.tsx';
import { Blank } from './parts/lazy.tsx';
import { Screen } from './parts/screen.tsx';

/** A button for each provider. */
export function Providers({ providers }: { providers: readonly Provider[] }) {
  const { busy, said, bad, run } = useWork();
  return (
    <>
      <div class="actions">
        {providers.map(({ id, label }) => (
          <Button key={id} busy={busy} onClick={() => void run(() => leaveToSignIn(id).then(() => null))}>
            {t('sign_in_agency', { label })}
          </Button>
        ))}
      </div>
      <Said said={said} bad={bad} />
    </>
  );
}

/** As the server words them (api/openid/refusals.py). */
const REASONS: Partial<Record<string, MessageKey>> = {
  again: 'openid_again',
  declined: 'openid_declined',
  unavailable: 'openid_unavailable',
  not_verified: 'openid_not_verified',
  weak: 'openid_weak',
  not_linked: 'openid_not_linked',
  taken: 'openid_taken',
};

/** `#/openid/in`, `#/openid/linked`, `#/openid/refused/<reason>`: where the server sends whoever comes back. */
export default function OpenId() {
  const [how, reason = ''] = route.value.params;
  if (how === 'in') return <BackAgain />;
  return <Told bad={how !== 'linked'} text={t(how === 'linked' ? 'openid_linked' : (REASONS[reason] ?? 'openid_again'))} />;
}

function Told({ bad, text }: { bad: boolean; text: string }) {
  return (
    <Screen title={t('openid_title')} main={<Button kind="act" onClick={() => goInstead('/')}>{t('continue')}</Button>}>
      <p class={`state ${bad ? 'bad' : 'good'}`}>{text}</p>
    </Screen>
  );
}

function BackAgain() {
  const [name, setName] = useState<string | null>(null);
  const [lost, setLost] = useState(false);
  useEffect(() => {
    comeBack().then(
      (found) => {
        if (found.device_id === null) return setName(found.name);
        goInstead('/');
        chooseOfficer(found.device_id);
      },
      () => setLost(true),
    );
  }, []);
  if (lost) return <Told bad text={t('openid_again')} />;
  return name === null ? <Blank word={t('loading')} /> : <NewHere name={name} />;
}

/** Signed in, on a phone that does not know the person: what will open it. */
function NewHere({ name }: { name: string }) {
  const [passphrase, setPassphrase] = useState('');
  const [error, setError] = useState('');
  const [busy, setBusy] = useState(false);
  const submit = async (): Promise<void> => {
    if (busy) return;
    if (tooShort(passphrase)) return setError(t('passphrase_short'));
    setBusy(true);
    const result = await enrolAfresh(passphrase);
    setBusy(false);
    if (result.ok) goInstead('/');
    else setError(t(result.why === 'offline' ? 'access_offline' : 'access_failed'));
  };
  return (
    <Form send={submit}>
      <Screen
        title={t('openid_title')}
        main={
          <Button kind="act" type="submit" busy={busy}>
            {t(busy ? 'signing_in' : 'continue')}
          </Button>
        }
      >
        <ErrorSummary errors={error ? [{ field: 'new-passphrase', text: error }] : []} />
        <p>{t('openid_welcome', { name })}</p>
        <NewPassphrase value={passphrase} onInput={setPassphrase} error={error || undefined} first />
      </Screen>
    </Form>
  );
}
