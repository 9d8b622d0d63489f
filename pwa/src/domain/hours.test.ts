/** Service hours in the cases that Python reads too, and the clock on the wall under them. */
import { describe, expect, test } from 'vitest';
import { nextOpening, openAt, type WeeklyWindow } from './hours.ts';
import { read } from './vectors.testing.ts';
import { instantOf, wallAt } from './wall_clock.ts';

interface Moment {
  at: string;
  open: boolean;
  opens: string | null;
}
const { cases } = read<{ cases: { name: string; zone: string; windows: WeeklyWindow[]; moments: Moment[] }[] }>('../hours/openings.json');
const said = (instant: number | null): string | null =>
  instant === null ? null : new Date(instant).toISOString().replace('.000Z', 'Z');

describe.each(cases)('$name', ({ zone, windows, moments }) => {
  test.each(moments)('$at', ({ at, open, opens }) => {
    expect(openAt(windows, zone, Date.parse(at))).toBe(open);
    expect(said(nextOpening(windows, zone, Date.parse(at)))).toBe(opens);
  });
});

const ZONES = ['America/Denver', 'Australia/Lord_Howe', 'Europe/London', 'Asia/Kathmandu', 'America/St_Johns', 'Pacific/Auckland', 'UTC'];

/** Each half hour of the days on which some zone's clocks change, in zones that change then or do not. */
test.each(ZONES)('in %s a time on the wall is the first instant at which the clock shows it or a later one', (zone) => {
  for (const day of ['2026-03-08', '2026-03-29', '2026-04-05', '2026-09-27', '2026-10-04', '2026-10-25', '2026-11-01']) {
    for (let minutes = 0; minutes < 26 * 60; minutes += 30) {
      const wall = Date.parse(`${day}T00:00:00Z`) + minutes * 60_000;
      const instant = instantOf(zone, wall);
      expect(wallAt(zone, instant)).toBeGreaterThanOrEqual(wall);
      // The oracle looks at every half hour of the three before; what shows this time or a later one came by it.
      for (let earlier = instant - 1_800_000; earlier > instant - 3 * 3_600_000; earlier -= 1_800_000) {
        expect(wallAt(zone, earlier), `${zone} ${day} ${minutes}`).toBeLessThan(wall);
      }
      expect(wallAt(zone, instant - 1000)).toBeLessThan(wall);
    }
  }
});

test('a zone that does not exist is refused', () => {
  expect(() => openAt([{ weekday: 0, start: '08:00', end: '09:00' }], 'Mars/Olympus', 0)).toThrow(RangeError);
});
