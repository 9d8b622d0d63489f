/**
 * Times on the wall of a zone and instants, by `Intl` alone. Pure.
 *
 * The same sentence as the server's `wall_clock` decides every case: a time on the wall is the first instant at which the
 * clock shows that time or a later one. A time that comes twice is its first coming; one that is left out is the moment at
 * which the clock jumps over it.
 */

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** Wider than any offset from UTC, and than the day that a zone once left out. */
const AROUND_MS = 36 * HOUR_MS;

const TEXT = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})$/;

const walls = new Map<string, Intl.DateTimeFormat>();

function wallOf(zone: string): Intl.DateTimeFormat {
  // Sweden writes its days as ISO 8601 does.
  const known = walls.get(zone) ?? new Intl.DateTimeFormat('sv-SE', {
    timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', hourCycle: 'h23',
  });
  walls.set(zone, known);
  return known;
}

/** What the wall shows at an instant, as `datetime-local` inputs write it: `2026-11-24T02:00`. */
export const wallText = (at_ms: number, zone: string): string => wallOf(zone).format(at_ms).replace(' ', 'T');

/** The day that the calendar on the wall shows: `2026-11-24`. */
export const dayOf = (at_ms: number, zone: string): string => wallText(at_ms, zone).slice(0, 10);

/** The text as if it were UTC; null where it is no time that a calendar has. */
function asUtc(text: string): number | null {
  const found = TEXT.exec(text);
  if (!found) return null;
  const [year, month, day, hour, minute] = found.slice(1).map(Number) as [number, number, number, number, number];
  const at = Date.UTC(year, month - 1, day, hour, minute);
  // Date.UTC makes 2 March of 30 February.
  return new Date(at).toISOString().startsWith(text) ? at : null;
}

/** How far the wall is ahead of UTC, in whole minutes of milliseconds. */
const offsetAt = (at_ms: number, zone: string): number =>
  asUtc(wallText(at_ms, zone))! - Math.floor(at_ms / MINUTE_MS) * MINUTE_MS;

/** The minute at which the clock is put forward, after `before_ms` and not after `after_ms`. */
function jump(before_ms: number, after_ms: number, zone: string): number {
  const then = offsetAt(after_ms, zone);
  let [low, high] = [before_ms, after_ms];
  while (high - low > MINUTE_MS) {
    const middle = low + Math.floor((high - low) / MINUTE_MS / 2) * MINUTE_MS;
    if (offsetAt(middle, zone) === then) high = middle;
    else low = middle;
  }
  return high;
}

/** The instant (epoch milliseconds) of a `datetime-local` text on the wall of a zone; null where the text is no time. */
export function zoneInstant(text: string, zone: string): number | null {
  const utc = asUtc(text);
  if (utc === null) return null;
  const [before, after] = [offsetAt(utc - AROUND_MS, zone), offsetAt(utc + AROUND_MS, zone)];
  const shown = [utc - before, utc - after].filter((at) => wallText(at, zone) === text);
  return shown.length > 0 ? Math.min(...shown) : jump(utc - after, utc - before, zone);
}

/** A day so many days later, by the calendar. */
export function dayAfter(day: string, days: number): string {
  const [year, month, date] = day.split('-').map(Number) as [number, number, number];
  return new Date(Date.UTC(year, month - 1, date + days)).toISOString().slice(0, 10);
}

/** 0 is Monday. */
export const weekdayOf = (day: string): number => (new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7;

export const mondayOf = (day: string): string => dayAfter(day, -weekdayOf(day));

/** The first instant of a day. */
export const dayStart = (day: string, zone: string): number => zoneInstant(`${day}T00:00`, zone)!;

/** Whether a text is a day that the calendar has, within the years that a rota may name. */
export const isDay = (text: string): boolean => asUtc(`${text}T00:00`) !== null && text >= '2000-01-01' && text <= '2199-12-31';
