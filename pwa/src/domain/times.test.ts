import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { CLOCK_OFF_MS, LATE_MS, correctionMs, estimatedMs, ownTiming, type Timing } from './times.ts';

interface Case {
  name: string;
  made_at: string;
  clock_off_ms: number | null;
  enrolled_at: string | null;
  received_at: string;
  estimated: string;
  own: Timing | null;
}

const file = new URL('../../../tests/vectors/times.json', import.meta.url);
const vectors = JSON.parse(readFileSync(file, 'utf8')) as { clock_off_ms: number; late_ms: number; cases: Case[] };

test.each(vectors.cases)('$name', ({ made_at, clock_off_ms, enrolled_at, received_at, estimated, own }) => {
  const earliest_ms = enrolled_at === null ? 0 : Date.parse(enrolled_at);
  const found = estimatedMs(Date.parse(made_at), clock_off_ms, earliest_ms, Date.parse(received_at));
  expect(new Date(found).toISOString()).toBe(estimated);
  expect(ownTiming(made_at, clock_off_ms) ?? null).toEqual(own);
});

test('the thresholds are those of the vectors', () => {
  expect([CLOCK_OFF_MS, LATE_MS]).toEqual([vectors.clock_off_ms, vectors.late_ms]);
});

test('a clock is corrected from a minute on, either way', () => {
  expect([59_999, 60_000, -60_000, -59_999, null].map(correctionMs)).toEqual([0, 60_000, -60_000, 0, 0]);
});
