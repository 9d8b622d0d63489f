/** "Who was called": whom the page tried, when, by what, with what answer. Asked of the server when it is opened. */
import { useEffect, useState } from 'preact/hooks';
import { t } from '../../state/language.ts';
import { When } from '../parts/index.ts';
import { askCalls, calledWords, type Calls } from './called.ts';

type Asked = { state: 'asking' | 'unreachable' } | { state: 'told'; calls: Calls };

function useCalls(id: string, wanted: boolean): Asked {
  const [asked, setAsked] = useState<Asked>({ state: 'asking' });
  useEffect(() => {
    if (!wanted) return;
    let current = true;
    setAsked({ state: 'asking' });
    askCalls(id).then(
      (calls) => current && setAsked({ state: 'told', calls }),
      () => current && setAsked({ state: 'unreachable' }),
    );
    return () => {
      current = false;
    };
  }, [id, wanted]);
  return asked;
}

function Lines({ calls: { entries, earlier_left_out } }: { calls: Calls }) {
  if (entries.length === 0) return <p>{t('called_none')}</p>;
  return (
    <>
      {earlier_left_out && <p class="soft">{t('called_earlier')}</p>}
      <ol class="history timeline">
        {entries.map((each, place) => (
          <li key={`${place}|${each.at}`}>
            <When at={each.at} /> {calledWords(each)}
          </li>
        ))}
      </ol>
    </>
  );
}

/** `open`: shown at once, as on the history that is printed. */
export default function WhoWasCalled({ id, open = false }: { id: string; open?: boolean }) {
  const [wanted, setWanted] = useState(open);
  const asked = useCalls(id, wanted);
  return (
    <details class="card called" open={open} onToggle={(event) => setWanted(event.currentTarget.open)}>
      <summary>
        <h2 class="card-title">{t('called_title')}</h2>
      </summary>
      <div role="status">
        {wanted && asked.state === 'asking' && <p class="soft">{t('loading')}</p>}
        {asked.state === 'unreachable' && <p class="state wait">{t('called_offline')}</p>}
      </div>
      {asked.state === 'told' && <Lines calls={asked.calls} />}
    </details>
  );
}
