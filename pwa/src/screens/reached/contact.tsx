/** A number or a mailbox of mine: whether it is proven, the code that proves it, and taking it away. */
import { useState } from 'preact/hooks';
import { announce } from '../../state/announce.ts';
import { t } from '../../state/language.ts';
import { Button } from '../parts/button.tsx';
import { ErrorSummary } from '../parts/error_summary.tsx';
import { Field, TextInput } from '../parts/field.tsx';
import { Card } from '../parts/screen.tsx';
import { When } from '../parts/when.tsx';
import { addWay, proveWay, refusalOf, removeWay, standingOf, type Contact } from './ways.ts';

interface ContactProps {
  contact: Contact;
  /** A test was just sent by every proven way. */
  tested: boolean;
  onChanged: () => void;
}

export function ContactCard({ contact, tested, onChanged }: ContactProps) {
  const standing = standingOf(contact);
  return (
    <Card title={`${t(`reached_${contact.channel}`)} · ${contact.address}`} tone={standing === 'failed' ? 'bad' : undefined}>
      {standing === 'proven' && <p class="state good">{t('reached_proven')}</p>}
      {standing === 'failed' && <p class="state bad">{t('reached_failed')}</p>}
      {standing === 'waiting' && <p class="state wait">{t('reached_unproven')}</p>}
      {standing === 'proven' && contact.last_ok_at !== null && (
        <p class="soft">
          {t('reached_last_sent')} <When at={contact.last_ok_at} />
        </p>
      )}
      {standing === 'proven' && tested && <p class="soft">{t('reached_look_there')}</p>}
      {standing !== 'proven' && <Prove contact={contact} onChanged={onChanged} />}
      <Remove contact={contact} onChanged={onChanged} />
    </Card>
  );
}

function Prove({ contact, onChanged }: Omit<ContactProps, 'tested'>) {
  const [code, setCode] = useState('');
  const [wrong, setWrong] = useState('');
  const [busy, setBusy] = useState(false);
  const field = `code-${contact.id}`;
  const work = async (task: () => Promise<void>, refused: (why: string) => string): Promise<void> => {
    if (busy) return;
    setBusy(true);
    setWrong('');
    await task().then(onChanged, (error: unknown) => setWrong(refused(refusalOf(error))));
    setBusy(false);
  };
  const said = (why: string): string => t(why === 'offline' ? 'reached_offline' : why === 'too_soon' ? 'reached_too_soon' : 'reached_server');
  const prove = (): void => {
    if (!/^\d{6}$/.test(code.trim())) return setWrong(t('reached_code_digits'));
    void work(() => proveWay(contact.id, code.trim()), (why) => (why === 'invalid' || why === 'full' ? t('reached_code_wrong') : said(why)));
  };
  const again = (): void =>
    void work(async () => {
      await addWay(contact.channel, contact.address);
      announce(t('reached_code_sent'));
    }, said);
  return (
    <form
      class="stack"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        prove();
      }}
    >
      <ErrorSummary errors={wrong ? [{ field, text: wrong }] : []} />
      <Field id={field} label={t('reached_code')} hint={t('reached_code_hint')} error={wrong || undefined}>
        <TextInput value={code} onInput={setCode} inputMode="numeric" autoComplete="one-time-code" enterKeyHint="done" maxLength={6} required />
      </Field>
      <div class="actions">
        <Button type="submit" busy={busy}>
          {t('reached_prove')}
        </Button>
        <Button kind="quiet" busy={busy} onClick={again}>
          {t('reached_code_again')}
        </Button>
      </div>
    </form>
  );
}

function Remove({ contact, onChanged }: Omit<ContactProps, 'tested'>) {
  const [asking, setAsking] = useState(false);
  const [failed, setFailed] = useState(false);
  const remove = (): void => {
    setAsking(false);
    void removeWay(contact.id).then(onChanged, () => setFailed(true));
  };
  return (
    <>
      {failed && <p class="error" role="alert">{t('reached_offline')}</p>}
      {asking ? (
        <div class="actions">
          <Button kind="danger" onClick={remove}>
            {t('reached_remove_yes')}
          </Button>
          <Button onClick={() => setAsking(false)}>{t('cancel')}</Button>
        </div>
      ) : (
        <Button kind="quiet" label={t('reached_remove_which', { address: contact.address })} onClick={() => setAsking(true)}>
          {t('reached_remove')}
        </Button>
      )}
    </>
  );
}
