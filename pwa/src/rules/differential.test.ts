/**
 * TypeScript's half of the differential test. `tests/eligibility_rules/test_differential.py` writes random packs, facts
 * and Python's answers, names the file in HANDOFF_FUZZ_FILE and runs this; alone there is nothing to compare.
 */
import { readFileSync } from 'node:fs';
import canonicalize from 'canonicalize';
import { describe, expect, it } from 'vitest';
import { evaluate, FactError, PathwayError } from './evaluate.ts';
import type { Facts, PackDocument } from './model.ts';

interface Pairs {
  packs: PackDocument[];
  pairs: { pack: number; pathway: string; facts: Facts; answer: string }[];
}

/** A batch takes seconds; a busy machine may need many times that. */
const TIMEOUT_MS = 300_000;
const file = process.env['HANDOFF_FUZZ_FILE'];

function canonicalAnswer(pack: PackDocument, pathway: string, facts: Facts): string | undefined {
  try {
    return canonicalize(evaluate(pack, pathway, facts));
  } catch (error) {
    if (error instanceof FactError) return canonicalize({ error: 'fact', fact: error.fact });
    if (error instanceof PathwayError) return canonicalize({ error: 'pathway' });
    throw error;
  }
}

describe.runIf(file !== undefined)('pairs written by pytest', () => {
  it('every answer is the one that Python gave', () => {
    const { packs, pairs } = JSON.parse(readFileSync(file!, 'utf8')) as Pairs;
    for (const { pack, pathway, facts, answer } of pairs) {
      const here = canonicalAnswer(packs[pack]!, pathway, facts);
      // Only a difference is worth the message: building it for every pair takes longer than the pairs.
      if (here !== answer) expect(here, JSON.stringify({ pathway, facts, pack: packs[pack] })).toBe(answer);
    }
    expect(pairs.length).toBeGreaterThan(0);
    console.log(`compared ${pairs.length} pairs`);
  }, TIMEOUT_MS);
});
