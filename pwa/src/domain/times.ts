/**
 * When something was done, as well as can be told: the twin of `sync/times.py`.
 *
 * The phone corrects its own operations by what was last measured of its clock; whether one arrived late only the server
 * can say. Clocks are evidence and never order.
 */

/** A clock that is wrong by less is believed: screens tell minutes. */
export const CLOCK_OFF_MS = 60_000;
/** What travelled for so long is told with both of its times. */
export const LATE_MS = 10 * 60_000;

/**
 * `at` is the estimate, or the phone's own time where that is right. `received` is there where the way took long, `off_ms`
 * where the clock was wrong: by so much it was behind (or, negative, ahead).
 */
export interface Timing {
  at: string;
  received?: string;
  off_ms?: number;
}

/** The times alone, of whatever part of a state. */
export const timesOf = ({ at, received, off_ms }: Timing): Timing => ({
  at, ...(received !== undefined && { received }), ...(off_ms !== undefined && { off_ms }),
});

/** The phone's time as corrected, neither before its enrolment nor after the arrival; epoch milliseconds. */
export function estimatedMs(made_ms: number, clock_off_ms: number | null, earliest_ms: number, received_ms: number | null): number {
  const estimate = Math.max(earliest_ms, made_ms + (clock_off_ms ?? 0));
  return received_ms === null ? estimate : Math.min(received_ms, estimate);
}

/** What of a clock's error is corrected: nothing of a small one. */
export const correctionMs = (clock_off_ms: number | null): number =>
  clock_off_ms !== null && Math.abs(clock_off_ms) >= CLOCK_OFF_MS ? clock_off_ms : 0;

/** What is worth telling of an operation that the server does not have yet; undefined where the phone's own time says it all. */
export function ownTiming(made_at: string, clock_off_ms: number | null): Timing | undefined {
  const made_ms = Date.parse(made_at);
  const at_ms = estimatedMs(made_ms, clock_off_ms, 0, null);
  if (clock_off_ms === null || Math.abs(at_ms - made_ms) < CLOCK_OFF_MS) return undefined;
  return { at: new Date(at_ms).toISOString(), off_ms: clock_off_ms };
}
