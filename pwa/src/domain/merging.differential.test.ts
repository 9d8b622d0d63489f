/**
 * Random pairs of referrals with Python's answers: both languages must join them to the same bytes.
 *
 * Run by `tests/sync/test_merging.py`, which writes the pairs and names the file in HANDOFF_PAIRS_FILE.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { joined } from './merging.ts';
import { canonical } from './operation.ts';
import type { State } from './records.ts';

const file = process.env['HANDOFF_PAIRS_FILE'];

describe.runIf(file !== undefined)('both languages join alike (started by pytest)', () => {
  test('joining gives the same bytes', () => {
    const pairs = JSON.parse(readFileSync(file ?? '', 'utf8')) as { states: [State, State]; whole: string }[];
    expect(pairs.length).toBeGreaterThan(0);
    for (const [index, { states, whole }] of pairs.entries()) expect(canonical(joined(...states)), `pair ${index}`).toBe(whole);
  });
});
