/** The first sign-in on this phone, and the way back in when the passphrase was changed elsewhere. */
import { useEffect, useState } from 'preact/hooks';
import { t } from '../state/language.ts';
import {
  bootstrap, chooseOfficer, fetchBootstrap, forgetOldVault, knownOfficers, me, rewrap, signIn, type SignInResult,
} from '../state/session.ts';
import type { DemoAccount } from '../state/types.ts';
import { Button } from './parts/button.tsx';
import { ErrorSummary, type FieldError } from './parts/error_summary.tsx';
import { Field, TextInput } from './parts/field.tsx';
import { Card, Screen } from './parts/screen.tsx';

type Refusal = Exclude<SignInResult, { ok: true }>;

const sentences = {
  refused: 'sign_in_refused',
  offline: 'sign_in_offline',
  server: 'sign_in_server',
  storage: 'sign_in_storage',
  device: 'sign_in_device',
} as const;

function explain(refusal: Refusal): FieldError[] {
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

  if (changed) return <PassphraseChanged login={login} passphrase={passphrase} onBack={() => setChanged(false)} />;
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
        main={
          <Button kind="act" type="submit" busy={busy}>
            {t(busy ? 'signing_in' : 'sign_in')}
          </Button>
        }
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
        <DemoAccounts
          onChoose={(account) => {
            setLogin(account.login);
            setPassphrase(account.password);
            setErrors([]);
          }}
        />
      </Screen>
    </form>
  );
}

function DemoAccounts({ onChoose }: { onChoose: (account: DemoAccount) => void }) {
  const accounts = bootstrap.value?.accounts ?? [];
  if (accounts.length === 0) return null;
  const programs = [...new Set(accounts.map((account) => account.program))];
  return (
    <Card title={t('demo_accounts')}>
      <p class="hint">{t('demo_accounts_hint')}</p>
      {programs.map((program) => (
        <details key={program} open={program === programs[0]}>
          <summary>{program}</summary>
          <div class="actions">
            {accounts
              .filter((account) => account.program === program)
              .map((account) => (
                <Button key={account.login} onClick={() => onChoose(account)}>
                  <span>
                    {t(`role_${account.role}`)}
                    <span class="hint"> {account.name}</span>
                  </span>
                </Button>
              ))}
          </div>
        </details>
      ))}
    </Card>
  );
}

interface ChangedProps {
  login: string;
  passphrase: string;
  onBack: () => void;
}

/** The server took the new passphrase; what lies on the phone opens with the old one. */
function PassphraseChanged({ login, passphrase, onBack }: ChangedProps) {
  const [old, setOld] = useState('');
  const [errors, setErrors] = useState<FieldError[]>([]);
  const [busy, setBusy] = useState(false);
  const [giveUp, setGiveUp] = useState(false);

  const run = async (work: () => Promise<SignInResult>): Promise<void> => {
    if (busy) return;
    setBusy(true);
    const result = await work();
    setBusy(false);
    if (result.ok) return;
    setErrors(
      result.why === 'old_passphrase' ? [{ field: 'old', text: t('old_passphrase_wrong') }] : explain(result),
    );
  };
  return (
    <form
      class="fill"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void run(() => rewrap(login, old, passphrase));
      }}
    >
      <Screen
        title={t('old_passphrase_title')}
        back={onBack}
        main={
          <Button kind="act" type="submit" busy={busy}>
            {t('old_passphrase_use')}
          </Button>
        }
      >
        <ErrorSummary errors={errors} />
        <p>{t('old_passphrase_lead')}</p>
        <Field id="old" label={t('old_passphrase')} error={errors[0]?.field && errors[0].text}>
          <TextInput name="old" type="password" value={old} onInput={setOld} autoComplete="off" enterKeyHint="go" required />
        </Field>
        {giveUp ? (
          <Card tone="bad">
            <p>{t('start_afresh_lead')}</p>
            <Button kind="danger" busy={busy} onClick={() => void run(() => forgetOldVault(login, passphrase))}>
              {t('start_afresh_yes')}
            </Button>
          </Card>
        ) : (
          <Button kind="quiet" onClick={() => setGiveUp(true)}>
            {t('start_afresh')}
          </Button>
        )}
      </Screen>
    </form>
  );
}
