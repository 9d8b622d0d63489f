/** What a form says of a stretch of time, read as instants, and what is wrong with it. Pure. */
import type { Time } from './spans.ts';
import { wallText, zoneInstant } from './zone.ts';

const LONGEST_MS = 31 * 24 * 3_600_000;

export type Wrong = 'rota_missing_start' | 'rota_missing_end' | 'rota_end_first' | 'rota_too_long';

/** `datetime-local` texts; the form began with those of `known`, if any. With `from_now` it begins now, whatever `from` says. */
export interface Typed {
  from: string;
  until: string;
  known: Time | null;
  from_now: boolean;
}

/** A text that nobody changed is the instant it came from, also in the hour that comes twice. */
function instant(text: string, known_ms: number | undefined, zone: string): number | null {
  return known_ms !== undefined && wallText(known_ms, zone) === text ? known_ms : zoneInstant(text, zone);
}

export function readTime({ from, until, known, from_now }: Typed, zone: string, now_ms: number): Time | Wrong {
  const from_ms = from_now ? now_ms : instant(from, known?.from_ms, zone);
  if (from_ms === null) return 'rota_missing_start';
  const to_ms = instant(until, known?.to_ms, zone);
  if (to_ms === null) return 'rota_missing_end';
  if (to_ms <= Math.max(from_ms, now_ms)) return 'rota_end_first';
  return to_ms - Math.max(from_ms, now_ms) > LONGEST_MS ? 'rota_too_long' : { from_ms, to_ms };
}

export const fieldOf = (wrong: Wrong): 'rota-from' | 'rota-until' => (wrong === 'rota_missing_start' ? 'rota-from' : 'rota-until');
