/**
 * The plan of one level as a person edits it: times that repeat on several days of the week, and people in order. Pure.
 *
 * Between the server's rules, whose every turn stands alone, and what is typed, which may be unfinished. What is missing is named.
 */
import type { Level, Rule, Turn } from './server.ts';
import { dayAfter, isDay, mondayOf } from './zone.ts';

export const TURNS_LIMIT = 50;
export const PEOPLE_LIMIT = 50;
export const RULES_LIMIT = 20;
/** The longest that a time may last, in minutes. */
const LONGEST_MINUTES = 7 * 24 * 60;

/** Turns that differ in nothing but their day. `days`: how many days after each weekday it ends. */
export interface TypedTurn {
  weekdays: number[];
  start: string;
  end: string;
  days: number;
}

// Types and not interfaces, so that they are also plain JSON objects for the state layer.
export type TypedRule = {
  turns: TypedTurn[];
  people: string[];
  advance: Rule['advance'];
  /** Any day of the week meant; empty while nothing was chosen. */
  first_week: string;
  /** Any day of the first week no longer covered; empty for none. */
  ends: string;
  /** The zone in which a rule was saved, which may be another than the program's now. */
  zone: string;
};

export const EVERY_DAY: readonly number[] = [0, 1, 2, 3, 4, 5, 6];

function typedTurns(turns: readonly Turn[]): TypedTurn[] {
  const found: TypedTurn[] = [];
  for (const { weekday, ...time } of turns) {
    const same = found.find(({ start, end, days }) => start === time.start && end === time.end && days === time.days);
    if (same) same.weekdays.push(weekday);
    else found.push({ weekdays: [weekday], ...time });
  }
  return found;
}

export const typedRule = ({ turns, people, advance, first_week, ends, zone }: Rule): TypedRule => ({
  turns: typedTurns(turns), people: [...people], advance, first_week, ends: ends ?? '', zone,
});

const turnsOf = (turns: readonly TypedTurn[]): Turn[] =>
  turns.flatMap(({ weekdays, start, end, days }) => weekdays.toSorted((a, b) => a - b).map((weekday) => ({ weekday, start, end, days })));

/** The rule as the server takes it. Only of one in which `missing` finds nothing. */
export const ruleOf = ({ turns, people, advance, first_week, ends, zone }: TypedRule, level: Level): Rule => ({
  level, zone, turns: turnsOf(turns), people, advance, first_week: mondayOf(first_week), ends: ends === '' ? null : mondayOf(ends),
});

const TIME = /^([01]\d|2[0-3]):[0-5]\d$/;
const minutes = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));

export function lengthMinutes({ start, end, days }: Omit<TypedTurn, 'weekdays'>): number {
  return days * 24 * 60 + minutes(end) - minutes(start);
}

export type Missing =
  | 'rota_missing_days' | 'rota_missing_times' | 'rota_backwards' | 'rota_missing_people' | 'rota_missing_week' | 'rota_ends_first' | 'rota_too_many';

/** What keeps a rule from being saved: the first of each kind, in the order of the form. */
export function missing({ turns, people, first_week, ends }: TypedRule): Missing[] {
  const found: Missing[] = [];
  const timed = turns.filter(({ start, end }) => TIME.test(start) && TIME.test(end));
  if (turns.length === 0 || turns.some(({ weekdays }) => weekdays.length === 0)) found.push('rota_missing_days');
  if (timed.length < turns.length) found.push('rota_missing_times');
  if (timed.some((turn) => lengthMinutes(turn) <= 0 || lengthMinutes(turn) > LONGEST_MINUTES)) found.push('rota_backwards');
  if (people.length === 0) found.push('rota_missing_people');
  if (!isDay(first_week)) found.push('rota_missing_week');
  else if (ends !== '' && (!isDay(ends) || mondayOf(ends) <= mondayOf(first_week))) found.push('rota_ends_first');
  if (turnsOf(turns).length > TURNS_LIMIT || people.length > PEOPLE_LIMIT) found.push('rota_too_many');
  return found;
}

/** A rule to begin with, from the present week on. */
const begun = (turns: TypedTurn[], today: string, zone: string): TypedRule => ({
  turns, people: [], advance: 'week', first_week: mondayOf(today), ends: '', zone,
});

export const emptyRule = (today: string, zone: string): TypedRule => begun([{ weekdays: [], start: '', end: '', days: 0 }], today, zone);

/** One week each, handed over on Mondays at 08:00. It begins a week early, so that this Monday's early hours have somebody. */
export const weekEach = (today: string, zone: string): TypedRule[] => [
  { ...begun([{ weekdays: [0], start: '08:00', end: '08:00', days: 7 }], dayAfter(mondayOf(today), -7), zone) },
];

/** Days from 08:00 to 20:00 and nights from 20:00 to 08:00, a week at a time. */
export const daysAndNights = (today: string, zone: string): TypedRule[] =>
  [
    { weekdays: [...EVERY_DAY], start: '08:00', end: '20:00', days: 0 },
    { weekdays: [...EVERY_DAY], start: '20:00', end: '08:00', days: 1 },
  ].map((turn) => begun([turn], dayAfter(mondayOf(today), -7), zone));

/** The list with one of its members moved by one place; the same where there is no such place. */
export function moved<T>(list: readonly T[], from: number, by: -1 | 1): T[] {
  const to = from + by;
  if (to < 0 || to >= list.length) return [...list];
  const next = [...list];
  [next[from], next[to]] = [next[to]!, next[from]!];
  return next;
}

export const toggled = (days: readonly number[], day: number): number[] =>
  (days.includes(day) ? days.filter((each) => each !== day) : [...days, day]).toSorted((a, b) => a - b);

/** Whether two sets of rules would be saved as the same. */
export const sameRules = (one: readonly TypedRule[], other: readonly TypedRule[]): boolean => JSON.stringify(one) === JSON.stringify(other);
