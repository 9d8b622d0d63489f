/** A release is whole before it is kept, ends within two years, and is signed in sight of every withdrawal. */
import { describe, expect, test } from 'vitest';
import type { State } from '../../domain/records.ts';
import { giveAct, missing, nothingTyped, revokeAct, type Missing, type Typed } from './release_form.ts';

const TODAY = '2026-04-30';
const WHOLE: Typed = {
  kind: 'prosecutor', name: ' District Attorney ', information: ['intake'], purpose: 'Whether to file', signed_how: 'paper',
  signed_on: TODAY, expires_on: '2026-10-31',
};

test('an empty form lacks everything but the day, which is today', () => {
  expect(missing(nothingTyped(TODAY), TODAY)).toEqual(['kind', 'name', 'information', 'purpose', 'signed_how', 'expires_on']);
});

describe('each part is asked for', () => {
  const cases: [Partial<Typed>, Missing[]][] = [
    [{}, []],
    [{ kind: null }, ['kind']],
    [{ name: '  ' }, ['name']],
    [{ information: [] }, ['information']],
    [{ purpose: '' }, ['purpose']],
    [{ signed_how: null }, ['signed_how']],
    [{ signed_on: '2026-05-01' }, ['signed_on', 'expires_on']],
    [{ expires_on: '' }, ['expires_on']],
    [{ expires_on: TODAY }, []],
    [{ expires_on: '2026-04-29' }, ['expires_on']],
    [{ expires_on: '2028-04-30' }, []],
    [{ expires_on: '2028-05-01' }, ['expires_on']],
    [{ signed_on: '2026-01-01', expires_on: '2026-04-29' }, ['expires_on']],
  ];
  test.each(cases)('%o', (changed, expected) => {
    expect(missing({ ...WHOLE, ...changed }, TODAY)).toEqual(expected);
  });
});

test('it names the withdrawals that were on the screen, and no grants', () => {
  const consent = { w1: { kind: 'withdrawal' }, g1: { kind: 'grant' } } as unknown as State['consent'];
  expect(giveAct(WHOLE, { consent })).toEqual({
    kind: 'release.give',
    payload: {
      recipient: { kind: 'prosecutor', name: 'District Attorney' }, information: ['intake'], purpose: 'Whether to file',
      expires_on: '2026-10-31', signed_how: 'paper', signed_at: '2026-04-30T12:00:00Z',
    },
    saw: ['w1'],
  });
});

test('taking one back names it', () => {
  expect(revokeAct('r1', ' Asked us to. ')).toEqual({ kind: 'release.revoke', payload: { release: 'r1', reason: 'Asked us to.' }, saw: ['r1'] });
});
