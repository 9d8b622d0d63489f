import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { FIELDS } from '../../domain/fields.ts';
import type { JsonValue } from '../../domain/operation.ts';
import { ANA, BEN, OFFICER, answered, alerted, created, did, minute, minuteMs, referral } from '../coordinator/referral.fixture.ts';
import { disagreements, type Disagreement } from './disagreements.ts';
import { SETTLES, bothOf, choice, waysOf } from './settling.ts';

const vector = new URL('../../../../tests/vectors/settling.json', import.meta.url);

test('who settles what is the server’s table', () => {
  expect(SETTLES).toEqual((JSON.parse(readFileSync(vector, 'utf8')) as { settles: object }).settles);
});

describe('a conflict is', () => {
  test('a choice for whoever writes and reads the field', () => {
    expect([waysOf('name', 'officer'), waysOf('name', 'coordinator'), waysOf('needs', 'case_manager')]).toEqual(['choose', 'choose', 'choose']);
  });

  test('only shown to whoever does not', () => {
    expect([waysOf('needs', 'officer'), waysOf('name', 'supervisor'), waysOf('holder', 'officer'), waysOf('name', 'sergeant')]).toEqual(
      ['look', 'look', 'look', 'look'],
    );
  });

  test('explained where the further step decides', () => {
    expect([waysOf('status', 'officer'), waysOf('status', 'supervisor')]).toEqual(['decided', 'decided']);
  });

  test('nothing at all where nobody ever settles it', () => {
    expect(['origin', 'accepted', 'check', 'unheard_of'].map((key) => waysOf(key, 'coordinator'))).toEqual([null, null, null, null]);
  });
});

const about = (key: string, ...values: JsonValue[]): Disagreement => ({
  key,
  conflicts: [`${key}|a|b`],
  sides: values.map((value, at) => ({ op: `op-${at}`, value, by: at === 0 ? ANA : BEN, times: { at: minute(at) }, stands: at === 0 })),
});

describe('both', () => {
  test('lists are united in their order', () => {
    expect(bothOf(about('needs', ['phone', 'food'], ['food', 'housing']))).toEqual({ list: ['phone', 'food', 'housing'] });
  });

  test('a list that holds the other already is both; so is none that would be too long', () => {
    expect(bothOf(about('needs', ['phone', 'food'], ['food']))).toBeUndefined();
    const codes = (from: number): string[] => Array.from({ length: 13 }, (_, at) => `c${from + at}`);
    expect(bothOf(about('charges', codes(0), codes(11)))).toEqual({ list: codes(0).concat(codes(11).slice(2)) });
    expect(bothOf(about('charges', codes(0), codes(12)))).toBeUndefined();
  });

  test('free text is joined, to be edited within the field’s limit', () => {
    expect(bothOf(about('name', 'Rosa', 'Roza'))).toEqual({ text: 'Rosa / Roza', limit: FIELDS.name[2] });
    expect(bothOf(about('place', 'North', 'South', 'East'))).toEqual({ text: 'North / South / East', limit: FIELDS.place[2] });
  });

  test('is not offered of a date, a code, a number, an act, or an emptied text', () => {
    expect(bothOf(about('birth_date', '1990-01-01', '1991-01-01'))).toBeUndefined();
    expect(bothOf(about('custody', 'detained', 'released'))).toBeUndefined();
    expect(bothOf(about('race_self', 'black', 'white'))).toBeUndefined();
    expect(bothOf(about('language', 'es', 'en'))).toBeUndefined();
    expect(bothOf(about('wait_minutes', 10, 20))).toBeUndefined();
    expect(bothOf(about('decision', { outcome: 'accepted', reason: null }, { outcome: 'waitlist', reason: null }))).toBeUndefined();
    expect(bothOf(about('name', 'Rosa', null))).toBeUndefined();
    expect(bothOf(about('name', 'Rosa', '  '))).toBeUndefined();
  });
});

describe('the act of choosing', () => {
  const consent = { method: 'phone', language: 'en', script_version: '1', script_hash: '0', reader: 'self', interpreter: null, witness: null, camera_reference: null, signature: null } as const;

  test('names what was seen of both sides, and the consent that identity needs', () => {
    const record = referral('a', [
      created(), did(OFFICER, 1, 'consent.grant', consent), did(ANA, 2, 'referral.set', { fields: { name: 'Rosa' } }),
      did(BEN, 3, 'referral.set', { fields: { name: 'Roza' } }, { base: { [OFFICER]: 2 } }),
    ]);
    const [found] = disagreements(record);
    expect(choice(record, found!, 'Roza', minute(3), minuteMs(9))).toEqual({
      kind: 'conflict.resolve',
      payload: { key: 'name', value: 'Roza', conflicts: ['name|a-2|a-3'] },
      saw: ['a-1', 'a-2', 'a-3'],
    });
  });

  test('keeps a promised arrival where it was promised', () => {
    const record = referral('a', [created(), alerted(), answered(ANA, 3, 30), answered(BEN, 4, 20, { base: { [OFFICER]: 2 } })]);
    const [found] = disagreements(record);
    const { payload } = choice(record, found!, found!.sides[1]!.value, found!.sides[1]!.times.at, minuteMs(14));
    expect(payload).toMatchObject({ key: 'holder', value: { user_id: BEN, eta_minutes: 10 } });
  });

  test('stays within the limits of an operation', () => {
    const many = { ...about('name', 'a', 'b'), conflicts: Array.from({ length: 80 }, (_, at) => `name|a|${at}`) };
    many.sides = Array.from({ length: 80 }, (_, at) => ({ ...many.sides[0]!, op: `op-${at}` }));
    const { payload, saw } = choice(referral('a', [created()]), many, 'a', minute(0), 0);
    expect([(payload as { conflicts: string[] }).conflicts.length, saw!.length]).toEqual([64, 64]);
  });
});
