/** Changing the passphrase, on the server and on this phone; adding it to a phone that only a passkey opens. */
import { useState } from 'preact/hooks';
import { addPassphrase, changePassphrase } from '../../state/keyring.ts';
import { t } from '../../state/language.ts';
import { knownOfficers, me } from '../../state/session.ts';
import { Problem } from '../../transport/client.ts';
import { Button } from '../parts/button.tsx';
import { Field, TextInput } from '../parts/field.tsx';
import { ownPasskeys } from '../parts/passkey_button.tsx';
import { Card } from '../parts/screen.tsx';
import { CodeField } from './code_field.tsx';
import { NewPassphrase, tooShort } from './new_passphrase.tsx';
import { Said } from './said.tsx';
import { useWork, type Outcome } from './use_work.ts';

/** `known`: the server has a passphrase for the person. */
export function Passphrase({ known }: { known: boolean }) {
  const here = knownOfficers.value.find(({ device_id }) => device_id === me.value?.device_id)?.passphrase !== false;
  if (!known) return null;
  return <Card title={t('passphrase_title')}>{here ? <Change /> : <Add />}</Card>;
}

function Change() {
  const { busy, said, bad, run } = useWork();
  const [former, setFormer] = useState('');
  const [next, setNext] = useState('');
  const [code, setCode] = useState<string | null>(null);
  const change = async (): Promise<Outcome> => {
    if (tooShort(next)) return { bad: t('passphrase_short') };
    try {
      if (!(await changePassphrase(former, next, code ?? undefined))) return { bad: t('passphrase_former_wrong') };
    } catch (error) {
      if (error instanceof Problem && error.code === 'code-needed') {
        setCode('');
        return { bad: t('sign_in_code') };
      }
      if (error instanceof Problem && error.status === 422) return { bad: t('passphrase_weak') };
      throw error;
    }
    setFormer('');
    setNext('');
    setCode(null);
    return { good: t('passphrase_changed_here') };
  };
  return (
    <details>
      <summary>{t('passphrase_change')}</summary>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void run(change);
        }}
      >
        <Field label={t('passphrase_now')}>
          <TextInput type="password" autoComplete="current-password" value={former} onInput={setFormer} required />
        </Field>
        <NewPassphrase value={next} onInput={setNext} />
        {code !== null && <CodeField label={t('sign_in_code_label')} value={code} onInput={setCode} />}
        <Button type="submit" busy={busy}>
          {t('passphrase_change')}
        </Button>
        <Said said={said} bad={bad} />
      </form>
    </details>
  );
}

function Add() {
  const { busy, said, bad, run } = useWork();
  const [passphrase, setPassphrase] = useState('');
  const add = async (): Promise<Outcome> => {
    const added = await addPassphrase(ownPasskeys(), passphrase);
    if (added === 'opens') return { good: t('access_saved') };
    return { bad: t(added === 'not_used' ? 'sign_in_passkey_not_used' : 'confirm_wrong') };
  };
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        void run(add);
      }}
    >
      <Field label={t('passphrase')}>
        <TextInput type="password" autoComplete="current-password" value={passphrase} onInput={setPassphrase} required />
      </Field>
      <Button type="submit" busy={busy}>
        {t('passkey_open_too')}
      </Button>
      <Said said={said} bad={bad} />
    </form>
  );
}
