import { expect, it } from 'vitest';
import { judge } from './exchange.ts';

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

it('asks to sign in when the device or the session is refused', () => {
  expect(judge([push('sign_in')], null, true)).toEqual({ reached: true, refused: true });
  expect(judge([push('empty')], { outcome: 'sign_in' }, false)).toEqual({ reached: true, refused: true });
});
