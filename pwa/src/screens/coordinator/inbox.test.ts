import { describe, expect, test } from 'vitest';
import { gotThereFirst, pileOf, samePromiseNow, sawOf, sortIntoPiles } from './inbox.ts';
import { ANA, BEN, OFFICER, OLGA, PEOPLE, alerted, answered, created, did, minute, minuteMs, referral } from './referral.fixture.ts';

const ids = (records: { id: string }[]): string[] => records.map(({ id }) => id);
const waits = (minutes: number, at: number) => did(OFFICER, at, 'referral.set', { fields: { wait_minutes: minutes } });

describe('the pile of a referral', () => {
  test('is "nobody has it" from the alert on', () => {
    expect(pileOf(referral('a', [created(), alerted()]), ANA, PEOPLE)).toBe('unanswered');
  });

  test('is mine after my answer and somebody else’s for everybody else', () => {
    const record = referral('a', [created(), alerted(), answered(ANA, 3)]);
    expect(pileOf(record, ANA, PEOPLE)).toBe('mine');
    expect(pileOf(record, BEN, PEOPLE)).toBe('others');
  });

  test('is "nobody has it" again when the server took the answer back', () => {
    const record = referral('a', [
      created(), alerted(), answered(ANA, 3), did('server', 13, 'page.expire', { acknowledgement: 'a-2' }),
    ]);
    expect(pileOf(record, ANA, PEOPLE)).toBe('unanswered');
  });

  test('asks the one person to whom a supervisor gave it, and nobody else', () => {
    const record = referral('a', [created(), alerted(), answered(ANA, 3), did(OLGA, 5, 'referral.assign', { user_id: BEN })]);
    expect(pileOf(record, BEN, PEOPLE)).toBe('unanswered');
    expect(pileOf(record, ANA, PEOPLE)).toBe('others');
  });

  test('is mine once I answered what I was given', () => {
    const record = referral('a', [created(), alerted(), did(OLGA, 5, 'referral.assign', { user_id: BEN }), answered(BEN, 6)]);
    expect(pileOf(record, BEN, PEOPLE)).toBe('mine');
  });

  test('is not reopened by a supervisor who only settled who was first', () => {
    const value = { user_id: ANA, eta_minutes: 20 };
    const record = referral('a', [
      created(), alerted(), answered(ANA, 3), did(OLGA, 5, 'conflict.resolve', { key: 'holder', value, conflicts: ['x'] }),
    ]);
    expect(pileOf(record, ANA, PEOPLE)).toBe('mine');
  });

  test('is closed whoever has it', () => {
    const record = referral('a', [created(), alerted(), answered(ANA, 3), did(ANA, 9, 'referral.close', { reason: 'declined' })]);
    expect(pileOf(record, ANA, PEOPLE)).toBe('closed');
  });

  test('does not wait for an answer once somebody handed over without having answered', () => {
    const record = referral('a', [created(), alerted(), did(ANA, 9, 'handoff.record', { outcome: 'in_person' })]);
    expect(pileOf(record, BEN, PEOPLE)).toBe('others');
  });
});

describe('the order', () => {
  test('of the unanswered is who stops waiting first, then who has waited longest', () => {
    const late = referral('late', [created(), alerted(1), waits(60, 1)]);
    const soon = referral('soon', [created(), alerted(2), waits(15, 2)]);
    const never_said = referral('never', [created(), alerted(1)], { received_at: null, made_at: '2026-04-29T00:00:00Z' });
    const piles = sortIntoPiles([late, soon, never_said], ANA, PEOPLE);
    expect(ids(piles.unanswered)).toEqual(['never', 'soon', 'late']);
  });

  test('of mine is the promised arrival, what was promised no time last', () => {
    const later = referral('later', [created(), alerted(), answered(ANA, 3, 45)]);
    const sooner = referral('sooner', [created(), alerted(), answered(ANA, 5, 10)]);
    const open = referral('open', [created(), alerted(), answered(ANA, 1, null)]);
    expect(ids(sortIntoPiles([open, later, sooner], ANA, PEOPLE).mine)).toEqual(['sooner', 'later', 'open']);
  });

  test('of mine puts those still to be met before those who have been', () => {
    const met = referral('met', [created(), alerted(), answered(ANA, 2, 10), did(ANA, 9, 'handoff.record', { outcome: 'phone' })]);
    const later = referral('later', [created(), alerted(), answered(ANA, 2, 10), did(ANA, 9, 'handoff.record', { outcome: 'deferred' })]);
    const coming = referral('coming', [created(), alerted(), answered(ANA, 20, 45)]);
    expect(ids(sortIntoPiles([met, later, coming], ANA, PEOPLE).mine)).toEqual(['coming', 'later', 'met']);
  });

  test('falls to the id between equals, whatever the order they came in', () => {
    const one = referral('one', [created(), alerted()]);
    const two = referral('two', [created(), alerted()]);
    expect(ids(sortIntoPiles([two, one], ANA, PEOPLE).unanswered)).toEqual(['one', 'two']);
    expect(ids(sortIntoPiles([one, two], ANA, PEOPLE).unanswered)).toEqual(['one', 'two']);
  });
});

describe('somebody was first', () => {
  const seen_alert = { [OFFICER]: 2 };
  const both = [created(), alerted(), answered(ANA, 3, 10), answered(BEN, 4, 30, { base: seen_alert })];

  test('is told to the one whose answer lost, with what they had promised', () => {
    expect(gotThereFirst(referral('a', both), BEN)).toEqual({
      user_id: ANA,
      conflicts: ['holder|a-2|a-3'],
      operations: ['a-2', 'a-3'],
      my_value: { user_id: BEN, eta_minutes: 30 },
      said_at: minute(4),
    });
  });

  test('is not told to the one who has it, nor to a third', () => {
    expect(gotThereFirst(referral('a', both), ANA)).toBeUndefined();
    expect(gotThereFirst(referral('a', both), OLGA)).toBeUndefined();
  });

  test('is over once the person chose', () => {
    const conflicts = ['holder|a-2|a-3'];
    const value = { user_id: ANA, eta_minutes: 10 };
    const record = referral('a', [...both, did(BEN, 6, 'conflict.resolve', { key: 'holder', value, conflicts })]);
    expect(gotThereFirst(record, BEN)).toBeUndefined();
  });

  test('does not happen when the second answer had seen the first', () => {
    expect(gotThereFirst(referral('a', [created(), alerted(), answered(ANA, 3), answered(BEN, 4)]), ANA)).toBeUndefined();
  });
});

test('a promise that is written again keeps its arrival, and is never less than now', () => {
  const promise = { user_id: ANA, eta_minutes: 20 };
  expect(samePromiseNow(promise, minute(0), minuteMs(5))).toEqual({ user_id: ANA, eta_minutes: 15 });
  expect(samePromiseNow(promise, minute(0), minuteMs(45))).toEqual({ user_id: ANA, eta_minutes: 0 });
  expect(samePromiseNow({ user_id: ANA, eta_minutes: null }, minute(0), minuteMs(5))).toEqual({ user_id: ANA, eta_minutes: null });
  expect(samePromiseNow(null, minute(0), minuteMs(5))).toBeNull();
});

test('an answer names the operations that it acts upon', () => {
  expect(sawOf(referral('a', [created(), alerted()]))).toEqual(['a-1']);
  expect(sawOf(referral('a', [created(), alerted(), answered(ANA, 3)]))).toEqual(['a-2']);
});
