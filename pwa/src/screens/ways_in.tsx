/** Below the sign-in form: the code where it is asked for, a passkey, the agency's sign-in, an invitation, the demo's accounts. */
import { useEffect, useState } from 'preact/hooks';
import { t } from '../state/language.ts';
import { signInByPasskey } from '../state/passkey_sign_in.ts';
import { prepareKey } from '../state/passkeys.ts';
import { fetchBootstrap } from '../state/program.ts';
import { go } from '../state/router.ts';
import { bootstrap, type SignInResult } from '../state/session.ts';
import type { DemoAccount } from '../state/types.ts';
import { call } from '../transport/client.ts';
import { passkeysExist } from '../transport/passkeys.ts';
import DemoAccounts from './demo_accounts.tsx';
import { Button } from './parts/button.tsx';
import { Field, TextInput } from './parts/field.tsx';
import { Lazy, lazily } from './parts/lazy.tsx';

const setup = lazily(() => import('./setup.tsx'), 'lock', 'parts');

interface WaysProps {
  /** Null until the server has asked for one. */
  code: string | null;
  setCode: (code: string) => void;
  /** What is wrong with it. */
  error: string | undefined;
  onChoose: (account: DemoAccount) => void;
  run: (work: () => Promise<SignInResult>) => Promise<void>;
}

export default function WaysIn({ code, setCode, error, onChoose, run }: WaysProps) {
  // The agencies' own sign-ins, as the server answered: read where they are shown.
  const [agencies, setAgencies] = useState<unknown>([]);
  useEffect(() => {
    // Not answered without a network: the form stands all the same.
    void fetchBootstrap().catch(() => undefined);
    void call('GET', '/api/openid/providers').then(setAgencies, () => undefined);
    void prepareKey();
  }, []);
  return (
    <>
      {code !== null && (
        <Field id="code" label={t('sign_in_code_label')} error={error}>
          <TextInput name="code" inputMode="numeric" value={code} onInput={setCode} autoComplete="one-time-code" enterKeyHint="go" required />
        </Field>
      )}
      <div class="actions">
        {passkeysExist() && <Button onClick={() => void run(signInByPasskey)}>{t('sign_in_passkey')}</Button>}
        <Button kind="quiet" onClick={() => go('/join')}>
          {t('join_have_code')}
        </Button>
      </div>
      {Array.isArray(agencies) && agencies.length > 0 && <Lazy inside load={setup} props={{ what: 'agency', agencies }} />}
      {bootstrap.value?.accounts && <DemoAccounts onChoose={onChoose} />}
    </>
  );
}
