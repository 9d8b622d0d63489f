import { describe, expect, it } from 'vitest';
import {
  daysAndNights, emptyRule, EVERY_DAY, lengthMinutes, missing, moved, ruleOf, toggled, typedRule, weekEach, type TypedRule,
} from './plan.ts';
import type { Rule } from './server.ts';
import { mondayOf, weekdayOf } from './zone.ts';

const ZONE = 'America/Denver';
/** A Sunday. */
const TODAY = '2026-11-22';
const RULE: Rule = {
  level: 'on_call', zone: ZONE, people: ['ana', 'ben'], advance: 'turn', first_week: '2026-11-16', ends: '2026-12-14',
  turns: [
    { weekday: 0, start: '08:00', end: '20:00', days: 0 },
    { weekday: 1, start: '08:00', end: '20:00', days: 0 },
    { weekday: 4, start: '20:00', end: '08:00', days: 3 },
  ],
};
const complete = (patch: Partial<TypedRule> = {}): TypedRule => ({ ...typedRule(RULE), ...patch });

describe('a rule', () => {
  it('is typed as times on several days, and comes back as it was', () => {
    expect(complete().turns.map(({ weekdays, days }) => [weekdays, days])).toEqual([[[0, 1], 0], [[4], 3]]);
    expect(ruleOf(complete(), 'on_call')).toEqual(RULE);
    expect(ruleOf(typedRule({ ...RULE, ends: null }), 'on_call').ends).toBe(null);
  });

  it('begins and ends on Mondays, whichever day of the week was chosen', () => {
    const { first_week, ends } = ruleOf(complete({ first_week: '2026-11-22', ends: '2026-12-16' }), 'lead');
    expect([first_week, ends]).toEqual(['2026-11-16', '2026-12-14']);
  });

  it('is complete, or says what is missing', () => {
    expect(missing(complete())).toEqual([]);
    expect(missing(emptyRule(TODAY, ZONE))).toEqual(['rota_missing_days', 'rota_missing_times', 'rota_missing_people']);
    expect(missing(complete({ turns: [] }))).toEqual(['rota_missing_days']);
    expect(missing(complete({ people: [] }))).toEqual(['rota_missing_people']);
    for (const first_week of ['', '0026-11-16', '2026-02-30']) expect(missing(complete({ first_week }))).toEqual(['rota_missing_week']);
    expect(missing(complete({ ends: '2026-11-22' }))).toEqual(['rota_ends_first']);
    expect(missing(complete({ ends: '2026-11-23' }))).toEqual([]);
    expect(missing(complete({ ends: '0026-11-23' }))).toEqual(['rota_ends_first']);
  });

  it('has times that last longer than nothing and no longer than a week', () => {
    const lasting = (start: string, end: string, days: number) => missing(complete({ turns: [{ weekdays: [0], start, end, days }] }));
    expect(lasting('08:00', '08:00', 0)).toEqual(['rota_backwards']);
    expect(lasting('08:00', '08:01', 0)).toEqual([]);
    expect(lasting('20:00', '08:00', 0)).toEqual(['rota_backwards']);
    expect(lasting('08:00', '08:00', 7)).toEqual([]);
    expect(lasting('08:00', '08:01', 7)).toEqual(['rota_backwards']);
    expect(lasting('', '08:00', 1)).toEqual(['rota_missing_times']);
  });

  it('has no more times and people than the server takes', () => {
    const turn = { weekdays: [...EVERY_DAY], start: '08:00', end: '09:00', days: 0 };
    const hours = (n: number): TypedRule => complete({ turns: Array.from({ length: n }, () => turn) });
    expect([missing(hours(7)), missing(hours(8))]).toEqual([[], ['rota_too_many']]);
    const people = (n: number): TypedRule => complete({ people: Array.from({ length: n }, (_, i) => `p${i}`) });
    expect([missing(people(50)), missing(people(51))]).toEqual([[], ['rota_too_many']]);
  });
});

describe('presets', () => {
  const hours = (rules: TypedRule[]): number =>
    rules.flatMap(({ turns }) => turns.map((turn) => turn.weekdays.length * lengthMinutes(turn))).reduce((sum, each) => sum + each, 0) / 60;

  it('cover every hour of the week, from before today, and lack only people', () => {
    for (const preset of [weekEach, daysAndNights]) {
      const rules = preset(TODAY, ZONE);
      expect(hours(rules)).toBe(7 * 24);
      for (const rule of rules) {
        expect(missing(rule)).toEqual(['rota_missing_people']);
        expect([weekdayOf(rule.first_week), rule.first_week < mondayOf(TODAY)]).toEqual([0, true]);
      }
    }
  });
});

it('people move by one place, and not beyond the ends', () => {
  const order = ['a', 'b', 'c'];
  expect([moved(order, 1, -1), moved(order, 1, 1), moved(order, 0, -1), moved(order, 2, 1)]).toEqual([
    ['b', 'a', 'c'], ['a', 'c', 'b'], order, order,
  ]);
});

it('days of the week stay in their order', () => {
  expect([toggled([], 3), toggled([4], 1), toggled([1, 4], 4)]).toEqual([[3], [1, 4], [1]]);
});
