import { describe, expect, it } from 'vitest';
import { CALL_GRACE_MS, LOCK_AFTER_HIDDEN_MS, LOCK_AFTER_IDLE_MS, mustLock } from './timers.ts';

const SHOWN = { activeAt: 0, hiddenAt: null, calledAt: null };

describe('the automatic lock', () => {
  it('locks after ten idle minutes and not before', () => {
    expect(mustLock(LOCK_AFTER_IDLE_MS - 1, SHOWN)).toBe(false);
    expect(mustLock(LOCK_AFTER_IDLE_MS, SHOWN)).toBe(true);
  });
  it('locks after five hidden minutes, however long the timer was throttled', () => {
    const hidden = { ...SHOWN, hiddenAt: 1000 };
    expect(mustLock(1000 + LOCK_AFTER_HIDDEN_MS - 1, hidden)).toBe(false);
    expect(mustLock(1000 + LOCK_AFTER_HIDDEN_MS, hidden)).toBe(true);
    expect(mustLock(1000 + 24 * LOCK_AFTER_HIDDEN_MS, hidden)).toBe(true);
  });
  it('never locks during a call, but does when the phone is left after it', () => {
    const calling = { activeAt: 0, hiddenAt: 1000, calledAt: 0 };
    expect(mustLock(LOCK_AFTER_IDLE_MS * 3, calling)).toBe(false);
    expect(mustLock(CALL_GRACE_MS, calling)).toBe(true);
  });
});
