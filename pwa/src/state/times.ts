/** Instants in words: relative and exact together, in the screen's language and the program's time zone. */
import { program } from './session.ts';
import { shownLanguage, type Language } from './language.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const WEEK_MS = 7 * DAY_MS;

const clocks = new Map<string, Intl.DateTimeFormat>();
const relatives = new Map<Language, Intl.RelativeTimeFormat>();

function clock(parts: 'time' | 'day' | 'date' | 'weekday'): Intl.DateTimeFormat {
  const spoken = shownLanguage.value;
  const zone = program.value?.time_zone;
  const name = `${spoken}|${zone ?? ''}|${parts}`;
  const known = clocks.get(name);
  if (known) return known;
  const made = new Intl.DateTimeFormat(spoken, {
    ...(zone ? { timeZone: zone } : {}),
    ...(parts === 'time' ? { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } : {}),
    ...(parts === 'weekday' ? { weekday: 'short' } : {}),
    ...(parts === 'day' ? { day: 'numeric', month: 'short' } : {}),
    ...(parts === 'date' ? { dateStyle: 'long' } : {}),
  });
  clocks.set(name, made);
  return made;
}

function relative(): Intl.RelativeTimeFormat {
  const spoken = shownLanguage.value;
  const known = relatives.get(spoken) ?? new Intl.RelativeTimeFormat(spoken, { style: 'short' });
  relatives.set(spoken, known);
  return known;
}

/** The first use of a format costs more than all that follow: pay it while nobody waits. */
export function prepareTimes(): void {
  clock('time');
  clock('day');
}

/** "02:14" */
export const timeOfDay = (at: string | number): string => clock('time').format(new Date(at));

/** "30 April 2026" */
export const date = (at: string | number): string => clock('date').format(new Date(at));

/** "02:14" today, "12 Nov 02:14" on another day. */
export function exactly(at: string | number, now: number): string {
  const day = clock('day');
  const then = new Date(at);
  return day.format(then) === day.format(now) ? timeOfDay(at) : `${day.format(then)} ${timeOfDay(at)}`;
}

/** A time to come: "08:00" today, "Mon 08:00" within a week, "12 Nov 08:00" after that. */
export function coming(at: string | number, now: number): string {
  const then = new Date(at);
  const day = clock('day').format(then) !== clock('day').format(now);
  return day && then.getTime() - now < WEEK_MS ? `${clock('weekday').format(then)} ${timeOfDay(at)}` : exactly(at, now);
}

/** "4 min ago", "in 20 min"; null within the last half minute, for which there is a word. */
export function ago(at: string | number, now: number): string | null {
  const off = new Date(at).getTime() - now;
  const size = Math.abs(off);
  if (size < MINUTE_MS / 2) return null;
  const [amount, unit]: [number, Intl.RelativeTimeFormatUnit] =
    size < HOUR_MS ? [MINUTE_MS, 'minute'] : size < DAY_MS ? [HOUR_MS, 'hour'] : [DAY_MS, 'day'];
  const count = Math.sign(off) * Math.max(1, Math.floor(size / amount));
  return relative().format(count, unit).replaceAll('.', '');
}
