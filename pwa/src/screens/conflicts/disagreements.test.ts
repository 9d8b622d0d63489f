import { describe, expect, test } from 'vitest';
import { ANA, BEN, OFFICER, OLGA, created, did, minute, referral } from '../coordinator/referral.fixture.ts';
import { concerns } from './concerns.ts';
import { disagreements, gaveWay, ownDisagreements } from './disagreements.ts';

const named = (by: string, at: number, name: string, base?: Record<string, number>) =>
  did(by, at, 'referral.set', { fields: { name } }, base ? { base } : {});

/** Ana and Ben and Olga, none in sight of the other, after the officer's first word. */
const first = named(OFFICER, 1, 'R.');
const acts = [created(), first, named(ANA, 3, 'Rosa'), named(BEN, 4, 'Roza', { [OFFICER]: 2 }), named(OLGA, 5, 'Rose', { [OFFICER]: 1 })];
const conflicts = ['name|a-2|a-3', 'name|a-2|a-4'];

describe('two people wrote different things', () => {
  test('shows the value that stands first, then the others, each with who and when, and what was before', () => {
    expect(disagreements(referral('a', acts))).toEqual([
      {
        key: 'name',
        conflicts,
        was: 'R.',
        sides: [
          { op: 'a-2', value: 'Rosa', by: ANA, times: { at: minute(3) }, stands: true },
          { op: 'a-3', value: 'Roza', by: BEN, times: { at: minute(4) }, stands: false },
          { op: 'a-4', value: 'Rose', by: OLGA, times: { at: minute(5) }, stands: false },
        ],
      },
    ]);
  });

  test('says that there was nothing before, and says nothing where nobody can know', () => {
    const [none] = disagreements(referral('a', [created(), named(ANA, 3, 'Rosa'), named(BEN, 4, 'Roza', {})]));
    expect(none!.was).toBeNull();
    const [unknown] = disagreements(referral('a', [created(), first, named(ANA, 3, 'Rosa'), named(BEN, 4, 'Roza', { [OFFICER]: 1 })]));
    expect(unknown).not.toHaveProperty('was');
  });

  test('keeps both times and the wrong clock of the side that lost', () => {
    const record = referral('a', acts);
    Object.assign(record.state.conflicts[conflicts[0]!]!, { lost_received: minute(90), lost_off_ms: -120_000 });
    expect(disagreements(record)[0]!.sides[1]!.times).toEqual({ at: minute(4), received: minute(90), off_ms: -120_000 });
  });

  test('leaves out what is told elsewhere', () => {
    expect(disagreements(referral('a', acts), conflicts)).toEqual([]);
  });

  test('is over when a person chose', () => {
    const record = referral('a', [...acts, did(ANA, 9, 'conflict.resolve', { key: 'name', value: 'Roza', conflicts })]);
    expect(disagreements(record)).toEqual([]);
  });

  test('is an officer’s only where one side is the officer’s own', () => {
    expect(ownDisagreements(referral('a', acts), OFFICER)).toEqual([]);
    expect(ownDisagreements(referral('a', acts), BEN)).toHaveLength(1);
    expect(ownDisagreements(referral('a', acts), ANA)).toHaveLength(1);
  });
});

describe('what gave way', () => {
  const settled = [...acts, did(ANA, 9, 'conflict.resolve', { key: 'name', value: 'Roza', conflicts })];

  test('is told with what stands now, by whom and when', () => {
    const record = referral('a', settled, { gave_way: ['name'] });
    expect(gaveWay(record, OLGA)).toEqual([{ key: 'name', stands: { value: 'Roza', by: ANA, times: { at: minute(9) } } }]);
  });

  test('is told without a value of what this person may not read', () => {
    expect(gaveWay(referral('a', acts, { gave_way: ['needs'] }), OFFICER)).toEqual([{ key: 'needs', stands: undefined }]);
  });

  test('is not told where a card asks about it, nor where one’s own word stands by now', () => {
    expect(gaveWay(referral('a', acts, { gave_way: ['name'] }), BEN)).toEqual([]);
    expect(gaveWay(referral('a', settled, { gave_way: ['name'] }), ANA)).toEqual([]);
    expect(gaveWay(referral('a', settled), OLGA)).toEqual([]);
  });
});

describe('a line in the list', () => {
  test('is there for both whose words stand against each other, and for nobody else', () => {
    const record = referral('a', acts);
    expect([ANA, BEN, OLGA, OFFICER].map((who) => concerns(record, who))).toEqual([true, true, true, false]);
  });

  test('is there for whom something gave way, until their own word stands', () => {
    const told = { gave_way: ['name'] };
    expect(concerns(referral('a', [created(), first], told), BEN)).toBe(true);
    expect(concerns(referral('a', [created(), first], told), OFFICER)).toBe(false);
    expect(concerns(referral('a', [created(), first]), BEN)).toBe(false);
  });
});
