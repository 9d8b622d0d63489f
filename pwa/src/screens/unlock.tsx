/** The locked phone: who, one passphrase, and the ways that remain when there is none. Needs no network. */
import { useState } from 'preact/hooks';
import { waiting } from '../state/connection.ts';
import { t, tn } from '../state/language.ts';
import { chooseOfficer, knownOfficers, me, signInInstead, unlock, writeOnly, type KnownOfficer } from '../state/session.ts';
import { forgetPin, pinned, triesLeft } from '../state/tries.ts';
import { unlockByPin } from '../state/unlocking.ts';
import { WRONG_LIMIT } from '../storage/attempts.ts';
import { Button } from './parts/button.tsx';
import { ErrorSummary } from './parts/error_summary.tsx';
import { Field, TextInput } from './parts/field.tsx';
import { Form } from './parts/form.tsx';
import { Lazy, lazily } from './parts/lazy.tsx';
import { ownPasskeys, PasskeyButton } from './parts/passkey_button.tsx';
import { Card, Screen } from './parts/screen.tsx';

/** Who took the key. A phone of an older version has not counted. */
export const keyGone = ({ wrong = 0 }: Pick<KnownOfficer, 'wrong'>): 'guessed' | 'removed' => (wrong < WRONG_LIMIT ? 'removed' : 'guessed');

// Rare, and long in the telling. Kept on the phone like every file of the app, so it needs no network either.
const setup = lazily(() => import('./setup.tsx'));

export default function Unlock() {
  const officer = knownOfficers.value.find((each) => each.device_id === me.value?.device_id);
  if (!officer) return <WhoIsIt />;
  if (!officer.unlockable) return <Lazy load={setup} props={{ what: keyGone(officer) }} />;
  return officer.passphrase === false ? <PasskeyOnly /> : <Typed key={officer.device_id} login={officer.login} />;
}

/** Enrolled by a passkey, and no passphrase set for this phone. */
function PasskeyOnly() {
  return (
    <Screen title={t('locked_title')} main={<PasskeyButton kind="act" />}>
      <p class="soft">{t('sign_in_passkey_only')}</p>
      <WaitingWork />
      <Button kind="quiet" onClick={() => chooseOfficer(null)}>
        {t('switch_officer')}
      </Button>
      <details>
        <summary>{t('cannot_unlock')}</summary>
        <WithoutKey />
      </details>
    </Screen>
  );
}

function WhoIsIt() {
  return (
    <Screen title={t('choose_officer')}>
      <div class="rows">
        {knownOfficers.value.map((officer) => (
          <Button key={officer.device_id} onClick={() => chooseOfficer(officer.device_id)}>
            {officer.login}
          </Button>
        ))}
        <Button kind="quiet" onClick={signInInstead}>
          {t('choose_other')}
        </Button>
      </div>
      <WaitingWork />
    </Screen>
  );
}

function WaitingWork() {
  return waiting.value > 0 ? <p class="soft">{tn('unsent_of_others', waiting.value)}</p> : null;
}

/** Said before the last tries: the tenth wrong passphrase shuts the drafts for good. */
const WARN_AT = 3;

function TriesLeft() {
  const left = triesLeft.value;
  return left !== null && left <= WARN_AT ? <p class="state bad">{tn('tries_left', left)}</p> : null;
}

/** The way in that the person types: the PIN where this page holds one, else the passphrase. */
function Typed({ login }: { login: string }) {
  const [passphrase, setPassphrase] = useState('');
  const [wrong, setWrong] = useState('');
  const [busy, setBusy] = useState(false);
  const lock = pinned.value;
  const byPin = lock !== null && lock.device_id === me.value?.device_id;
  const own = ownPasskeys();

  const open = async (): Promise<void> => {
    if (busy) return;
    setBusy(true);
    try {
      const opened = passphrase !== '' && (await (byPin ? unlockByPin : unlock)(passphrase));
      if (opened) return;
      setPassphrase('');
      setWrong(t(byPin ? 'pin_wrong' : passphrase ? 'unlock_wrong' : 'passphrase_missing'));
    } catch {
      setWrong(t('could_not_load'));
    }
    setBusy(false);
  };
  return (
    <Form send={open}>
      <Screen
        title={t('locked_title')}
        focusTitle={false}
        main={
          <>
            <PasskeyButton kind="act" />
            <Button kind={own.length > 0 ? 'plain' : 'act'} type="submit" busy={busy}>
              {t(busy ? 'unlocking' : 'unlock')}
            </Button>
          </>
        }
      >
        <ErrorSummary errors={wrong ? [{ field: 'passphrase', text: wrong }] : []} />
        <TriesLeft />
        <input class="hidden" name="username" autoComplete="username" value={login} readOnly tabIndex={-1} aria-hidden="true" />
        <Field id="passphrase" label={t(byPin ? 'pin' : 'passphrase')} hint={t('unlock_as', { login })} error={wrong || undefined}>
          <TextInput
            // Another name, so that no browser offers to keep a PIN as the passphrase.
            name={byPin ? 'pin' : 'password'}
            type="password"
            inputMode={byPin ? 'numeric' : 'text'}
            value={passphrase}
            onInput={(text) => {
              setPassphrase(text);
              setWrong('');
            }}
            autoComplete={byPin ? 'off' : 'current-password'}
            enterKeyHint="go"
            required
            // A keyboard would cover the button of the passkey.
            focusFirst={own.length === 0}
          />
        </Field>
        <WaitingWork />
        <div class="stack">
          {byPin && (
            <Button kind="quiet" onClick={forgetPin}>
              {t('pin_forget')}
            </Button>
          )}
          <Button kind="quiet" onClick={() => chooseOfficer(null)}>
            {t('switch_officer')}
          </Button>
          <details>
            <summary>{t('cannot_unlock')}</summary>
            <WithoutKey />
          </details>
        </div>
      </Screen>
    </Form>
  );
}

export function WithoutKey() {
  return (
    <Card title={t('write_only_title')}>
      <p>{t('write_only_lead')}</p>
      <div class="actions">
        <Button onClick={writeOnly}>{t('write_only_start')}</Button>
        <Button onClick={signInInstead}>{t('sign_in')}</Button>
      </div>
    </Card>
  );
}
