/** Codes, ages and names in the desk's words. Decides nothing. */
import { t, tn, type MessageKey } from '../../state/language.ts';
import { now } from '../../state/clock.ts';
import { people } from '../../state/records.ts';
import { coming } from '../../state/times.ts';
import type { ReferralRecord } from '../../state/types.ts';
import { holderOf } from '../coordinator/reading.ts';
import type { Row } from './queue.ts';
import type { Wrong } from './server.ts';

export const nameOf = (user_id: string | undefined): string =>
  (user_id !== undefined && people.value[user_id]?.name) || t('desk_somebody');

/** "12 min", "3 h 5 min", "4 d". */
export function age(minutes: number): string {
  const hours = Math.floor(minutes / 60);
  if (hours === 0) return t('desk_minutes', { n: minutes });
  return hours < 48 ? t('desk_hours', { h: hours, n: minutes % 60 }) : t('desk_days', { n: Math.floor(hours / 24) });
}

export const standingWords = ({ record, standing }: Row): string =>
  t(`desk_standing_${standing}`, { name: nameOf(holderOf(record)?.user_id) });

export const lateWords = ({ minutes, lateness }: Row): string => t(`desk_${lateness}`, { age: age(minutes) });

export const numberWords = ({ number }: Pick<ReferralRecord, 'number'>): string =>
  number === null ? t('desk_no_number') : t('desk_number', { number });

/** A gap that has begun is told by its end alone. */
function emptyWords({ level, from, to }: Wrong['values']): string {
  const start = String(from);
  const told = { level: word('level', String(level)), from: coming(start, now.value), to: coming(String(to), now.value) };
  return t(Date.parse(start) <= now.value ? 'desk_wrong_empty_now' : 'desk_wrong_empty_step', told);
}

/** A code that this version does not know is told as one, never swallowed. */
export function wrongWords({ code, values }: Wrong): string {
  const count = Number(values['count'] ?? 1);
  switch (code) {
    case 'overdue':
    case 'stuck':
    case 'stalled':
    case 'held':
    case 'late_deliveries':
    case 'dead_deliveries':
    case 'left_with_card':
      return tn(`desk_wrong_${code}`, count, values);
    case 'empty_step':
      return emptyWords(values);
    case 'refused_channel':
      return t('desk_wrong_refused_channel', { ...values, channel: word('channel', String(values['channel'])) });
    case 'copied_phone':
      return t('desk_wrong_copied_phone', { name: values['name'] || t('desk_somebody') });
    case 'broken_glass':
      return t('desk_wrong_broken_glass', {
        name: values['name'] || t('desk_somebody'), number: String(values['number']), until: coming(String(values['until']), now.value),
      });
    case 'silent_phone':
      return t('desk_wrong_silent_phone', { name: values['name'] || t('desk_somebody') });
    case 'nobody_subscribed':
    case 'no_worker':
      return t(`desk_wrong_${code}`);
    default:
      return t('desk_wrong_other', { code });
  }
}

/** A key built from a code of the server; the code itself where there is no word. */
export function word(prefix: string, code: string): string {
  const key = `desk_${prefix}_${code}`;
  const found = t(key as MessageKey);
  return found === key ? code.replaceAll('_', ' ') : found;
}
