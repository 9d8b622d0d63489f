/** Where one is signed in, and ending what is not oneself. */
import { useEffect, useState } from 'preact/hooks';
import { t } from '../../state/language.ts';
import { Button } from '../parts/button.tsx';
import { Card } from '../parts/screen.tsx';
import { When } from '../parts/when.tsx';
import { Said } from './said.tsx';
import { askSessions, endSession, type OpenSession } from './server.ts';
import { useWork, type Outcome } from './use_work.ts';

export function Sessions() {
  const { busy, said, bad, run } = useWork();
  const [sessions, setSessions] = useState<readonly OpenSession[]>([]);
  const look = async (): Promise<void> => setSessions(await askSessions());
  useEffect(() => void look().catch(() => undefined), []);
  const end = async (id: string): Promise<Outcome> => {
    await endSession(id);
    await look();
    return null;
  };
  return (
    <Card title={t('sessions_title')}>
      {sessions.map(({ id, label, seen_at, current }) => {
        const name = label ?? t('session_unnamed');
        return (
          <section key={id} class="stack">
            <h3>{name}</h3>
            {current ? (
              <p class="soft">{t('session_here')}</p>
            ) : (
              <>
                <p class="soft">
                  {t('session_seen')} <When at={seen_at} />
                </p>
                <Button busy={busy} label={t('session_end_label', { label: name })} onClick={() => void run(() => end(id))}>
                  {t('session_end')}
                </Button>
              </>
            )}
          </section>
        );
      })}
      <Said said={said} bad={bad} />
    </Card>
  );
}
