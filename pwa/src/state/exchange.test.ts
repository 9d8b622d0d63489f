import { expect, it } from 'vitest';
import { earliestRetry, judge, metAgain, untilNext } from './exchange.ts';

const push = (outcome: Parameters<typeof judge>[0][number]['outcome'], sent = 0) => ({ outcome, sent });

it('says nothing of the connection when nobody was asked', () => {
  expect(judge([push('empty')], null, false)).toEqual({ reached: null, refused: null });
  expect(judge([push('later')], null, false)).toEqual({ reached: null, refused: null });
  expect(judge([push('busy')], { outcome: 'busy' }, true)).toEqual({ reached: null, refused: null });
});

it('is connected after an answer: to a greeting, to a push, to a pull', () => {
  expect(judge([push('empty')], null, true).reached).toBe(true);
  expect(judge([push('waiting', 1)], null, false).reached).toBe(true);
  expect(judge([push('empty')], { outcome: 'current' }, false)).toEqual({ reached: true, refused: false });
});

it('does not call a phone in back-off connected', () => {
  expect(judge([push('later')], null, true).reached).toBe(null);
});

it('is offline when any part had no answer', () => {
  expect(judge([push('empty', 2)], { outcome: 'offline' }, false).reached).toBe(false);
  expect(judge([push('offline')], null, true).reached).toBe(false);
});

it('has met the server again after a time without it, and at the first time, not at every answer', () => {
  expect(metAgain(false, true)).toBe(true);
  expect(metAgain(null, true)).toBe(true);
  expect(metAgain(true, true)).toBe(false);
  expect(metAgain(false, null)).toBe(false);
  expect(metAgain(true, false)).toBe(false);
});

it('asks to sign in when the device or the session is refused', () => {
  expect(judge([push('sign_in')], null, true)).toEqual({ reached: true, refused: true });
  expect(judge([push('empty')], { outcome: 'sign_in' }, false)).toEqual({ reached: true, refused: true });
});

it('tries again as soon as the sending allows, and never in a hurry', () => {
  expect(untilNext(15_000, null, 1_000)).toBe(15_000);
  expect(untilNext(15_000, 4_000, 1_000)).toBe(3_000);
  expect(untilNext(15_000, 61_000, 1_000)).toBe(15_000);
  expect(untilNext(15_000, 900, 1_000)).toBe(1_000);
});

it('is patient only for a device with something waiting', () => {
  expect(earliestRetry([])).toBe(null);
  expect(earliestRetry([{ waiting: 0, retry_at: 2_000 }, { waiting: 1, retry_at: null }])).toBe(null);
  expect(earliestRetry([{ waiting: 1, retry_at: 9_000 }, { waiting: 2, retry_at: 4_000 }])).toBe(4_000);
});
