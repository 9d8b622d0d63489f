/** Times, people and duties of the rota in words, in the program's zone. Decides nothing. */
import { shownLanguage, t } from '../../state/language.ts';
import type { Known } from './known.ts';
import type { Level, Rota } from './server.ts';
import type { Day, Duty, Piece, Request, Time } from './spans.ts';
import { dayOf } from './zone.ts';

type Parts = 'time' | 'weekday' | 'day' | 'monday' | 'zone';

const FORMATS: Record<Parts, Intl.DateTimeFormatOptions> = {
  time: { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  weekday: { weekday: 'short' },
  day: { weekday: 'short', day: 'numeric', month: 'short' },
  monday: { weekday: 'long', day: 'numeric', month: 'long' },
  zone: { timeZoneName: 'longGeneric' },
};

const formats = new Map<string, Intl.DateTimeFormat>();

function format(parts: Parts, zone: string): Intl.DateTimeFormat {
  const name = `${shownLanguage.value}|${zone}|${parts}`;
  const known = formats.get(name) ?? new Intl.DateTimeFormat(shownLanguage.value, { timeZone: zone, ...FORMATS[parts] });
  formats.set(name, known);
  return known;
}

/** "02:00" */
export const timeOfDay = (at_ms: number, zone: string): string => format('time', zone).format(at_ms);

/** "Tue, Nov 24" */
export const dayWords = (at_ms: number, zone: string): string => format('day', zone).format(at_ms);

/** "Monday, November 23" of a day of the calendar. */
export const calendarDay = (day: string): string => format('monday', 'UTC').format(Date.parse(`${day}T00:00:00Z`));

/** "Mountain Time" */
export const zoneName = (zone: string): string =>
  format('zone', zone).formatToParts(Date.now()).find(({ type }) => type === 'timeZoneName')?.value ?? zone;

/** "Monday" or, short, "Mon"; 0 is Monday. */
export function weekdayName(weekday: number, length: 'short' | 'long'): string {
  // 5 January 1970 was a Monday.
  return new Intl.DateTimeFormat(shownLanguage.value, { timeZone: 'UTC', weekday: length }).format((weekday + 4) * 86_400_000);
}

const WEEK_MS = 6 * 24 * 3_600_000;

/** "14:00" today, "Tue 14:00" within the next days, "Tue, Nov 24, 14:00" later. */
export function moment(at_ms: number, zone: string, now_ms: number): string {
  const time = timeOfDay(at_ms, zone);
  if (dayOf(at_ms, zone) === dayOf(now_ms, zone)) return time;
  const near = at_ms > now_ms && at_ms - now_ms < WEEK_MS;
  return near ? `${format('weekday', zone).format(at_ms)} ${time}` : `${dayWords(at_ms, zone)}, ${time}`;
}

/** "from 14:00 to 18:00", "from Tue 17:00 to Wed 08:00". */
export function fromTo({ from_ms, to_ms }: Time, zone: string, now_ms: number): string {
  const to = dayOf(from_ms, zone) === dayOf(to_ms, zone) ? timeOfDay(to_ms, zone) : moment(to_ms, zone, now_ms);
  return t('rota_from_to', { from: moment(from_ms, zone, now_ms), to });
}

/** "now, until 06:00" of a gap that is there already, else its whole stretch. */
export const gapWords = (gap: Time, zone: string, now_ms: number): string =>
  gap.from_ms <= now_ms ? t('rota_now_until', { time: moment(gap.to_ms, zone, now_ms) }) : stretch(gap, zone);

/** "Tue, Nov 24 02:00–06:00", "Tue, Nov 24 22:00 – Wed, Nov 25 06:00". */
export function stretch({ from_ms, to_ms }: Time, zone: string): string {
  const [day, from, to] = [dayWords(from_ms, zone), timeOfDay(from_ms, zone), timeOfDay(to_ms, zone)];
  return dayOf(from_ms, zone) === dayOf(to_ms, zone) ? `${day} ${from}–${to}` : `${day} ${from} – ${dayWords(to_ms, zone)} ${to}`;
}

/** "15 h", "7 d 1 h", "45 min" */
export function lengthWords({ from_ms, to_ms }: Time): string {
  const minutes = Math.round((to_ms - from_ms) / 60_000);
  const [days, hours, left] = [Math.floor(minutes / 1440), Math.floor((minutes % 1440) / 60), minutes % 60];
  const words = [days && t('rota_days', { n: days }), hours && t('rota_hours', { n: hours }), left && t('rota_minutes', { n: left })];
  return words.filter(Boolean).join(' ');
}

/** What a day shows of a piece: "all day", "until 08:00", "from 17:00", "08:00–20:00". */
export function pieceWords(piece: Piece, day: Day, zone: string): string {
  const [whole, early, late] = [piece.from_ms <= day.from_ms, timeOfDay(piece.from_ms, zone), timeOfDay(piece.to_ms, zone)];
  const ends = piece.to_ms >= day.to_ms;
  if (whole && ends) return t('rota_all_day');
  if (whole) return t('rota_until', { time: late });
  return ends ? t('rota_from', { time: early }) : `${early}–${late}`;
}

export const levelName = (level: Level): string => t(`rota_name_${level}`);

export const nameOf = (rota: Rota, user_id: string | null | undefined): string =>
  rota.people.find(({ id }) => id === user_id)?.name ??
  rota.levels.flatMap(({ spans }) => spans).find((span) => span.user_id === user_id)?.name ??
  t('rota_somebody');

/** When a duty ends; of one that goes on beyond what was asked for, only that. */
export function untilWords({ to_ms }: Time, { rota, until_ms }: Pick<Known, 'rota' | 'until_ms'>, now_ms: number): string {
  return to_ms < until_ms ? moment(to_ms, rota.zone, now_ms) : t('rota_at_least', { time: dayWords(to_ms, rota.zone) });
}

/**
 * "Mon, Dec 14 08:00 – Mon, Dec 21 08:00"; "until Mon 08:00" of one that runs, whose beginning is not known here; "Mon, Dec 14 08:00
 * and on" of one that goes on beyond what was asked for.
 */
export function shiftWords(shift: Time, have: Pick<Known, 'rota' | 'from_ms' | 'until_ms'>, now_ms: number): string {
  const { zone } = have.rota;
  if (shift.from_ms <= have.from_ms) return t('rota_until', { time: untilWords(shift, have, now_ms) });
  if (shift.to_ms < have.until_ms) return stretch(shift, zone);
  return t('rota_and_on', { from: `${dayWords(shift.from_ms, zone)} ${timeOfDay(shift.from_ms, zone)}` });
}

/** "You are on call until 08:00" */
export const runningWords = (shift: Duty, have: Pick<Known, 'rota' | 'until_ms'>, now_ms: number): string =>
  t(`rota_now_${shift.level}`, { time: untilWords(shift, have, now_ms) });

const timeOfChange = (change: Request['change']): Time => ({ from_ms: Date.parse(change.start), to_ms: Date.parse(change.end) });

/** "from 14:00 to 18:00" of the request's own stretch, and of what comes back for it. */
function placesOf({ change, back }: Request, rota: Rota, now_ms: number): Record<string, string> {
  const { zone } = rota;
  return {
    by: nameOf(rota, change.user_id),
    to: nameOf(rota, change.to_user_id),
    when: fromTo(timeOfChange(change), zone, now_ms),
    back: back === null ? '' : fromTo(timeOfChange(back), zone, now_ms),
    level: levelName(change.level),
  };
}

/** What is asked of the reader. */
export const askedWords = (request: Request, rota: Rota, now_ms: number): string =>
  t(request.back === null ? 'rota_asked_cover' : 'rota_asked_swap', placesOf(request, rota, now_ms));

/** What the reader asked of somebody. */
export const mineWords = (request: Request, rota: Rota, now_ms: number): string =>
  t(request.back === null ? 'rota_mine_cover' : 'rota_mine_swap', placesOf(request, rota, now_ms));

/** What holds until somebody agrees: the one who asked keeps the duty. */
export function meanwhileWords({ change }: Request, rota: Rota, reader: string): string {
  const values = { name: nameOf(rota, change.asked_of), by: nameOf(rota, change.user_id) };
  if (change.asked_of === reader) return t('rota_meanwhile_you', values);
  return change.user_id === reader ? t(`rota_meanwhile_${change.level}`, values) : t('rota_meanwhile_other', values);
}

/** "Noel is on call from 14:00 to 18:00.", for whatever was agreed; a swap is two sentences. */
export function arrangedWords({ change, back }: Request, rota: Rota, reader: string, now_ms: number): string {
  const one = (half: Request['change']): string => {
    const comes = half.kind === 'instead' ? half.to_user_id : half.user_id;
    const when = fromTo(timeOfChange(half), rota.zone, now_ms);
    if (comes === null) return t(half.user_id === reader ? 'rota_you_off' : 'rota_off', { name: nameOf(rota, half.user_id), when });
    return comes === reader ? t(`rota_you_${half.level}`, { when }) : t(`rota_comes_${half.level}`, { name: nameOf(rota, comes), when });
  };
  return [change, back].filter((half) => half !== null).map(one).join(' ');
}
