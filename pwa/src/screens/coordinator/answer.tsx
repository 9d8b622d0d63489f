/** Answering a referral: "I have it" with an arrival time in one tap, who has it, and somebody else having been first. */
import { announce } from '../../state/announce.ts';
import { now } from '../../state/clock.ts';
import { t } from '../../state/language.ts';
import { me } from '../../state/session.ts';
import { people } from '../../state/records.ts';
import { go } from '../../state/router.ts';
import { exactly } from '../../state/times.ts';
import type { ReferralRecord, Word } from '../../state/types.ts';
import { Button, Card, StateLine } from '../parts/index.ts';
import { ETA_MINUTES, LONGER_ETA_MINUTES, gotThereFirst, samePromiseNow, sawOf } from './inbox.ts';
import { nameOf } from './names.ts';
import { holderOf, isClosed, isGiven, isUnanswered, read, register, statusOf } from './reading.ts';
import { arrivalLateMinutes, arrivesAt } from './times.ts';
import { useSubmit } from './use_submit.ts';
import { lengthInWords, word } from './wording.ts';

/** One tap answers and opens the referral: an answer that is not followed by opening runs out. */
export function EtaButtons({ record, longer, opens }: { record: ReferralRecord; longer?: boolean; opens?: boolean }) {
  const { busy, failed, send } = useSubmit(record.id);
  const minutes = longer ? [...ETA_MINUTES, ...LONGER_ETA_MINUTES] : ETA_MINUTES;
  const answer = async (eta_minutes: number): Promise<void> => {
    const saved = await send([{ kind: 'page.acknowledge', payload: { eta_minutes, user_id: null }, saw: sawOf(record) }]);
    if (!saved) return;
    announce(t('co_saved_answer'));
    if (opens) go(`/referral/${record.id}`);
  };
  const words = t('co_have_it');
  return (
    <div class="eta" role="group" aria-label={words}>
      <p class="eta-words" aria-hidden="true">
        {words}
      </p>
      <div class="eta-minutes">
        {minutes.map((each) => (
          <Button key={each} kind="act" busy={busy} label={`${words} ${t('co_minutes', { n: each })}`} onClick={() => void answer(each)}>
            {t('co_minutes', { n: each })}
          </Button>
        ))}
      </div>
      <Failed when={failed} />
    </div>
  );
}

export function Failed({ when }: { when: boolean }) {
  return when ? (
    <p class="state bad" role="alert">
      {t('co_failed')}
    </p>
  ) : null;
}

function holding(record: ReferralRecord): string {
  const holder = holderOf(record);
  if (holder === undefined) return t('co_nobody_has_it');
  const mine = holder.user_id === me.value?.user_id;
  if (isUnanswered(record, people.value) || isGiven(record, people.value)) {
    return mine ? t('co_given_to_you') : t('co_given_to', { name: nameOf(holder.user_id) });
  }
  // Once they have met, when somebody meant to arrive says nothing any more.
  const arrives = statusOf(record) === 'acknowledged' ? arrivesAt(record) : undefined;
  if (arrives === undefined) return mine ? t('co_you_have_it') : t('co_has_it', { name: nameOf(holder.user_id) });
  const time = exactly(arrives, now.value);
  return mine ? t('co_you_have_it_arriving', { time }) : t('co_has_it_arriving', { name: nameOf(holder.user_id), time });
}

/** Who has it and when they arrive; once met or closed, that instead. */
export function HolderLine({ record }: { record: ReferralRecord }) {
  const closure = read<{ reason: string }>(record, 'closure');
  if (isClosed(record)) {
    const words = closure ? t('co_closed_because', { reason: word('close', closure.reason) }) : t('co_status_closed');
    return <p class="state plain">{words}</p>;
  }
  const status = read<'handed_off' | 'deferred' | 'not_met'>(record, 'status');
  const later = status === 'deferred' || status === 'not_met';
  const met = status === 'handed_off' || later;
  const late = arrivalLateMinutes(record, now.value);
  const held = !isUnanswered(record, people.value);
  return (
    <>
      <p class={`state ${!held ? 'wait' : later ? 'plain' : 'good'}`}>{met ? `${t(`co_status_${status}`)} · ${holding(record)}` : holding(record)}</p>
      {late > 0 && <p class="state wait">{t('co_later_than_said', { length: lengthInWords(late) })}</p>}
      <UnsentLine record={record} />
    </>
  );
}

const UNSENT: readonly Word[] = ['saved', 'sending', 'not_sent', 'attention'];

/** What this phone still holds, or what was not accepted: in the words of every record. */
export function UnsentLine({ record }: { record: ReferralRecord }) {
  if (!UNSENT.includes(record.word)) return null;
  return (
    <>
      <StateLine record={record} />
      {record.word !== 'attention' && <p class="soft">{t('co_not_sent')}</p>}
    </>
  );
}

/** Told plainly: this person answered too, and somebody else was first. */
export function SomebodyWasFirst({ record }: { record: ReferralRecord }) {
  const { busy, failed, send } = useSubmit(record.id);
  const first = me.value === null ? undefined : gotThereFirst(record, me.value.user_id);
  if (first === undefined) return null;
  const name = nameOf(first.user_id);
  const standing = register(record, 'holder');
  const settle = (value: unknown, said_at: string): void => {
    const payload = { key: 'holder', value: samePromiseNow(value, said_at, now.peek()), conflicts: first.conflicts };
    void send([{ kind: 'conflict.resolve', payload, saw: first.operations }]);
  };
  return (
    <Card title={t('co_first_title', { name })} tone="wait">
      <p>{t('co_first_lead', { name })}</p>
      <Button busy={busy} onClick={() => standing && settle(standing.value, standing.at)}>
        {t('co_first_leave', { name })}
      </Button>
      <Button busy={busy} onClick={() => settle(first.my_value, first.said_at)}>
        {t('co_first_take')}
      </Button>
      <Failed when={failed} />
    </Card>
  );
}
