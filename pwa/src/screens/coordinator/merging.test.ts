/** Which referrals may be about the same person, and what a coordinator is told before merging them. */
import { describe, expect, test } from 'vitest';
import type { Fields } from '../../domain/operation.ts';
import type { ReferralRecord } from '../../state/types.ts';
import { alike, comparison, directed, isWorkedOnElsewhere, linksAmong, mergedWith, reasonsFor } from './merging.ts';
import { ANA, BEN, alerted, created, did, minute, referral } from './referral.fixture.ts';

const A = 'aaaaaaaa-0000-4000-8000-000000000001';
const B = 'bbbbbbbb-0000-4000-8000-000000000002';
const C = 'cccccccc-0000-4000-8000-000000000003';
const ids: Record<string, string> = { officer: '0ff1ce00-0000-4000-8000-000000000001', other: '0ff1ce00-0000-4000-8000-000000000002' };

function about(id: string, fields: Fields, rest: Partial<ReferralRecord> = {}, by = ids['officer'] as string): ReferralRecord {
  const acts = [created(by), alerted(1, by), did(by, 2, 'referral.set', { fields })];
  return referral(id, acts, { made_at: minute(0), ...rest });
}
const merged = (id: string, into: string, rest: Partial<ReferralRecord> = {}): ReferralRecord =>
  referral(id, [created(), did(ANA, 3, 'referral.merge', { into })], { made_at: minute(0), page: null, ...rest });

describe('what two referrals have in common', () => {
  test.each<[string, Fields, Fields, string[]]>([
    ['the same name however it is written', { name: 'Ana Peña' }, { name: 'PENA,  ana' }, ['name']],
    ['a name that is the other’s alias', { name: 'Nana' }, { name: 'Ana', alias: 'nana' }, ['name']],
    ['two names', { name: 'Ana' }, { name: 'Anna' }, []],
    ['no name at all', { name: '' }, { name: '' }, []],
    ['a birth date, where only one is named', { birth_date: '1990-01-01' }, { birth_date: '1990-01-01', name: 'Ana' }, ['birth_date']],
    ['a birth date under two names', { birth_date: '1990-01-01', name: 'Ben' }, { birth_date: '1990-01-01', name: 'Ana' }, []],
    ['a number among other words', { contact: 'sister: (303) 555-0100' }, { contact: '303 555 0100 after six' }, ['contact']],
    ['a short number is no telephone', { contact: 'room 12' }, { contact: 'room 12' }, []],
    ['a place', { place: '5th & Main' }, { place: '5th main' }, ['place']],
    ['a position a hundred metres off', { gps: { latitude_e6: 39_739_000, longitude_e6: -104_990_000, accuracy_m: 9 } },
      { gps: { latitude_e6: 39_739_900, longitude_e6: -104_990_000, accuracy_m: 9 } }, ['place']],
    ['a position two hundred metres off', { gps: { latitude_e6: 39_739_000, longitude_e6: -104_990_000, accuracy_m: 9 } },
      { gps: { latitude_e6: 39_740_800, longitude_e6: -104_990_000, accuracy_m: 9 } }, []],
  ])('%s', (_, one, other, reasons) => {
    expect(reasonsFor(about(A, one), about(B, other))).toEqual(reasons);
  });

  test('a place counts within half a day alone', () => {
    const early = about(A, { place: 'Main' });
    expect(reasonsFor(early, about(B, { place: 'Main' }, { made_at: minute(720) }))).toEqual(['place']);
    expect(reasonsFor(early, about(B, { place: 'Main' }, { made_at: minute(721) }))).toEqual([]);
  });
});

test('those who have most in common come first, and what is worked on together already is not offered', () => {
  const one = about(A, { name: 'Ana', contact: '303 555 0100' });
  const name = about(B, { name: 'Ana' });
  const both = about(C, { name: 'Ana', contact: '303-555-0100' });
  expect(alike(one, [one, name, both]).map(({ record }) => record.id)).toEqual([C, B]);
  const gone = { ...both, state: { ...both.state, registers: { ...both.state.registers, ...merged(C, A).state.registers } } };
  expect(alike(one, [one, name, gone]).map(({ record }) => record.id)).toEqual([B]);
  expect(mergedWith(one, linksAmong([one, name, gone]))).toEqual([C]);
});

test('what was merged leaves the list, but not while its own page calls', () => {
  const root = about(A, {});
  const closed = merged(B, A);
  const calling = merged(B, A, { page: { state: 'open' } as ReferralRecord['page'] });
  expect(isWorkedOnElsewhere(closed, linksAmong([root, closed]))).toBe(true);
  expect(isWorkedOnElsewhere(calling, linksAmong([root, calling]))).toBe(false);
  expect(isWorkedOnElsewhere(closed, linksAmong([closed])), 'its other is not on this phone').toBe(false);
  expect(isWorkedOnElsewhere(root, linksAmong([root, closed]))).toBe(false);
});

test('the earlier number goes on, whichever was looked at', () => {
  const [first, second] = [about(B, {}, { number: 3 }), about(A, {}, { number: 7 })];
  expect(directed(first, second).into).toBe(first);
  expect(directed(second, first).into).toBe(first);
  expect(directed(about(B, {}, { number: null }), second).into).toBe(second);
});

test('field by field: what somebody must decide, what comes together, what each keeps', () => {
  const into = about(A, { name: 'Ana', case_number: '1', language: 'es' });
  const from = about(B, { name: 'Anna', case_number: '2', language: 'es', alias: 'Nana' }, {}, ids['other']);
  const outcomes = Object.fromEntries(comparison(into, from).map(({ key, outcome }) => [key, outcome]));
  expect(outcomes).toEqual({ name: 'decide', alias: 'fills', case_number: 'own', language: 'same' });
  expect(comparison(into, from)[0]).toEqual({ key: 'name', into: 'Ana', from: 'Anna', outcome: 'decide' });
});

test('what one device wrote on one referral is not taken for seen on the other', () => {
  const number = ids['officer'] as string;
  const into = referral(A, [created(number), did(number, 1, 'note.add', { text: 'x' }), did(BEN, 2, 'referral.set', { fields: { name: 'Ana' } })]);
  const from = referral(B, [did(number, 0, 'referral.set', { fields: { name: 'Anna' } })]);
  const seen = (of: ReferralRecord, vector: Record<string, number>): ReferralRecord => ({ ...of, view: { ...of.state, vector, blocked: false, consented: true } });
  expect(comparison(seen(into, { [number]: 2 }), seen(from, { [number]: 1 })).find(({ key }) => key === 'name')?.outcome).toBe('decide');
});
