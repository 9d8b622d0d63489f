/** The audit's filters as a question, and its entries in words. */
import { instantOf } from '../../domain/wall_clock.ts';
import { t, tn, type MessageKey } from '../../state/language.ts';
import type { AuditEntry } from './server.ts';

const DAY_MS = 86_400_000;
const DAY = /^\d{4}-\d{2}-\d{2}$/;

export interface Wanted {
  person: string | null;
  referral: string | null;
  /** A day of the program's calendar, or nothing. */
  day: string;
}

/** `?person=…&from=…&to=…`: the day from its first instant to the next one's, in the program's zone. Empty: everything. */
export function queryOf({ person, referral, day }: Wanted, zone: string, cursor: number | null = null): string {
  const query = new URLSearchParams();
  if (person) query.set('person', person);
  if (referral) query.set('referral', referral);
  const wall = DAY.test(day) ? Date.parse(`${day}T00:00:00Z`) : Number.NaN;
  if (!Number.isNaN(wall)) {
    query.set('from', new Date(instantOf(zone, wall)).toISOString());
    query.set('to', new Date(instantOf(zone, wall + DAY_MS)).toISOString());
  }
  if (cursor !== null) query.set('cursor', String(cursor));
  const text = query.toString();
  return text && `?${text}`;
}

/** The act in words; one that this version does not know is shown as the server names it. */
export function actWords(action: string): string {
  const key = `adm_act_${action.replaceAll(/[.-]/g, '_')}`;
  const found = t(key as MessageKey);
  return found === key ? action.replaceAll(/[._-]/g, ' ') : found;
}

/** Whom or what it was about, as far as a name is known; `referral` names one of the program by its id, or nothing. */
export function aboutWords(entry: AuditEntry, referral: (id: string) => string | null): string {
  const { subject, subject_name, actor_id, referrals } = entry;
  const names = referrals.flatMap((id) => referral(id) ?? []);
  if (referrals.length > 0) return names.length === referrals.length ? names.join(', ') : tn('adm_referrals', referrals.length);
  if (subject_name !== '') return subject === actor_id ? '' : subject_name;
  return (subject && referral(subject)) || '';
}
