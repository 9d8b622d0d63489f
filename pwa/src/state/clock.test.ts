import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { clockOff, correctClock, minute, now, phoneTime, present } from './clock.ts';

beforeEach(() => {
  vi.useFakeTimers();
  vi.setSystemTime('2029-04-30T02:14:30.000Z');
});
afterEach(() => {
  correctClock(null);
  vi.useRealTimers();
});

const YEARS_FAST = Date.parse('2026-04-30T02:14:30.000Z') - Date.parse('2029-04-30T02:14:30.000Z');

test('a clock that is years fast is corrected for screens and for what they write', () => {
  const own = phoneTime.value;
  correctClock(YEARS_FAST);
  expect(new Date(present()).toISOString()).toBe('2026-04-30T02:14:30.000Z');
  expect([now.value - own, minute.value % 60_000, clockOff.value]).toEqual([YEARS_FAST, 0, YEARS_FAST]);
});

test('the phone’s own time stays what it is', () => {
  const own = phoneTime.value;
  correctClock(YEARS_FAST);
  expect(phoneTime.value).toBe(own);
});

test('a clock that is nearly right, or was never measured, is believed', () => {
  for (const off of [59_999, -59_999, null]) {
    correctClock(off);
    expect([present(), clockOff.value]).toEqual([Date.now(), 0]);
  }
});
