/** Approvals that wait for the person at this desk: what, whose referral, when and how, and one tap to answer. */
import { useEffect, useRef } from 'preact/hooks';
import { announce } from '../../state/announce.ts';
import { t, tn } from '../../state/language.ts';
import { people, records } from '../../state/records.ts';
import { me } from '../../state/session.ts';
import type { ReferralRecord } from '../../state/types.ts';
import { WordLine } from '../coordinator/approvals.tsx';
import { isPack, usePack } from '../coordinator/pack.ts';
import { officerOf } from '../coordinator/reading.ts';
import { saidOf, waitingFor, type Told } from '../coordinator/said.ts';
import { LinkButton, Screen } from '../parts/index.ts';
import { Lazy, lazily } from '../parts/lazy.tsx';

/** A sergeant is not shown which rules the phone used: then those in force speak for what was approved. */
function Waiting({ record, word }: { record: ReferralRecord; word: Told }) {
  const found = usePack(saidOf(record)?.pack ?? null);
  const officer = people.value[officerOf(record) ?? '']?.name;
  const number = record.number === null ? t('staff_no_number') : t('staff_number', { number: record.number });
  return (
    <section class="card wait">
      <h3 class="card-title">{[number, officer].filter(Boolean).join(' · ')}</h3>
      <ul class="scenes">
        <WordLine record={record} word={word} pack={isPack(found) ? found.document : null} />
      </ul>
    </section>
  );
}

/** `quiet`: nothing at all stands there while nothing waits. */
export function Approvals({ quiet }: { quiet?: boolean }) {
  const waiting = me.value === null ? [] : waitingFor(records.value, me.value.role, me.value.user_id);
  const former = useRef(0);
  const count = waiting.length;
  useEffect(() => {
    if (count > former.current) announce(tn('staff_waiting', count));
    former.current = count;
  }, [count]);
  if (count === 0) return quiet ? null : <p>{t('staff_waiting_none')}</p>;
  return (
    <section class="stack" aria-labelledby="approvals">
      <h2 id="approvals">{t('staff_waiting')}</h2>
      <p class="soft">{t('staff_waiting_lead')}</p>
      {waiting.map(({ record, word }) => (
        <Waiting key={word.id} record={record} word={word} />
      ))}
    </section>
  );
}

const prosecution = lazily(() => import('./prosecution.tsx'), 'release', 'coordinator');

/** All that a prosecutor's desk has. */
export function Prosecutor() {
  return (
    <Screen title={t('desk_approvals')} main={<LinkButton to="/rules">{t('desk_rules')}</LinkButton>}>
      <Approvals />
      <Lazy inside load={prosecution} props={{}} />
    </Screen>
  );
}
