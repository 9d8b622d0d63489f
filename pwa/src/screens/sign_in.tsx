/** The first sign-in on this phone, and the way back in when the passphrase was changed elsewhere. */
import { useState } from 'preact/hooks';
import { t, type Values } from '../state/language.ts';
import { bootstrap, chooseOfficer, knownOfficers, me, signIn, type SignInResult } from '../state/session.ts';
import type { DemoAccount } from '../state/types.ts';
import { Button } from './parts/button.tsx';
import { ErrorSummary, type FieldError } from './parts/error_summary.tsx';
import { Field, TextInput } from './parts/field.tsx';
import { Form } from './parts/form.tsx';
import { Lazy, lazily } from './parts/lazy.tsx';
import { Screen } from './parts/screen.tsx';

const setup = lazily(() => import('./setup.tsx'), 'lock');
const waysIn = lazily(() => import('./ways_in.tsx'), 'lock', 'parts');

type Refusal = Exclude<SignInResult, { ok: true }>;

/** A refusal as the error summary shows it; rarer ones are sentences of the lock. */
export function explain(refusal: Refusal): FieldError[] {
  const { why } = refusal;
  if (why === 'old_passphrase') return [];
  const text = t(`sign_in_${why}`, refusal as unknown as Values);
  return [why === 'refused' ? { text, field: 'passphrase' } : why === 'code' ? { text, field: why } : { text }];
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
  // Null until the server has asked for one.
  const [code, setCode] = useState<string | null>(null);

  const fill = (account: DemoAccount): void => {
    setLogin(account.login);
    setPassphrase(account.password);
    setErrors([]);
  };
  const submit = async (): Promise<void> => {
    const gaps = missing(login, passphrase);
    setErrors(gaps);
    if (gaps.length > 0 || busy) return;
    await run(() => signIn(login.trim(), passphrase, code));
  };
  const run = async (work: () => Promise<SignInResult>): Promise<void> => {
    setBusy(true);
    const result = await work();
    if (!result.ok) {
      // Its sentences say why.
      await waysIn().catch(() => undefined);
      setChanged(result.why === 'old_passphrase');
      if (result.why === 'code') setCode('');
      setErrors(explain(result));
    }
    setBusy(false);
  };

  if (changed) return <Lazy load={setup} props={{ what: 'passphrase', changed: { passphrase, onBack: () => setChanged(false) } }} />;
  const accounts = bootstrap.value?.accounts;
  const button = (
    <Button kind="act" type="submit" busy={busy}>
      {t(busy ? 'signing_in' : 'sign_in')}
    </Button>
  );
  const errorOf = (field: string): string | undefined => errors.find((error) => error.field === field)?.text;
  return (
    <Form send={submit}>
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
        <Lazy inside load={waysIn} props={{ onChoose: fill, run, code, setCode, error: errorOf('code') }} />
      </Screen>
    </Form>
  );
}
