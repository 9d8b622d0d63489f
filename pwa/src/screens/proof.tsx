/** Before something that asks for it: is it you? One tap or the passphrase, on whatever screen one is. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { t } from '../state/language.ts';
import { proofSettled } from '../state/proof.ts';
import { prepareKey, proveByPasskey, proveByPassphrase, type Proved } from '../state/proving.ts';
import { CodeField } from './me/code_field.tsx';
import { Button } from './parts/button.tsx';
import { Field, TextInput } from './parts/field.tsx';
import { ownPasskeys } from './parts/passkey_button.tsx';
import { passkeysExist } from '../transport/passkeys.ts';

const SENTENCES = {
  refused: 'proof_refused',
  not_used: 'sign_in_passkey_not_used',
  code: 'sign_in_code',
  wait: 'proof_wait',
  failed: 'access_offline',
} as const;

export default function Proof() {
  const dialog = useRef<HTMLDialogElement>(null);
  const [passphrase, setPassphrase] = useState('');
  const [code, setCode] = useState<string | null>(null);
  const [wrong, setWrong] = useState('');
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    dialog.current?.showModal();
    void prepareKey();
  }, []);
  const give = async (work: () => Promise<Proved>): Promise<void> => {
    if (busy) return;
    setBusy(true);
    const proved = await work();
    setBusy(false);
    if (proved === 'given') return;
    if (proved === 'code') setCode('');
    setWrong(t(SENTENCES[proved]));
  };
  return (
    <dialog class="proof" ref={dialog} aria-labelledby="proof-title" onClose={() => proofSettled(false)}>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void give(() => proveByPassphrase(passphrase, code ?? undefined));
        }}
      >
        <h2 id="proof-title">{t('proof_title')}</h2>
        <p class="soft">{t('proof_lead')}</p>
        {wrong && (
          <p class="state bad" role="alert">
            {wrong}
          </p>
        )}
        {passkeysExist() && (
          <Button busy={busy} onClick={() => void give(() => proveByPasskey(ownPasskeys()))}>
            {t('proof_passkey')}
          </Button>
        )}
        <Field label={t('passphrase')}>
          <TextInput type="password" autoComplete="current-password" enterKeyHint="go" value={passphrase} onInput={setPassphrase} />
        </Field>
        {code !== null && <CodeField label={t('sign_in_code_label')} value={code} onInput={setCode} />}
        <div class="actions">
          <Button onClick={() => proofSettled(false)}>{t('cancel')}</Button>
          <Button kind="act" type="submit" busy={busy}>
            {t('proof_give')}
          </Button>
        </div>
      </form>
    </dialog>
  );
}
