/** What is wrong right now, in sentences from the server, above the queue. */
import { useEffect, useState } from 'preact/hooks';
import { announce } from '../../state/announce.ts';
import { connection } from '../../state/connection.ts';
import { t } from '../../state/language.ts';
import { now, present } from '../../state/clock.ts';
import { ago } from '../../state/times.ts';
import { askWhatIsWrong, type Wrong } from './server.ts';
import { wrongWords } from './words.ts';

const ASK_AGAIN_MS = 30_000;

type Asked = { state: 'asking' } | { state: 'unreachable' } | { state: 'told'; wrong: Wrong[]; at: number };

function useAsked(): Asked {
  const [asked, setAsked] = useState<Asked>({ state: 'asking' });
  const connected = connection.value;
  useEffect(() => {
    let current = true;
    const ask = async (): Promise<void> => {
      if (document.visibilityState === 'hidden') return;
      const next = await askWhatIsWrong().then(
        (wrong): Asked => ({ state: 'told', wrong, at: present() }),
        (): Asked => ({ state: 'unreachable' }),
      );
      if (current) setAsked(next);
    };
    void ask();
    const timer = setInterval(() => void ask(), ASK_AGAIN_MS);
    return () => {
      current = false;
      clearInterval(timer);
    };
  }, [connected]);
  return asked;
}

/** `none`: the sentence for an answer without a problem; it may say no more than what this role is told about. */
export function RightNow({ none }: { none: 'desk_wrong_none' | 'desk_wrong_none_officers' }) {
  const asked = useAsked();
  // Said aloud when it changes, not when it is asked again.
  const words = asked.state === 'told' ? asked.wrong.map(wrongWords).join(' ') : '';
  useEffect(() => {
    if (words) announce(words);
  }, [words]);
  return (
    <section class="card right-now no-print" aria-labelledby="right-now">
      <h2 id="right-now" class="card-title">
        {t('desk_wrong_title')}
      </h2>
      {asked.state === 'asking' && <p class="soft">{t('desk_wrong_asking')}</p>}
      {asked.state === 'unreachable' && <p class="state wait">{t('desk_wrong_unreachable')}</p>}
      {asked.state === 'told' && asked.wrong.length === 0 && (
        <p class="state good">{t(none, { when: ago(asked.at, now.value) ?? t('just_now') })}</p>
      )}
      {asked.state === 'told' &&
        asked.wrong.map((each) => (
          <p key={JSON.stringify(each)} class="state wait">
            {wrongWords(each)}
          </p>
        ))}
    </section>
  );
}
