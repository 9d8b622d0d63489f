/** Nobody comes: the person keeps the card and is found later. Said before it is done, because it cannot be taken back. */
import { useState } from 'preact/hooks';
import { now } from '../../state/clock.ts';
import { submit } from '../../state/compose.ts';
import { t } from '../../state/language.ts';
import { me, program } from '../../state/session.ts';
import { coming } from '../../state/times.ts';
import type { ReferralRecord } from '../../state/types.ts';
import { Button } from '../parts/index.ts';
import { useBusy } from './busy.ts';
import { leaveActs, leaveReason, morningOf, waitingSince } from './waiting.ts';

const NOBODY_AFTER_MINUTES = 10;

/** What leaving means and what it is called, where somebody is on duty again at a known time and where not. */
export function leaveWords(until: string | number | null, now_ms: number): { label: string; why: string } {
  if (until === null) return { label: t('officer_leave'), why: t('officer_leave_why', { when: t('officer_tomorrow') }) };
  const time = coming(until, now_ms);
  return { label: t('officer_leave_until', { time }), why: t('officer_leave_why', { when: t('officer_from_time', { time }) }) };
}

export function Leave({ record }: { record: ReferralRecord }) {
  const [asking, setAsking] = useState(false);
  const { busy, failed, run } = useBusy();
  const since = waitingSince(record, me.value?.user_id);
  const limit = program.value?.nobody_after_minutes ?? NOBODY_AFTER_MINUTES;
  const reason = leaveReason(record, since, now.value, limit);
  // A partner writes in the same screens, and stands nowhere with a person whom they would leave.
  if (reason === null || me.value?.role !== 'officer') return null;
  const { label, why } = leaveWords(morningOf(record), now.value);
  const leave = (): void => run(async () => void (await submit(record.id, leaveActs(reason))));
  if (!asking) return <Button onClick={() => setAsking(true)}>{label}</Button>;
  return (
    <div class="notice further" role="group" aria-label={label}>
      <p>{why}</p>
      {failed && <p role="alert">{t('officer_not_stored')}</p>}
      <Button busy={busy} onClick={leave}>
        {label}
      </Button>
      <Button kind="quiet" onClick={() => setAsking(false)}>
        {t('cancel')}
      </Button>
    </div>
  );
}
