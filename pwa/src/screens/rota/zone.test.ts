import { describe, expect, it } from 'vitest';
import { dayAfter, dayOf, dayStart, isDay, mondayOf, wallText, weekdayOf, zoneInstant } from './zone.ts';

const DENVER = 'America/Denver';
const utc = (text: string, zone = DENVER): string => new Date(zoneInstant(text, zone)!).toISOString();

describe('a time on the wall', () => {
  it('is an instant of its zone, in winter and in summer', () => {
    expect(utc('2026-11-24T02:00')).toBe('2026-11-24T09:00:00.000Z');
    expect(utc('2026-07-01T02:00')).toBe('2026-07-01T08:00:00.000Z');
    expect(utc('2026-11-24T02:00', 'Asia/Kathmandu')).toBe('2026-11-23T20:15:00.000Z');
    expect(utc('2026-11-24T02:00', 'UTC')).toBe('2026-11-24T02:00:00.000Z');
  });

  it('is right on both sides of the night in which the clock is put forward', () => {
    expect(utc('2026-03-08T01:59')).toBe('2026-03-08T08:59:00.000Z');
    expect(utc('2026-03-08T03:00')).toBe('2026-03-08T09:00:00.000Z');
    expect(utc('2026-03-09T02:30')).toBe('2026-03-09T08:30:00.000Z');
  });

  it('that is left out is the moment of the jump, whichever of its minutes is given', () => {
    for (const minute of ['02:00', '02:01', '02:30', '02:59']) expect(utc(`2026-03-08T${minute}`)).toBe('2026-03-08T09:00:00.000Z');
    expect(utc('2026-10-04T02:15', 'Australia/Lord_Howe')).toBe('2026-10-03T15:30:00.000Z');
  });

  it('that comes twice is its first coming', () => {
    expect(utc('2026-11-01T01:30')).toBe('2026-11-01T07:30:00.000Z');
    expect(utc('2026-11-01T00:59')).toBe('2026-11-01T06:59:00.000Z');
    expect(utc('2026-11-01T02:00')).toBe('2026-11-01T09:00:00.000Z');
    expect(utc('2026-04-05T01:45', 'Australia/Lord_Howe')).toBe('2026-04-04T14:45:00.000Z');
  });

  it('of a day that a zone left out is the end of that day’s gap', () => {
    expect(utc('2011-12-30T12:00', 'Pacific/Apia')).toBe('2011-12-30T10:00:00.000Z');
  });

  it('comes back from its instant, every half hour of the months in which clocks change, in zones with odd clocks', () => {
    for (const zone of [DENVER, 'Europe/London', 'Australia/Lord_Howe', 'America/St_Johns', 'Asia/Kathmandu']) {
      for (const month of [2, 3, 9, 10]) {
        for (let at = Date.UTC(2026, month, 1); at < Date.UTC(2026, month + 1, 1); at += 30 * 60_000) {
          const found = zoneInstant(wallText(at, zone), zone)!;
          // The second coming of an hour is read as the first: earlier, never later, by no more than the clock is put back.
          if (found === at) continue;
          expect([zone, wallText(found, zone), found < at, at - found <= 3_600_000]).toEqual([zone, wallText(at, zone), true, true]);
        }
      }
    }
  });

  it('is nothing where the text is no time', () => {
    for (const text of ['', 'soon', '2026-02-30T10:00', '2026-11-24', '2026-11-24T24:00', '2026-13-01T00:00', '2026-11-24T02:00Z']) {
      expect([text, zoneInstant(text, DENVER)]).toEqual([text, null]);
    }
  });
});

describe('days', () => {
  it('are those of the zone, and as long as they are there', () => {
    expect(dayOf(Date.parse('2026-11-24T06:59:00Z'), DENVER)).toBe('2026-11-23');
    expect(dayOf(Date.parse('2026-11-24T07:00:00Z'), DENVER)).toBe('2026-11-24');
    const hours = (day: string): number => (dayStart(dayAfter(day, 1), DENVER) - dayStart(day, DENVER)) / 3_600_000;
    expect(['2026-03-08', '2026-11-01', '2026-11-24'].map(hours)).toEqual([23, 25, 24]);
  });

  it('are counted by the calendar', () => {
    expect([dayAfter('2026-12-31', 1), dayAfter('2028-02-28', 1), dayAfter('2026-03-01', -1)]).toEqual(['2027-01-01', '2028-02-29', '2026-02-28']);
    expect([weekdayOf('2026-11-23'), weekdayOf('2026-11-29')]).toEqual([0, 6]);
    expect(['2026-11-23', '2026-11-24', '2026-11-29'].map(mondayOf)).toEqual(['2026-11-23', '2026-11-23', '2026-11-23']);
    expect(['2026-11-24', '2026-02-30', '', '0026-11-24', '1999-12-31', '2199-12-31'].map(isDay)).toEqual([true, false, false, false, false, true]);
  });
});
