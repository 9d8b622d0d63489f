import { describe, expect, test } from 'vitest';
import { ANA, OFFICER, PEOPLE, alerted, answered, created, did, minute, minuteMs, referral } from './referral.fixture.ts';
import {
  arrivalLateMinutes, arrivalTimes, arrivesAt, hasExpired, lateArrival, officerWaits, unansweredMinutes, waitingSince,
} from './times.ts';

const waits = (minutes: number, at: number) => did(OFFICER, at, 'referral.set', { fields: { wait_minutes: minutes } });

describe('how long the officer can wait', () => {
  test('counts from the moment they said it, not from when it arrived', () => {
    const record = referral('a', [created(), waits(30, 5), alerted(6)], { received_at: minute(120) });
    expect(officerWaits(record)).toEqual({ until_ms: minuteMs(35), cannot_wait: false });
  });

  test('is known to be "cannot wait" at nought minutes', () => {
    expect(officerWaits(referral('a', [created(), waits(0, 5)]))).toEqual({ until_ms: minuteMs(5), cannot_wait: true });
  });

  test('is unknown when nobody said it, or took it back', () => {
    expect(officerWaits(referral('a', [created()]))).toBeUndefined();
    const cleared = did(OFFICER, 7, 'referral.set', { fields: { wait_minutes: null } });
    expect(officerWaits(referral('a', [created(), waits(30, 5), cleared]))).toBeUndefined();
  });
});

describe('the promised arrival', () => {
  test('is the answer’s time and its minutes', () => {
    expect(arrivesAt(referral('a', [created(), alerted(), answered(ANA, 4, 30)]))).toBe(minuteMs(34));
  });

  test('is none without minutes', () => {
    expect(arrivesAt(referral('a', [created(), alerted(), answered(ANA, 4, null)]))).toBeUndefined();
    expect(arrivesAt(referral('a', [created(), alerted()]))).toBeUndefined();
  });

  test('is late from the first full minute after it, and never once they met', () => {
    const acts = [created(), alerted(), answered(ANA, 4, 30)];
    expect(arrivalLateMinutes(referral('a', acts), minuteMs(34))).toBe(0);
    expect(arrivalLateMinutes(referral('a', acts), minuteMs(35) - 1)).toBe(0);
    expect(arrivalLateMinutes(referral('a', acts), minuteMs(35))).toBe(1);
    const met = [...acts, did(ANA, 50, 'handoff.record', { outcome: 'phone' as const })];
    expect(arrivalLateMinutes(referral('a', met), minuteMs(90))).toBe(0);
  });
});

describe('the way to the server', () => {
  test('is marked from ten minutes on', () => {
    const acts = [created(OFFICER, 0)];
    expect(lateArrival(referral('a', acts, { received_at: new Date(minuteMs(10) - 1).toISOString() }))).toBeUndefined();
    expect(lateArrival(referral('a', acts, { received_at: minute(10) }))).toEqual({
      captured_ms: minuteMs(0),
      arrived_ms: minuteMs(10),
      minutes: 10,
    });
  });

  test('is not claimed from a clock that ran ahead, nor before it arrived', () => {
    expect(lateArrival(referral('a', [created(OFFICER, 60)], { received_at: minute(0) }))).toBeUndefined();
    expect(lateArrival(referral('a', [created()], { received_at: null }))).toBeUndefined();
  });

  test('is told with both times, or with the wrong clock, or not at all', () => {
    const late = referral('a', [created()], { received_at: minute(180) });
    expect(arrivalTimes(late)).toEqual({ at: minute(0), received: minute(180) });
    expect(arrivalTimes(referral('a', [created()], { received_at: minute(1) }))).toBeUndefined();
    const fast = referral('a', [created()], { received_at: minute(1) });
    fast.state.registers['origin']!.off_ms = -7_200_000;
    expect(arrivalTimes(fast)).toEqual({ at: minute(0), off_ms: -7_200_000 });
  });
});

describe('waiting for an answer', () => {
  const page = {
    state: 'open', opened_at: minute(7), step: 0, next_step_at: null, acknowledged_by: null, eta_at: null, ack_expires_at: null,
    calling: 'coordinator',
  } as const;

  test('counts from the page, else from the arrival, else from the alert', () => {
    const acts = [created(), alerted(2)];
    expect(waitingSince(referral('a', acts, { page }))).toBe(minuteMs(7));
    expect(waitingSince(referral('a', acts, { received_at: minute(4) }))).toBe(minuteMs(4));
    expect(waitingSince(referral('a', acts, { received_at: null }))).toBe(minuteMs(2));
  });

  test('grows, never below nought, and ends with an answer', () => {
    const record = referral('a', [created(), alerted(2)], { page });
    expect(unansweredMinutes(record, PEOPLE, minuteMs(19))).toBe(12);
    expect(unansweredMinutes(record, PEOPLE, minuteMs(3))).toBe(0);
    expect(unansweredMinutes(referral('a', [created(), alerted(2), answered(ANA, 3)], { page }), PEOPLE, minuteMs(19))).toBeUndefined();
  });
});

test('an observation expires at its instant', () => {
  expect(hasExpired(minute(5), minuteMs(5) - 1)).toBe(false);
  expect(hasExpired(minute(5), minuteMs(5))).toBe(true);
  expect(hasExpired('not a time', minuteMs(5))).toBe(false);
});
