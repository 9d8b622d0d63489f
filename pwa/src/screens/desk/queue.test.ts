import { describe, expect, test } from 'vitest';
import {
  AGENCY, ANA, BEN, OFFICER, OLGA, PEOPLE, alerted, answered, created, did, minute, minuteMs, referral,
} from '../coordinator/referral.fixture.ts';
import type { ReferralRecord } from '../../state/types.ts';
import { byOfficer } from './officers.ts';
import { countUnanswered, latenessOf, limitsOf, queue, rowOf, step, type Filter } from './queue.ts';

const LIMITS = { page_minutes: 5, nobody_after_minutes: 10 };
const OPEN: Filter = { show: 'open', holder: null, agency: null };
const NOW = minuteMs(60);
const met = (outcome: 'in_person' | 'deferred' | 'could_not_meet') => did(ANA, 30, 'handoff.record', { outcome });

const nobody = referral('nobody', [created(), alerted(50)], { received_at: minute(50) });
const longest = referral('longest', [created(), alerted(20)], { received_at: minute(20) });
const given = referral('given', [created(), alerted(10), did(OLGA, 12, 'referral.assign', { user_id: BEN })]);
const held = referral('held', [created(), alerted(50), answered(ANA, 55, 30)]);
const late = referral('late', [created(), alerted(5), answered(ANA, 6, 10)]);
const deferred = referral('deferred', [created(), alerted(5), answered(ANA, 6, 10), met('deferred')]);
const done = referral('done', [created(), alerted(5), answered(ANA, 6, 10), met('in_person')]);
const closed = referral('closed', [created(), alerted(5), did(ANA, 6, 'referral.close', { reason: 'declined' })]);
const ALL = [closed, done, deferred, held, late, given, longest, nobody];

const rows = (filter: Filter) => queue(ALL, filter, PEOPLE, LIMITS, NOW).map(({ record, standing }) => [record.id, standing]);

describe('the queue', () => {
  test('has the unanswered first, the longest wait first, and no finished referral', () => {
    expect(rows(OPEN)).toEqual([
      ['longest', 'nobody'], ['nobody', 'nobody'], ['given', 'given'], ['late', 'held_late'], ['deferred', 'deferred'], ['held', 'held'],
    ]);
  });

  test('counts as unanswered what was only given', () => {
    expect(countUnanswered(queue(ALL, OPEN, PEOPLE, LIMITS, NOW))).toBe(3);
  });

  test('can be narrowed to the unanswered, the answered and the finished', () => {
    expect(rows({ ...OPEN, show: 'unanswered' }).map(([id]) => id)).toEqual(['longest', 'nobody', 'given']);
    expect(rows({ ...OPEN, show: 'held' }).map(([id]) => id)).toEqual(['late', 'deferred', 'held']);
    expect(rows({ ...OPEN, show: 'finished' }).map(([id]) => id)).toEqual(['done', 'closed']);
  });

  test('can be narrowed to one coordinator and one agency', () => {
    expect(rows({ ...OPEN, holder: BEN }).map(([id]) => id)).toEqual(['given']);
    expect(rows({ ...OPEN, agency: AGENCY })).toHaveLength(6);
    expect(rows({ ...OPEN, agency: 'another' })).toEqual([]);
  });
});

describe('lateness', () => {
  test('begins at the minute of the second page and grows once, at the minute the officer is told to call', () => {
    expect([4, 5, 9, 10].map((minutes) => latenessOf(minutes, LIMITS))).toEqual(['on_time', 'late', 'late', 'very_late']);
  });

  test('never calls something very late before it is late', () => {
    expect(latenessOf(12, { page_minutes: 20, nobody_after_minutes: 10 })).toBe('on_time');
    expect(latenessOf(20, { page_minutes: 20, nobody_after_minutes: 10 })).toBe('very_late');
  });

  test('of an answered referral is the minutes past the promised arrival', () => {
    expect(rowOf(late, PEOPLE, LIMITS, NOW)).toMatchObject({ minutes: 44, lateness: 'late', arrives_ms: minuteMs(16) });
    expect(rowOf(held, PEOPLE, LIMITS, NOW)).toMatchObject({ minutes: 0, lateness: 'on_time' });
  });

  test('has a bar that is never without length', () => {
    expect(rowOf(nobody, PEOPLE, { page_minutes: 0, nobody_after_minutes: 0 }, NOW).bar_minutes).toBe(1);
    expect(limitsOf(LIMITS)).toBe(LIMITS);
    expect(limitsOf(null).page_minutes).toBeGreaterThan(0);
  });
});

test('keys move within the list and stop at its ends', () => {
  expect(step('j', -1, 3)).toBe(0);
  expect(step('ArrowDown', 2, 3)).toBe(2);
  expect(step('k', 0, 3)).toBe(0);
  expect(step('ArrowUp', 2, 3)).toBe(1);
  expect([step('Home', 2, 3), step('End', 0, 3), step('x', 0, 3), step('j', 0, 0)]).toEqual([0, 2, undefined, undefined]);
});

describe('the sergeant’s officers', () => {
  const other = (id: string, acts: Parameters<typeof referral>[1]) => referral(id, [created('officer-2'), ...acts]);

  test('have those still waiting first, the longest wait first, then by what is newest', () => {
    const found = byOfficer([held, done, other('later', [alerted(40, 'officer-2')]), longest], AGENCY);
    expect(found.map(({ user_id, waiting, scenes }) => [user_id, waiting, scenes.map(({ record, word }) => [record.id, word])])).toEqual([
      [OFFICER, 1, [['longest', 'waiting'], ['held', 'seen'], ['done', 'handed_over']]],
      ['officer-2', 1, [['later', 'waiting']]],
    ]);
  });

  test('put who left after who waits, and do not count them as waiting', () => {
    const left = referral('left', [created(), alerted(1), did(OFFICER, 30, 'officer.leave', { reason: 'nobody_answered' })]);
    const [officer] = byOfficer([left, nobody], AGENCY);
    expect([officer?.waiting, officer?.scenes.map(({ record, word, since_ms }) => [record.id, word, since_ms])]).toEqual([
      1, [['nobody', 'waiting', minuteMs(50)], ['left', 'left', minuteMs(30)]],
    ]);
    const seen = referral('seen', [created(), alerted(1), did(OFFICER, 30, 'officer.leave', { reason: 'nobody_answered' }), answered(ANA, 31)]);
    expect(byOfficer([seen], AGENCY)[0]?.scenes[0]?.word).toBe('seen');
  });

  test('count the wait from the page, where an officer’s clock may be wrong', () => {
    const page = { state: 'open', opened_at: minute(20) } as ReferralRecord['page'];
    expect(byOfficer([referral('p', [created(), alerted(1)], { page })], AGENCY)[0]?.scenes[0]?.since_ms).toBe(minuteMs(20));
  });

  test('leave out other agencies, community referrals and everything when the agency is not known', () => {
    const community = referral('c', [created(OFFICER, 0, 'community', AGENCY)]);
    const elsewhere = referral('e', [created(OFFICER, 0, 'arrest_diversion', 'another')]);
    expect(byOfficer([community, elsewhere], AGENCY)).toEqual([]);
    expect(byOfficer([nobody], null)).toEqual([]);
  });

  test('are told nothing of what a status is made of', () => {
    const [officer] = byOfficer([late], AGENCY);
    expect(officer?.scenes[0]).toMatchObject({ word: 'seen', since_ms: minuteMs(6) });
    expect(byOfficer([referral('begun', [created()])], AGENCY)[0]?.scenes[0]?.word).toBe('begun');
  });
});
