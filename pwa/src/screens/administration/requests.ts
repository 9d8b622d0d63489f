/** Requests that need two people: which wait for whom, and what is asked in a sentence. */
import { t } from '../../state/language.ts';
import type { RequestEntry } from './server.ts';

/** Those that this person can decide now, the one that runs out first before the others. */
export const openRequests = (requests: readonly RequestEntry[]): RequestEntry[] =>
  requests.filter(({ may_decide }) => may_decide).toSorted((a, b) => a.expires_at.localeCompare(b.expires_at));

/** One's own that still wait for somebody else. */
export const ownRequests = (requests: readonly RequestEntry[]): RequestEntry[] =>
  requests.filter(({ own, state }) => own && state === 'asked');

/** What came of the others, the newest first, as the server lists them. */
export const settled = (requests: readonly RequestEntry[]): RequestEntry[] => requests.filter(({ state }) => state !== 'asked');

/** What shall happen, as the heading of a request: a referral by the number that people call it by. */
export function headingOf({ kind, asked_by_name: name, subject_name, number }: RequestEntry): string {
  if (kind === 'recovery') return t('adm_asks_recovery', { who: subject_name ?? t('desk_somebody') });
  const referral = number === null ? t('adm_some_referral') : t('desk_number', { number });
  return kind === 'break_glass' ? t('adm_asks_break_glass', { name, referral }) : t(`adm_asks_${kind}`, { referral });
}

const CODES = ['litigation', 'court_order', 'records_request', 'complaint', 'audit', 'participant', 'mistake'] as const;
type Code = (typeof CODES)[number];

/** A code in words; what somebody wrote stays as it is. */
export const reasonOf = ({ kind, reason }: Pick<RequestEntry, 'kind' | 'reason'>): string =>
  kind !== 'recovery' && kind !== 'break_glass' && (CODES as readonly string[]).includes(reason)
    ? t(`adm_why_${reason as Code}`)
    : reason;
