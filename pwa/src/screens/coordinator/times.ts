/**
 * What the clocks on a referral mean: since when somebody waits, until when the officer can, when help arrives, how late a record came.
 *
 * Everything is epoch milliseconds and whole minutes, and "now" is an argument. Phones' clocks are evidence and may be wrong, so a
 * time that cannot be right (captured after it arrived) is not turned into a claim.
 */
import { LATE_MS, type Timing } from '../../domain/times.ts';
import type { People } from '../../state/types.ts';
import { holderOf, isUnanswered, read, register, statusOf, type Readable } from './reading.ts';

const MINUTE_MS = 60_000;
/** A record that travelled longer than this is marked as late. */
export const LATE_ARRIVAL_MINUTES = LATE_MS / MINUTE_MS;

export function minutesBetween(from_ms: number, to_ms: number): number {
  return Math.floor((to_ms - from_ms) / MINUTE_MS);
}

function parsed(instant: string | null | undefined): number | undefined {
  if (instant === null || instant === undefined) return undefined;
  const at = Date.parse(instant);
  return Number.isNaN(at) ? undefined : at;
}

/** Since when somebody waits for an answer: the page's opening, else the alert, else the record's first operation. */
export function waitingSince(record: Readable): number {
  const status = register(record, 'status');
  const alerted = status?.value === 'submitted' ? status.at : undefined;
  return parsed(record.page?.opened_at) ?? parsed(record.received_at) ?? parsed(alerted) ?? parsed(record.made_at) ?? 0;
}

export interface WaitLimit {
  until_ms: number;
  /** The officer said that they cannot wait at all. */
  cannot_wait: boolean;
}

/** Until when the officer said they could wait, counted from the moment they said it; undefined when they did not say. */
export function officerWaits(record: Pick<Readable, 'state'>): WaitLimit | undefined {
  const minutes = read<number>(record, 'wait_minutes');
  const said = parsed(register(record, 'wait_minutes')?.at);
  if (minutes === undefined || said === undefined) return undefined;
  return { until_ms: said + minutes * MINUTE_MS, cannot_wait: minutes === 0 };
}

/** When the holder said they would arrive, counted from the moment of the acknowledgement; undefined without a promise. */
export function arrivesAt(record: Pick<Readable, 'state'>): number | undefined {
  const minutes = holderOf(record)?.eta_minutes;
  const said = parsed(register(record, 'holder')?.at);
  if (minutes === undefined || minutes === null || said === undefined) return undefined;
  return said + minutes * MINUTE_MS;
}

/** Minutes past the promised arrival while nobody has met the person yet; 0 when not late or nothing was promised. */
export function arrivalLateMinutes(record: Pick<Readable, 'state'>, now_ms: number): number {
  const arrives = arrivesAt(record);
  if (arrives === undefined || statusOf(record) !== 'acknowledged') return 0;
  return Math.max(0, minutesBetween(arrives, now_ms));
}

export interface Travel {
  captured_ms: number;
  arrived_ms: number;
  minutes: number;
}

/** The way from the officer's phone to the server when it took long enough to matter; undefined when prompt or not knowable. */
export function lateArrival(record: Pick<Readable, 'state' | 'received_at' | 'made_at'>): Travel | undefined {
  const captured_ms = parsed(register(record, 'origin')?.at) ?? parsed(record.made_at);
  const arrived_ms = parsed(record.received_at);
  if (captured_ms === undefined || arrived_ms === undefined) return undefined;
  const minutes = minutesBetween(captured_ms, arrived_ms);
  return minutes >= LATE_ARRIVAL_MINUTES ? { captured_ms, arrived_ms, minutes } : undefined;
}

/** How a referral came here, where there is more to tell than one time: a long way, or a wrong clock. */
export function arrivalTimes(record: Pick<Readable, 'state' | 'received_at' | 'made_at'>): Timing | undefined {
  const { at = record.made_at, off_ms } = register(record, 'origin') ?? {};
  const late = lateArrival(record) !== undefined && record.received_at !== null;
  if (!late && off_ms === undefined) return undefined;
  return { at, ...(late && { received: record.received_at! }), ...(off_ms !== undefined && { off_ms }) };
}

/** Minutes that an unanswered referral has waited; undefined once somebody has it. */
export function unansweredMinutes(record: Readable, people: People, now_ms: number): number | undefined {
  return isUnanswered(record, people) ? Math.max(0, minutesBetween(waitingSince(record), now_ms)) : undefined;
}

export const hasExpired = (instant: string, now_ms: number): boolean => (parsed(instant) ?? Infinity) <= now_ms;
