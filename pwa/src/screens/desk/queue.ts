/**
 * The supervisor's queue: what state a referral is in, how late it is, and in which order the rows stand.
 *
 * Lateness is measured against the program's own minutes, never against the person. Pure; "now" and the people are arguments.
 */
import type { People } from '../../state/types.ts';
import { agencyOf, holderOf, isClosed, isUnanswered, statusOf, type Readable } from '../coordinator/reading.ts';
import { differenceOf } from '../coordinator/said.ts';
import { arrivalLateMinutes, arrivesAt, unansweredMinutes, waitingSince } from '../coordinator/times.ts';

export type Standing =
  | 'nobody' | 'given' | 'held' | 'held_late' | 'not_met' | 'deferred' | 'handed_off' | 'closed';

/** On time, past the minutes after which the page goes out again, past the minutes after which the officer is told to call. */
export type Lateness = 'on_time' | 'late' | 'very_late';

export interface Limits {
  page_minutes: number;
  nobody_after_minutes: number;
}

/** The program's own minutes; before its document has come down, patient ones, so that nothing is called late too soon. */
export const limitsOf = (program: Limits | null): Limits => program ?? { page_minutes: 15, nobody_after_minutes: 30 };

export interface Row<R extends Readable = Readable> {
  record: R;
  standing: Standing;
  /** Minutes without an answer, or past the promised arrival. */
  minutes: number;
  lateness: Lateness;
  /** The end of the bar, so that a bar that is full means "the officer has been told to call". */
  bar_minutes: number;
  arrives_ms: number | undefined;
}

export function standingOf(record: Readable, people: People, now_ms: number): Standing {
  if (isClosed(record)) return 'closed';
  if (isUnanswered(record, people)) return holderOf(record) !== undefined ? 'given' : 'nobody';
  const status = statusOf(record);
  if (status === 'not_met' || status === 'deferred' || status === 'handed_off') return status;
  return arrivalLateMinutes(record, now_ms) > 0 ? 'held_late' : 'held';
}

export function latenessOf(minutes: number, limits: Limits): Lateness {
  if (minutes < limits.page_minutes) return 'on_time';
  return minutes < Math.max(limits.page_minutes, limits.nobody_after_minutes) ? 'late' : 'very_late';
}

export function rowOf<R extends Readable>(record: R, people: People, limits: Limits, now_ms: number): Row<R> {
  const unanswered = unansweredMinutes(record, people, now_ms);
  const arrival_late = arrivalLateMinutes(record, now_ms);
  return {
    record,
    standing: standingOf(record, people, now_ms),
    minutes: unanswered ?? arrival_late,
    lateness: unanswered !== undefined ? latenessOf(unanswered, limits) : arrival_late > 0 ? 'late' : 'on_time',
    bar_minutes: Math.max(1, limits.page_minutes, limits.nobody_after_minutes),
    arrives_ms: arrivesAt(record),
  };
}

const FIRST_TO_LAST: readonly Standing[] = [
  'nobody', 'given', 'held_late', 'not_met', 'deferred', 'held', 'handed_off', 'closed',
];

/** Unanswered first, the longest wait first; what is finished comes last, the newest of it first. */
function inOrder(a: Row, b: Row): number {
  const unlike = FIRST_TO_LAST.indexOf(a.standing) - FIRST_TO_LAST.indexOf(b.standing);
  if (unlike !== 0) return unlike;
  const older = waitingSince(a.record) - waitingSince(b.record);
  const finished = a.standing === 'handed_off' || a.standing === 'closed';
  return (finished ? -older : older) || a.record.id.localeCompare(b.record.id);
}

export const SHOWS = ['open', 'unanswered', 'held', 'finished'] as const;
export type Show = (typeof SHOWS)[number];

export interface Filter {
  show: Show;
  /** One coordinator's, or everybody's. */
  holder: string | null;
  agency: string | null;
}

const SHOWN: Record<Show, (standing: Standing) => boolean> = {
  open: (standing) => standing !== 'closed' && standing !== 'handed_off',
  unanswered: (standing) => standing === 'nobody' || standing === 'given',
  held: (standing) => ['held', 'held_late', 'not_met', 'deferred'].includes(standing),
  finished: (standing) => standing === 'closed' || standing === 'handed_off',
};

export function queue<R extends Readable>(
  records: readonly R[],
  filter: Filter,
  people: People,
  limits: Limits,
  now_ms: number,
): Row<R>[] {
  return records
    .map((record) => rowOf(record, people, limits, now_ms))
    .filter(({ record, standing }) => {
      if (!SHOWN[filter.show](standing)) return false;
      if (filter.holder !== null && holderOf(record)?.user_id !== filter.holder) return false;
      return filter.agency === null || agencyOf(record) === filter.agency;
    })
    .sort(inOrder);
}

/** Open referrals of which the server says otherwise than the phone did. */
export const countDiffering = (rows: readonly Row[]): number => rows.filter(({ record }) => differenceOf(record) !== undefined).length;

export const countUnanswered = (rows: readonly Row[]): number =>
  rows.filter(({ standing }) => SHOWN.unanswered(standing)).length;

/** The row that a key moves to; stays within the list. */
export function step(key: string, at: number, length: number): number | undefined {
  if (length === 0) return undefined;
  if (key === 'ArrowDown' || key === 'j') return Math.min(length - 1, at + 1);
  if (key === 'ArrowUp' || key === 'k') return Math.max(0, at - 1);
  if (key === 'Home') return 0;
  return key === 'End' ? length - 1 : undefined;
}
