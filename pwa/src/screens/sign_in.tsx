/** The first sign-in on this phone, and the way back in when the passphrase was changed elsewhere. */
import { useEffect, useState } from 'preact/hooks';
import { t } from '../state/language.ts';
import { bootstrap, chooseOfficer, fetchBootstrap, knownOfficers, me, signIn, type SignInResult } from '../state/session.ts';
import type { DemoAccount } from '../state/types.ts';
import { Button } from './parts/button.tsx';
import { ErrorSummary, type FieldError } from './parts/error_summary.tsx';
import { Field, TextInput } from './parts/field.tsx';
import { Lazy, lazily } from './parts/lazy.tsx';
import { Screen } from './parts/screen.tsx';

const passphraseChanged = lazily(() => import('./passphrase_changed.tsx'), 'lock');
const demoAccounts = lazily(() => import('./demo_accounts.tsx'), 'parts');

type Refusal = Exclude<SignInResult, { ok: true }>;

const sentences = {
  refused: 'sign_in_refused',
  offline: 'sign_in_offline',
  server: 'sign_in_server',
  storage: 'sign_in_storage',
  device: 'sign_in_device',
} as const;

/** A refusal as the error summary shows it. */
export function explain(refusal: Refusal): FieldError[] {
  if (refusal.why === 'old_passphrase') return [];
  if (refusal.why === 'too_many') return [{ text: t('sign_in_too_many', { minutes: refusal.minutes }) }];
  return [{ text: t(sentences[refusal.why]), ...(refusal.why === 'refused' ? { field: 'passphrase' } : {}) }];
}

function missing(login: string, passphrase: string): FieldError[] {
  return [
    ...(login.trim() ? [] : [{ field: 'login', text: t('login_missing') }]),
    ...(passphrase ? [] : [{ field: 'passphrase', text: t('passphrase_missing') }]),
  ];
}

export default function SignIn() {
  const [login, setLogin] = useState(me.peek()?.login ?? '');
  const [passphrase, setPassphrase] = useState('');
  const [errors, setErrors] = useState<FieldError[]>([]);
  const [busy, setBusy] = useState(false);
  const [changed, setChanged] = useState(false);

  useEffect(() => {
    void fetchBootstrap();
  }, []);

  const fill = (account: DemoAccount): void => {
    setLogin(account.login);
    setPassphrase(account.password);
    setErrors([]);
  };
  const submit = async (): Promise<void> => {
    const gaps = missing(login, passphrase);
    setErrors(gaps);
    if (gaps.length > 0 || busy) return;
    setBusy(true);
    const result = await signIn(login.trim(), passphrase);
    setBusy(false);
    if (result.ok) return;
    setChanged(result.why === 'old_passphrase');
    setErrors(explain(result));
  };

  if (changed) return <Lazy load={passphraseChanged} props={{ login, passphrase, onBack: () => setChanged(false) }} />;
  const accounts = bootstrap.value?.accounts;
  const button = (
    <Button kind="act" type="submit" busy={busy}>
      {t(busy ? 'signing_in' : 'sign_in')}
    </Button>
  );
  const errorOf = (field: string): string | undefined => errors.find((error) => error.field === field)?.text;
  return (
    <form
      class="fill"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <Screen
        title={t('sign_in_title')}
        back={knownOfficers.value.length > 0 ? () => chooseOfficer(null) : undefined}
        main={accounts ? undefined : button}
      >
        <ErrorSummary errors={errors} />
        <p class="soft">{t('sign_in_lead')}</p>
        <Field id="login" label={t('login')} error={errorOf('login')}>
          <TextInput
            name="username"
            value={login}
            onInput={setLogin}
            autoComplete="username"
            autoCapitalize="none"
            enterKeyHint="next"
            required
          />
        </Field>
        <Field id="passphrase" label={t('passphrase')} error={errorOf('passphrase')}>
          <TextInput
            name="password"
            type="password"
            value={passphrase}
            onInput={setPassphrase}
            autoComplete="current-password"
            enterKeyHint="go"
            required
          />
        </Field>
        {accounts && button}
        {accounts && <Lazy inside load={demoAccounts} props={{ onChoose: fill }} />}
      </Screen>
    </form>
  );
}
