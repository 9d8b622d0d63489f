import { expect, test } from 'vitest';
import { lengthOf } from './lengths.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

test('how far a clock is off is told in its one largest unit, either way', () => {
  expect([MINUTE, 59 * MINUTE, -90 * MINUTE, 47 * 60 * MINUTE, 364 * DAY, -1096 * DAY].map((off) => lengthOf(off, 'en'))).toEqual(
    ['1 minute', '59 minutes', '1 hour', '1 day', '364 days', '3 years'],
  );
});

test('in Spanish, too, and never as nothing', () => {
  expect([lengthOf(-1096 * DAY, 'es'), lengthOf(2 * 60 * MINUTE, 'es'), lengthOf(10, 'es')]).toEqual(['3 años', '2 horas', '1 minuto']);
});
