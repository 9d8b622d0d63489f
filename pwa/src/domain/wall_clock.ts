/**
 * How a time on the wall becomes an instant, where clocks are put forward and back: the twin of `api/rota/wall_clock.py`.
 *
 * A time on the wall is the first instant at which the clock shows that time or a later one. A time that comes twice is its
 * first coming; a time that is left out is the moment at which the clock jumps over it. Times on the wall are numbers too: the
 * epoch milliseconds at which a clock in UTC would show them. Uses nothing but `Intl`.
 */
const SECOND_MS = 1000;
const DAY_MS = 86_400_000;

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known) return known;
  const made = new Intl.DateTimeFormat('en', {
    timeZone: zone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric',
  });
  formats.set(zone, made);
  return made;
}

/** What the clock on the wall shows at an instant, in whole seconds. @throws RangeError for a zone that does not exist. */
export function wallAt(zone: string, instant_ms: number): number {
  const parts = Object.fromEntries(formatOf(zone).formatToParts(instant_ms).map(({ type, value }) => [type, Number(value)]));
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

const offsetAt = (zone: string, instant_ms: number): number => wallAt(zone, instant_ms) - Math.floor(instant_ms / SECOND_MS) * SECOND_MS;

/** The instant (epoch milliseconds) of a time on the wall. */
export function instantOf(zone: string, wall_ms: number): number {
  // A day before and a day after lie on either side of any change that matters here.
  const [before, after] = [offsetAt(zone, wall_ms - DAY_MS), offsetAt(zone, wall_ms + DAY_MS)];
  const candidates = [wall_ms - before, wall_ms - after].toSorted((a, b) => a - b);
  const shown = candidates.find((instant) => wallAt(zone, instant) === wall_ms);
  return shown ?? endOfGap(zone, candidates[0]!, candidates[1]!, after);
}

/** The second at which the clock is put forward, between an instant before it and one at it or after it. */
function endOfGap(zone: string, from_ms: number, to_ms: number, after: number): number {
  let [low, high] = [from_ms, to_ms];
  while (high - low > SECOND_MS) {
    const middle = low + Math.floor((high - low) / 2 / SECOND_MS) * SECOND_MS;
    if (offsetAt(zone, middle) === after) high = middle;
    else low = middle;
  }
  return high;
}
