/** Another way to me: which kind, then the number or mailbox; the code that comes there is typed in the list. */
import { useState } from 'preact/hooks';
import { announce } from '../../state/announce.ts';
import { t } from '../../state/language.ts';
import { goInstead } from '../../state/router.ts';
import { Button } from '../parts/button.tsx';
import { Options } from '../parts/choice.tsx';
import { ErrorSummary } from '../parts/error_summary.tsx';
import { Field, TextInput } from '../parts/field.tsx';
import { Form } from '../parts/form.tsx';
import { Screen } from '../parts/screen.tsx';
import { addWay, refusalOf, tidied, type ContactChannel } from './ways.ts';

interface AddProps {
  /** Null while the server has not said. */
  available: ContactChannel[] | null;
  onAdded: () => void;
}

const toList = (): void => goInstead('/me/reached');

export function AddWay({ available, onAdded }: AddProps) {
  const [chosen, setChosen] = useState<ContactChannel | null>(null);
  const [typed, setTyped] = useState('');
  const [wrong, setWrong] = useState('');
  const [busy, setBusy] = useState(false);
  const channel = chosen ?? available?.[0] ?? 'sms';
  const add = async (): Promise<void> => {
    if (busy) return;
    const address = tidied(channel, typed);
    if (address === '') return setWrong(t(channel === 'email' ? 'reached_email_missing' : 'reached_number_missing'));
    setBusy(true);
    try {
      await addWay(channel, address);
      announce(t('reached_code_sent'));
      onAdded();
      toList();
    } catch (error) {
      const why = refusalOf(error);
      setWrong(t(why === 'invalid' && channel === 'email' ? 'reached_invalid_email' : `reached_${why}`));
    }
    setBusy(false);
  };
  return (
    <Form send={add}>
      <Screen
        title={t('reached_add')}
        back={toList}
        main={
          <Button kind="act" type="submit" busy={busy}>
            {t('reached_send_code')}
          </Button>
        }
      >
        <ErrorSummary errors={wrong ? [{ field: 'address', text: wrong }] : []} />
        <Options
          label={t('reached_kind')}
          value={channel}
          onChoose={(kind) => {
            setChosen(kind);
            setWrong('');
          }}
          options={(available ?? []).map((kind) => ({ value: kind, label: t(`reached_${kind}`), hint: t(`reached_${kind}_hint`) }))}
        />
        <AddressField channel={channel} typed={typed} onInput={setTyped} wrong={wrong} />
      </Screen>
    </Form>
  );
}

function AddressField({ channel, typed, onInput, wrong }: { channel: ContactChannel; typed: string; onInput: (text: string) => void; wrong: string }) {
  const mail = channel === 'email';
  return (
    <Field
      id="address"
      label={t(mail ? 'reached_email_field' : 'reached_number_field')}
      hint={mail ? undefined : t('reached_number_hint')}
      error={wrong || undefined}
    >
      <TextInput
        value={typed}
        onInput={onInput}
        type={mail ? 'text' : 'tel'}
        inputMode={mail ? 'text' : 'tel'}
        autoComplete={mail ? 'email' : 'tel'}
        autoCapitalize="none"
        enterKeyHint="send"
        maxLength={mail ? 254 : 32}
        required
      />
    </Field>
  );
}
