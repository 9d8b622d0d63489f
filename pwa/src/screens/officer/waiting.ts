/**
 * Waiting for an answer: since when, what can be said of the call, and when an officer may leave with the card given. Pure.
 *
 * The officer's own alert begins the wait, by the phone's own clock: how late the server heard of it, or what time it thinks it
 * is, changes nothing for whoever stands there.
 */
import { nextOpening, openAt } from '../../domain/hours.ts';
import type { Payloads } from '../../domain/operation.ts';
import type { Act, ProgramDocument, ReferralRecord } from '../../state/types.ts';
import { unanswered } from '../../state/words.ts';
import { SHIFT_HOURS } from './body.ts';

export type Reason = Payloads['officer.leave']['reason'];
type Seen = Pick<ReferralRecord, 'state' | 'page'>;

const MINUTE_MS = 60_000;
const ENDED = new Set(['handed_off', 'not_met', 'deferred', 'closed']);

const statusOf = ({ state }: Seen): string => String(state.registers['status']?.value);

export const departed = ({ state }: Pick<Seen, 'state'>): boolean => state.registers['departure'] !== undefined;

/** Since when this person's alert has had no answer (epoch milliseconds); null once it has one, or asks for none. */
export function waitingSince(record: Seen, user_id: string | undefined): number | null {
  const status = record.state.registers['status'];
  if (!status || ENDED.has(statusOf(record)) || departed(record) || !unanswered(record.state, record.page)) return null;
  const own = status.by === user_id && status.value === 'submitted';
  return Date.parse(own ? status.at : (record.page?.opened_at ?? status.at));
}

/** "3:12", and from an hour on "1:03:12". Never below zero, whatever a clock says. */
export function clockWords(waited_ms: number): string {
  const seconds = Math.max(0, Math.floor(waited_ms / 1000));
  const two = (n: number): string => String(n).padStart(2, '0');
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

/** When the page will call somebody, where it calls nobody before; null otherwise. */
export const morningOf = ({ page }: Seen): string | null =>
  (page?.state === 'open' && page.calling === 'morning' && page.until) || null;

/** Why the officer may leave with the card given; null while there is no reason to, and once they have. */
export function leaveReason(record: Seen, since_ms: number | null, now_ms: number, nobody_after_minutes: number): Reason | null {
  if (departed(record)) return null;
  const status = record.state.registers['status'];
  // Who was put off days ago left long since.
  if (status?.value === 'deferred') return now_ms - Date.parse(status.at) < SHIFT_HOURS * 60 * MINUTE_MS ? 'cannot_come' : null;
  if (since_ms === null) return null;
  if (record.page?.calling === 'morning') return 'after_hours';
  return now_ms - since_ms >= nobody_after_minutes * MINUTE_MS ? 'nobody_answered' : null;
}

/** Leaves the status open: the coordinator looks for the person later. */
export const leaveActs = (reason: Reason): Act[] => [{ kind: 'officer.leave', payload: { reason } }];

type Hours = Pick<ProgramDocument, 'service_hours' | 'after_hours' | 'time_zone'>;

/** When somebody is on duty again, where the program's policy for such an alert calls nobody now; null where it calls. */
export function closedUntil(program: Hours | null, pathway: string, officer_waiting: boolean, now_ms: number): number | null {
  const windows = program?.service_hours ?? [];
  const policy = program?.after_hours?.find((each) => each.pathway === pathway && each.officer_waiting === officer_waiting);
  if (!program || policy?.behaviour !== 'next_morning' || openAt(windows, program.time_zone, now_ms)) return null;
  return nextOpening(windows, program.time_zone, now_ms);
}

/**
 * A text message begun in the phone's own app. `sms:` has one standard form (RFC 5724: `?body=`), which Android follows; on
 * iPhones the body has to come after `&`. Before an `&` with nothing in front of it Android sees an empty parameter, and an
 * iPhone passes over the `?`, so that `?&body=` is understood by both.
 */
export const textLink = (number: string, body: string): string =>
  `sms:${number.replace(/[^\d+]/g, '')}?&body=${encodeURIComponent(body)}`;
