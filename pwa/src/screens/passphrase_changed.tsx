/** The server took the new passphrase; what lies on the phone opens with the old one, once more. */
import { useState } from 'preact/hooks';
import { enrolAfresh, rewrapAndEnter } from '../state/enrolling.ts';
import { t } from '../state/language.ts';
import type { SignInResult } from '../state/session.ts';
import { Button } from './parts/button.tsx';
import { ErrorSummary, type FieldError } from './parts/error_summary.tsx';
import { Field, TextInput } from './parts/field.tsx';
import { Form } from './parts/form.tsx';
import { Card, Screen } from './parts/screen.tsx';
import { explain } from './sign_in.tsx';

export interface ChangedProps {
  passphrase: string;
  onBack: () => void;
}

export default function PassphraseChanged({ passphrase, onBack }: ChangedProps) {
  const [old, setOld] = useState('');
  const [errors, setErrors] = useState<FieldError[]>([]);
  const [busy, setBusy] = useState(false);

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
    <Form send={() => run(() => rewrapAndEnter(old, passphrase))}>
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
        <Field id="old" label={t('old_passphrase_label')} error={errors[0]?.field && errors[0].text}>
          <TextInput name="old" type="password" value={old} onInput={setOld} autoComplete="off" enterKeyHint="go" required />
        </Field>
        <details>
          <summary>{t('start_afresh')}</summary>
          <Card tone="bad">
            <p>{t('start_afresh_lead')}</p>
            <Button kind="danger" busy={busy} onClick={() => void run(() => enrolAfresh(passphrase))}>
              {t('start_afresh_yes')}
            </Button>
          </Card>
        </details>
      </Screen>
    </Form>
  );
}
