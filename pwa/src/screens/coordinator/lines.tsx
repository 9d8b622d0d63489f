/** The lines that inbox cards and the referral share: how long the officer waits, and how late the record came. */
import { now } from '../../state/clock.ts';
import { t } from '../../state/language.ts';
import { people } from '../../state/records.ts';
import { exactly } from '../../state/times.ts';
import type { ReferralRecord } from '../../state/types.ts';
import { WhenDone } from '../parts/index.ts';
import { register, statusOf } from './reading.ts';
import { arrivalTimes, minutesBetween, officerWaits, unansweredMinutes } from './times.ts';
import { lengthInWords } from './wording.ts';

/** That the officer left, else until when they said they could wait: as they said it, for nothing here knows whether they are still there. */
export function WaitLine({ record }: { record: ReferralRecord }) {
  const status = statusOf(record);
  const departure = register(record, 'departure');
  if (departure && status !== 'closed' && status !== 'handed_off') {
    return <p class="state wait">{t('co_officer_left', { time: exactly(departure.at, now.value) })}</p>;
  }
  // Met, or agreed for later: nobody waits at the roadside any more.
  if (status !== undefined && status !== 'submitted' && status !== 'acknowledged') return null;
  const limit = officerWaits(record);
  if (limit === undefined) return <p class="soft">{t('co_waits_unknown')}</p>;
  if (limit.cannot_wait) return <p class="state wait">{t('co_cannot_wait')}</p>;
  const time = exactly(limit.until_ms, now.value);
  const left = Math.ceil((limit.until_ms - now.value) / 60_000);
  return left > 0 ? (
    <p>{t('co_waits_until', { time, length: lengthInWords(left) })}</p>
  ) : (
    <p class="state wait">{t('co_waited_until', { time, length: lengthInWords(minutesBetween(limit.until_ms, now.value)) })}</p>
  );
}

export function LateArrivalLine({ record }: { record: ReferralRecord }) {
  const times = arrivalTimes(record);
  if (times === undefined) return null;
  return (
    <p class="state wait">
      <span>
        <WhenDone of={times} />
      </span>
    </p>
  );
}

export function WaitingLine({ record }: { record: ReferralRecord }) {
  const minutes = unansweredMinutes(record, people.value, now.value);
  return minutes === undefined ? null : <p class="age">{t('co_waiting', { length: lengthInWords(minutes) })}</p>;
}
