/** The history of a referral as sentences; made to be printed. */
import { useEffect, useState } from 'preact/hooks';
import { now } from '../../state/clock.ts';
import { t } from '../../state/language.ts';
import { go } from '../../state/router.ts';
import { date, timeOfDay } from '../../state/times.ts';
import type { ReferralRecord } from '../../state/types.ts';
import { Button, Screen, WhenDone } from '../parts/index.ts';
import { Lazy, lazily } from '../parts/lazy.tsx';
import { tellHistory, type Told } from './history.ts';
import { askHistory } from './server.ts';

const whoWasCalled = lazily(() => import('./timeline.tsx'), 'called');

type Asked = { state: 'asking' | 'unreachable' } | { state: 'told'; told: Told[] };

function sentence({ kind, by, groups }: Told): string {
  const key = kind === 'other' ? 'other' : (kind.replace('.', '_') as 'note_add');
  const what = groups.map((group) => t(`desk_group_${group}`)).join(', ');
  return t(`desk_did_${key}`, { name: by?.name ?? t('desk_history_server'), what });
}

function Sentences({ told }: { told: readonly Told[] }) {
  if (told.length === 0) return <p>{t('desk_history_empty')}</p>;
  return (
    <ol class="history">
      {told.map((each) => (
        <li key={each.id}>
          <WhenDone of={each.times} /> <strong>{sentence(each)}</strong>
        </li>
      ))}
    </ol>
  );
}

export function History({ record }: { record: ReferralRecord }) {
  const [asked, setAsked] = useState<Asked>({ state: 'asking' });
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    let current = true;
    askHistory(record.id).then(
      (items) => current && setAsked({ state: 'told', told: tellHistory(items) }),
      () => current && setAsked({ state: 'unreachable' }),
    );
    return () => {
      current = false;
    };
  }, [record.id, attempt]);
  const title = record.number === null ? t('desk_title_plain') : t('desk_title', { number: record.number });
  return (
    <Screen title={`${t('desk_history')} · ${title}`} back={() => go(`/referral/${record.id}`)}>
      <p class="soft">{t('desk_history_lead')}</p>
      <p class="print-only">{t('desk_history_printed', { when: `${date(now.value)} ${timeOfDay(now.value)}` })}</p>
      {asked.state === 'asking' && <p class="soft">{t('desk_wrong_asking')}</p>}
      {asked.state === 'unreachable' && (
        <>
          <p class="state wait">{t('desk_history_offline')}</p>
          <Button onClick={() => setAttempt(attempt + 1)}>{t('try_again')}</Button>
        </>
      )}
      {asked.state === 'told' && (
        <>
          <Sentences told={asked.told} />
          <Lazy inside load={whoWasCalled} props={{ id: record.id, open: true }} />
          <Button onClick={() => globalThis.print()}>{t('print')}</Button>
        </>
      )}
    </Screen>
  );
}
