import { describe, expect, it } from 'vitest';
import { readTime, type Typed } from './times.ts';
import { wallText } from './zone.ts';

const ZONE = 'America/Denver';
const at = (text: string): number => Date.parse(`2026-11-${text}:00-07:00`);
const NOW = at('22T14:00');
const read = (typed: Partial<Typed>) => readTime({ from: '', until: '', known: null, from_now: false, ...typed }, ZONE, NOW);

describe('a stretch that was typed', () => {
  it('is read on the program’s wall', () => {
    expect(read({ from: '2026-11-24T02:00', until: '2026-11-24T06:00' })).toEqual({ from_ms: at('24T02:00'), to_ms: at('24T06:00') });
  });

  it('may begin now, where the form says so', () => {
    expect(read({ until: '2026-11-22T18:00', from_now: true })).toEqual({ from_ms: NOW, to_ms: at('22T18:00') });
    // A shift that began while the form stood open: its beginning is past.
    expect(read({ from: '2026-11-22T13:30', until: '2026-11-22T18:00', from_now: true })).toMatchObject({ from_ms: NOW });
    expect(read({ until: '2026-11-22T18:00' })).toBe('rota_missing_start');
  });

  it('ends, after it begins, and not in the past', () => {
    expect(read({ from: '2026-11-24T02:00' })).toBe('rota_missing_end');
    expect(read({ from: '2026-11-24T02:00', until: '2026-11-24T02:00' })).toBe('rota_end_first');
    expect(read({ from: '2026-11-24T02:00', until: '2026-11-24T02:01' })).not.toBeTypeOf('string');
    expect(read({ from: '2026-11-20T02:00', until: '2026-11-22T14:00' })).toBe('rota_end_first');
  });

  it('lasts no longer than the server takes, counted from now where it began before', () => {
    expect(read({ from: '2026-11-24T02:00', until: '2026-12-25T02:00' })).not.toBeTypeOf('string');
    expect(read({ from: '2026-11-24T02:00', until: '2026-12-25T02:01' })).toBe('rota_too_long');
    expect(read({ from: '2026-11-01T02:00', until: '2026-12-20T02:00' })).not.toBeTypeOf('string');
  });

  it('that nobody changed is the instant it came from, in the hour that comes twice as well', () => {
    const second = Date.parse('2026-11-01T08:30:00Z');
    const known = { from_ms: Date.parse('2026-10-31T20:00:00Z'), to_ms: second };
    const typed = { from: wallText(known.from_ms, ZONE), until: wallText(second, ZONE), known, from_now: false };
    expect(readTime(typed, ZONE, Date.parse('2026-10-30T00:00:00Z'))).toEqual(known);
    // Typed by hand, it is the first coming.
    expect(readTime({ ...typed, known: null }, ZONE, Date.parse('2026-10-30T00:00:00Z'))).toMatchObject({ to_ms: second - 3_600_000 });
  });
});
