/** A referral that nobody has answered: the running clock, who is being called, and the ways to call or text oneself. */
import { useComputed } from '@preact/signals';
import { now } from '../../state/clock.ts';
import { t } from '../../state/language.ts';
import { people } from '../../state/records.ts';
import { shortReference } from '../../state/reference.ts';
import { me, program } from '../../state/session.ts';
import { coming, timeOfDay } from '../../state/times.ts';
import type { PageStatus, ReferralRecord } from '../../state/types.ts';
import { CallButton } from '../parts/index.ts';
import { clockWords, morningOf, textLink, waitingSince } from './waiting.ts';

/** More names than these are counted. */
const NAMES_SHOWN = 3;
const UNSENT = new Set(['saved', 'sending', 'not_sent']);

function called(page: PageStatus): string | null {
  const names = (page.called ?? []).flatMap((id) => people.value[id]?.name ?? []);
  const more = names.length - NAMES_SHOWN;
  const shown = names.slice(0, NAMES_SHOWN).join(', ');
  return more > 0 ? t('officer_and_more', { names: shown, n: more }) : shown || null;
}

/** Who is being called, in one sentence that claims no more than the phone knows. */
function callingWords(record: ReferralRecord, page: PageStatus): string {
  const { calling, next_step_at } = page;
  if (calling === 'morning') {
    const until = morningOf(record);
    return until === null ? t('officer_calling_morning_open') : t('officer_calling_morning', { time: coming(until, now.value) });
  }
  if (calling === 'nobody') return t('officer_calling_nobody');
  const names = called(page);
  const who = calling === 'coordinator' ? 'coordinators' : calling;
  const words = names === null ? t('officer_calling_unnamed') : t('officer_calling', { names, who: t(`officer_called_${who}`) });
  return next_step_at ? `${words}. ${t('officer_calling_next', { time: timeOfDay(next_step_at) })}` : words;
}

/** `spoken`: changes are read aloud, which in a list of many would be too much. */
export function Calling({ record, spoken }: { record: ReferralRecord; spoken?: boolean }) {
  const { word, page, received_at } = record;
  if (UNSENT.has(word) && received_at === null) return <p class="notice unsent">{t('officer_calling_not_yet')}</p>;
  if (UNSENT.has(word)) return <p class="notice">{t('officer_details_waiting')}</p>;
  if (!page || waitingSince(record, me.value?.user_id) === null) return null;
  return (
    <p class={page.calling === 'nobody' ? 'notice unsent' : 'notice'} role={spoken ? 'status' : undefined}>
      {callingWords(record, page)}
    </p>
  );
}

/** Only this text changes with the second: nothing around it is drawn again, and a screen reader is not told. */
export function Clock({ since_ms }: { since_ms: number }) {
  const words = useComputed(() => t('officer_waited', { time: clockWords(now.value - since_ms) }));
  return (
    <p class="clock" role="timer" aria-live="off">
      {words}
    </p>
  );
}

/** With a call there is a text message for where data fails: it names the referral, and nothing of the person or the place. */
function TextButton({ record: { id, number } }: { record: ReferralRecord }) {
  const to = program.value?.text_number;
  if (!to) return null;
  const reference = number === null ? t('officer_reference', { code: shortReference(id) }) : t('officer_reference_number', { number });
  return (
    <a class="button plain" href={textLink(to, t('officer_text_body', { reference }))}>
      {t('officer_text')}
    </a>
  );
}

export function Reach({ record }: { record: ReferralRecord }) {
  return (
    <div class="reach">
      <CallButton kind="plain" />
      {waitingSince(record, me.value?.user_id) !== null && <TextButton record={record} />}
    </div>
  );
}

/** For the list: everything that a waiting referral says, outside of the link that opens it. */
export function Waits({ record }: { record: ReferralRecord }) {
  const since = waitingSince(record, me.value?.user_id);
  if (since === null) return null;
  return (
    <div class="waits">
      <Clock since_ms={since} />
      <Calling record={record} />
      <Reach record={record} />
    </div>
  );
}
