/**
 * A program's service hours, on the phone and without a network: the twin of `api/rota/hours.py`.
 *
 * Weekly windows by the clock on the wall of the program's zone. No windows at all means always open. What the server calls
 * closed it calls closed by its own clock; this foretells it.
 */
import { instantOf, wallAt } from './wall_clock.ts';

/** `weekday` 0 is Monday; `start` and `end` are HH:MM, and an `end` of 24:00 is midnight. */
export interface WeeklyWindow {
  weekday: number;
  start: string;
  end: string;
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** 1970 began on a Thursday. */
const FIRST_MONDAY_MS = 4 * DAY_MS;
/** A window may fall out once, where the clock jumps over it; it is there again in the week after. */
const WEEKS = [-1, 0, 1, 2];

const minutesOf = (text: string): number => Number(text.slice(0, 2)) * 60 + Number(text.slice(3));

/** What the windows are in the week of an instant and those beside it; without those that the clock jumps over. */
function stretches(windows: readonly WeeklyWindow[], zone: string, at_ms: number): [start: number, end: number][] {
  const since = wallAt(zone, at_ms) - FIRST_MONDAY_MS;
  const monday = FIRST_MONDAY_MS + Math.floor(since / (7 * DAY_MS)) * 7 * DAY_MS;
  return WEEKS.flatMap((week) =>
    windows.map(({ weekday, start, end }): [number, number] => {
      const day = monday + (week * 7 + weekday) * DAY_MS;
      return [instantOf(zone, day + minutesOf(start) * MINUTE_MS), instantOf(zone, day + minutesOf(end) * MINUTE_MS)];
    }),
  ).filter(([start, end]) => start < end);
}

export const openAt = (windows: readonly WeeklyWindow[], zone: string, at_ms: number): boolean =>
  windows.length === 0 || stretches(windows, zone, at_ms).some(([start, end]) => start <= at_ms && at_ms < end);

/**
 * The first instant, not before this one, at which the service is open: this one while it is. Null where there are no windows:
 * nothing ever closes, so there is no opening to wait for.
 */
export function nextOpening(windows: readonly WeeklyWindow[], zone: string, at_ms: number): number | null {
  if (windows.length === 0) return null;
  const ahead = stretches(windows, zone, at_ms).filter(([, end]) => at_ms < end);
  return Math.min(...ahead.map(([start]) => Math.max(start, at_ms)));
}
