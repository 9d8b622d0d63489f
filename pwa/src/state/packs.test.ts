/** Which rules a phone goes by on a day, and which it keeps. */
import { describe, expect, it } from 'vitest';
import type { PackDocument } from '../rules/model.ts';
import { dayOf, inForce, keepingPacks, KEPT_LIMIT, packByHash } from './packs.ts';
import type { ProgramDocument } from './types.ts';

const pack = (hash: string, effective_from: string, effective_until: string | null = null): PackDocument =>
  ({ hash, document: { effective_from, effective_until } }) as PackDocument;
const OLD = pack('old', '2025-01-01');
const NEW = pack('new', '2026-11-22');
const NEXT = pack('next', '2026-11-25');
const program = (patch: Partial<ProgramDocument>): ProgramDocument => ({ id: 'denver', pack: OLD, coming: [], ...patch }) as ProgramDocument;
const hashes = ({ kept }: ProgramDocument): string[] | undefined => kept?.map(({ hash }) => hash);

describe('a day', () => {
  it('is the program’s own, on both sides of its midnight', () => {
    expect(dayOf('2026-11-22T06:59:59.999Z', 'America/Denver')).toBe('2026-11-21');
    expect(dayOf('2026-11-22T07:00:00.000Z', 'America/Denver')).toBe('2026-11-22');
  });
});

describe('the rules in force', () => {
  const changing = { pack: OLD, coming: [NEW, NEXT] };

  it('change over on the day itself, without a network', () => {
    const days = ['2026-11-21', '2026-11-22', '2026-11-24', '2026-11-25'];
    expect(days.map((day) => inForce(changing, day)?.hash)).toEqual(['old', 'new', 'new', 'next']);
  });

  it('are those that the server named on a phone whose clock is behind', () => {
    expect(inForce(changing, '2020-01-01')?.hash).toBe('old');
  });

  it('end after their last day, if there is one, and then there may be none', () => {
    const ending = { pack: pack('short', '2025-01-01', '2026-11-21'), coming: [] };
    expect([inForce(ending, '2026-11-21')?.hash, inForce(ending, '2026-11-22')]).toEqual(['short', null]);
    expect(inForce({ pack: null }, '2026-11-22')).toBeNull();
  });
});

describe('rules that the server no longer sends', () => {
  it('are kept while there is a draft, whatever they were before, and found by their hash', () => {
    const former = program({ coming: [NEW], kept: [pack('older', '2024-01-01')] });
    const kept = keepingPacks(program({ pack: NEXT }), former, true);
    expect(hashes(kept)).toEqual(['old', 'new', 'older']);
    expect(packByHash(kept, 'older')?.hash).toBe('older');
    expect([packByHash(kept, 'unknown'), packByHash(kept, null), packByHash(null, 'old')]).toEqual([null, null, null]);
  });

  it('are not kept twice, nor beside themselves', () => {
    expect(hashes(keepingPacks(program({ pack: NEW }), program({ coming: [NEW], kept: [OLD] }), true))).toEqual(['old']);
    expect(keepingPacks(program({}), program({}), true)).not.toHaveProperty('kept');
  });

  it('go when nobody is writing anything, and are never in force', () => {
    expect(keepingPacks(program({ pack: NEW }), program({ kept: [NEXT] }), false)).not.toHaveProperty('kept');
    expect(inForce(program({ pack: OLD, kept: [NEW] }), '2026-12-01')?.hash).toBe('old');
  });

  it('are bounded', () => {
    const many = Array.from({ length: KEPT_LIMIT + 1 }, (_, at) => pack(`kept${at}`, '2024-01-01'));
    expect(keepingPacks(program({ pack: NEW }), program({ kept: many }), true).kept).toHaveLength(KEPT_LIMIT);
  });
});
