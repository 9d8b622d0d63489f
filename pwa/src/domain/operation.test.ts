/** Canonical text, digests and groups against the shared vectors. */
import { describe, expect, test } from 'vitest';
import {
  ACT_GROUPS, type Kind, NotCanonical, type Payloads, type Unsigned, canonical, digestOf, groupsOf, signedText,
} from './operation.ts';
import { read, sha256 } from './vectors.testing.ts';

interface CanonicalVectors {
  texts: { name: string; value: unknown; canonical: string; sha256: string }[];
  envelopes: { name: string; envelope: Unsigned; signed: string; digest: string }[];
  refused: { name: string; json: string; reason: string; value?: true }[];
}
const VECTORS = read<CanonicalVectors>('canonical.json');

describe('canonical texts are those written by hand', () => {
  test.each(VECTORS.texts)('$name', async (each) => {
    expect(canonical(each.value)).toBe(each.canonical);
    expect(await sha256(canonical(each.value))).toBe(each.sha256);
  });
});

describe('digests of envelopes are those of other tools', () => {
  test.each(VECTORS.envelopes)('$name', async (each) => {
    expect(signedText(each.envelope)).toBe(each.signed);
    expect(await digestOf(each.envelope)).toBe(each.digest);
  });
});

describe('what has no canonical text is refused before it is sealed', () => {
  test.each(VECTORS.refused.filter((each) => each.value === true))('$name', (each) => {
    const value: unknown = JSON.parse(each.json);
    expect(() => canonical(value)).toThrow(NotCanonical);
  });

  test.each([
    ['undefined', undefined],
    ['a member that is undefined', { a: undefined }],
    ['a hole in a list', [1, , 2]], // oxlint-disable-line no-sparse-arrays
    ['a function', () => 1],
    ['a symbol', Symbol('a')],
    ['a big integer', 1n],
    ['not a number', Number.NaN],
    ['infinity', Number.POSITIVE_INFINITY],
    ['a date', new Date(0)],
    ['a map', new Map([['a', 1]])],
    ['bytes', new Uint8Array(2)],
  ])('%s', (_, value) => {
    expect(() => canonical({ payload: [value] })).toThrow(NotCanonical);
  });

  test('the message says where', () => {
    expect(() => canonical({ payload: { gps: [1, 39.7] } })).toThrow('$.payload.gps[1]: 39.7 is not a whole number');
  });
});

describe('an operation knows the groups that it writes', () => {
  const payloads: [Kind, Payloads[Kind], string[]][] = [
    ['referral.set', { fields: { place: 'Main', name: 'Ana', alias: null } }, ['place', 'identity']],
    ['referral.set', { fields: { 'assessment.court': { answer: 'no', text: '' } } }, ['assessment']],
    ['entry.strike', { entry: 'x', entry_kind: 'safety.add', reason: '' }, ['safety']],
    ['conflict.resolve', { key: 'holder', value: null, conflicts: [] }, ['holder']],
    ['conflict.resolve', { key: 'needs', value: [], conflicts: [] }, ['needs']],
  ];
  test.each(payloads)('%s %o', (kind, payload, groups) => {
    expect([...groupsOf(kind, payload)]).toEqual(groups);
  });

  test('a field that does not exist is refused', () => {
    const fields = { constructor: 'x' } as Payloads['referral.set']['fields'];
    expect(() => groupsOf('referral.set', { fields })).toThrow(RangeError);
  });

  test('acts have the groups that Python gives them', () => {
    const { act_groups: expected, kinds } = read<{ act_groups: object; kinds: Kind[] }>('fields.json');
    expect(ACT_GROUPS).toEqual(expected);
    expect([...Object.keys(ACT_GROUPS), 'referral.set', 'entry.strike', 'conflict.resolve'].sort()).toEqual(kinds);
  });
});
