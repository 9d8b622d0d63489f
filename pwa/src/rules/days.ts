/** Days as text, and days counted back from a day: the twin of `eligibility_rules/days.py`, which documents the calendar. */
import type { LookBack } from './model.ts';

const FIRST_DAY = '1000-01-01';
const DAY = /^([12][0-9]{3})-([0-9]{2})-([0-9]{2})$/;

const partsOf = (day: string): number[] => day.split('-').map(Number);

/** Years 1000 to 2999: text of this form sorts as its days do. */
export function isIsoDate(value: unknown): value is string {
  if (typeof value !== 'string' || !DAY.test(value)) return false;
  const [year, month, day] = partsOf(value) as [number, number, number];
  return month >= 1 && month <= 12 && day >= 1 && day <= lastDay(year, month);
}

/** The day that lies `back` before the day `anchor`, never before the first day there is. */
export function dayBefore(anchor: string, back: LookBack): string {
  const [year, month, day] = partsOf(anchor) as [number, number, number];
  if ('days' in back) return text(new Date(Date.UTC(year, month - 1, day - back.days)));
  const months = year * 12 + month - 1 - ('months' in back ? back.months : back.years * 12);
  const then = Math.floor(months / 12);
  const [last, at] = [lastDay(then, (months % 12) + 1), months % 12];
  return text(new Date(Date.UTC(then, at, Math.min(day, last))));
}

const lastDay = (year: number, month: number): number => new Date(Date.UTC(year, month, 0)).getUTCDate();

function text(day: Date): string {
  const iso = day.toISOString().slice(0, 10);
  return iso < FIRST_DAY ? FIRST_DAY : iso;
}
