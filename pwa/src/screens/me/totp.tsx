/** The code from an authenticator app: its secret shown once, confirmed by the first code, taken away again. */
import { useState } from 'preact/hooks';
import { factorAdded } from '../../state/renewal.ts';
import { t } from '../../state/language.ts';
import { Problem } from '../../transport/client.ts';
import { Button } from '../parts/button.tsx';
import { Card } from '../parts/screen.tsx';
import { CodeField } from './code_field.tsx';
import { Said } from './said.tsx';
import { askTotp, confirmTotp, removeTotp } from './server.ts';
import { useWork, type Outcome } from './use_work.ts';

const GROUP = /.{1,4}/g;

export function Totp({ on, look }: { on: boolean; look: () => Promise<void> }) {
  const { busy, said, bad, run } = useWork();
  const [made, setMade] = useState<{ secret: string; uri: string } | null>(null);
  const [code, setCode] = useState('');
  const begin = async (): Promise<Outcome> => {
    setMade(await askTotp());
    return null;
  };
  const confirm = async (): Promise<Outcome> => {
    try {
      await confirmTotp(code.trim());
    } catch (error) {
      if (error instanceof Problem && (error.status === 409 || error.status === 422)) return { bad: t('totp_wrong') };
      throw error;
    }
    setMade(null);
    setCode('');
    factorAdded();
    await look();
    return { good: t('totp_on') };
  };
  const remove = async (): Promise<Outcome> => {
    await removeTotp();
    await look();
    return null;
  };
  return (
    <Card title={t('totp_title')}>
      <p>{t(on ? 'totp_on' : 'totp_lead')}</p>
      {made && (
        <form
          class="stack"
          onSubmit={(event) => {
            event.preventDefault();
            void run(confirm);
          }}
        >
          <p>{t('totp_secret')}</p>
          <pre class="copied">{made.secret.match(GROUP)?.join(' ')}</pre>
          <a class="button" href={made.uri}>
            {t('totp_open')}
          </a>
          <CodeField label={t('totp_code')} value={code} onInput={setCode} />
          <Button type="submit" busy={busy}>
            {t('totp_confirm')}
          </Button>
        </form>
      )}
      {!made && (
        <Button busy={busy} onClick={() => void run(on ? remove : begin)}>
          {t(on ? 'totp_remove' : 'totp_add')}
        </Button>
      )}
      <Said said={said} bad={bad} />
    </Card>
  );
}
