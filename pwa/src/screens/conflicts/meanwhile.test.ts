import { expect, test } from 'vitest';
import { ANA, OFFICER, created, did, minute, referral } from '../coordinator/referral.fixture.ts';
import { changedMeanwhile, opOf } from './meanwhile.ts';

const before = referral('a', [created(), did(OFFICER, 1, 'referral.set', { fields: { name: 'R.' } })]);
const seen = { name: opOf(before, 'name'), alias: opOf(before, 'alias') };
const after = (by: string, fields: Record<string, string>) =>
  referral('a', [created(), did(OFFICER, 1, 'referral.set', { fields: { name: 'R.' } }), did(by, 7, 'referral.set', { fields })]);

test('nothing is said while what stands is what the form showed', () => {
  expect(seen).toEqual({ name: 'a-1', alias: null });
  expect(changedMeanwhile({ name: 'Rosa' }, seen, before, OFFICER)).toEqual([]);
  expect(changedMeanwhile({ name: 'Rosa' }, seen, undefined, OFFICER)).toEqual([]);
});

test('what somebody else wrote since is said, with both values', () => {
  expect(changedMeanwhile({ name: 'Rosa' }, seen, after(ANA, { name: 'Roza' }), OFFICER)).toEqual([
    { key: 'name', mine: 'Rosa', theirs: 'Roza', by: ANA, times: { at: minute(7) }, op: 'a-2' },
  ]);
});

test('so is a first value where the form showed none', () => {
  expect(changedMeanwhile({ alias: 'Ro' }, seen, after(ANA, { alias: 'Rosita' }), OFFICER)).toHaveLength(1);
});

test('an equal value, one’s own, an untouched field, and one that was chosen over are not', () => {
  expect(changedMeanwhile({ name: 'Roza' }, seen, after(ANA, { name: 'Roza' }), OFFICER)).toEqual([]);
  expect(changedMeanwhile({ name: 'Rosa' }, seen, after(OFFICER, { name: 'Roza' }), OFFICER)).toEqual([]);
  expect(changedMeanwhile({}, seen, after(ANA, { name: 'Roza' }), OFFICER)).toEqual([]);
  expect(changedMeanwhile({ name: 'Rosa' }, { ...seen, name: 'a-2' }, after(ANA, { name: 'Roza' }), OFFICER)).toEqual([]);
});

test('a draft from before forms remembered what they showed is left alone', () => {
  expect(changedMeanwhile({ name: 'Rosa' }, {}, after(ANA, { name: 'Roza' }), OFFICER)).toEqual([]);
});
