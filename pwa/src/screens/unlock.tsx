/** The locked phone: who, one passphrase, and the ways that remain when there is none. Needs no network. */
import { useState } from 'preact/hooks';
import { waiting } from '../state/connection.ts';
import { t, tn } from '../state/language.ts';
import { chooseOfficer, knownOfficers, me, signInInstead, unlock, writeOnly } from '../state/session.ts';
import { Button } from './parts/button.tsx';
import { ErrorSummary } from './parts/error_summary.tsx';
import { Field, TextInput } from './parts/field.tsx';
import { Card, Screen } from './parts/screen.tsx';

export default function Unlock() {
  const officer = knownOfficers.value.find((each) => each.device_id === me.value?.device_id);
  if (!officer) return <WhoIsIt />;
  return officer.unlockable ? <Passphrase key={officer.device_id} login={officer.login} /> : <WrapsGone />;
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

function Passphrase({ login }: { login: string }) {
  const [passphrase, setPassphrase] = useState('');
  const [wrong, setWrong] = useState('');
  const [busy, setBusy] = useState(false);

  const open = async (): Promise<void> => {
    if (busy) return;
    setBusy(true);
    try {
      const opened = passphrase !== '' && (await unlock(passphrase));
      if (!opened) setWrong(t(passphrase ? 'unlock_wrong' : 'passphrase_missing'));
    } catch {
      setWrong(t('could_not_load'));
    }
    setBusy(false);
  };
  return (
    <form
      class="fill"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void open();
      }}
    >
      <Screen
        title={t('locked_title')}
        focusTitle={false}
        main={
          <Button kind="act" type="submit" busy={busy}>
            {t(busy ? 'unlocking' : 'unlock')}
          </Button>
        }
      >
        <ErrorSummary errors={wrong ? [{ field: 'passphrase', text: wrong }] : []} />
        <input class="hidden" name="username" autoComplete="username" value={login} readOnly tabIndex={-1} aria-hidden="true" />
        <Field id="passphrase" label={t('passphrase')} hint={t('unlock_as', { login })} error={wrong || undefined}>
          <TextInput
            name="password"
            type="password"
            value={passphrase}
            onInput={(text) => {
              setPassphrase(text);
              setWrong('');
            }}
            autoComplete="current-password"
            enterKeyHint="go"
            required
            focusFirst
          />
        </Field>
        <WaitingWork />
        <div class="stack">
          <Button kind="quiet" onClick={() => chooseOfficer(null)}>
            {t('switch_officer')}
          </Button>
          <details>
            <summary>{t('cannot_unlock')}</summary>
            <WithoutKey />
          </details>
        </div>
      </Screen>
    </form>
  );
}

function WithoutKey() {
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

function WrapsGone() {
  return (
    <Screen
      title={t('wraps_gone_title')}
      main={
        <Button kind="act" onClick={signInInstead}>
          {t('sign_in')}
        </Button>
      }
    >
      <p>{t('wraps_gone_lead')}</p>
      <WithoutKey />
      <Button kind="quiet" onClick={() => chooseOfficer(null)}>
        {t('switch_officer')}
      </Button>
    </Screen>
  );
}
