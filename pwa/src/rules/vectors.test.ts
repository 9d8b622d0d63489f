/** Every shared vector, in TypeScript; `tests/eligibility_rules/test_vectors.py` reads the same files. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { evaluate, FactError, PathwayError } from './evaluate.ts';
import type { Facts, PackDocument } from './model.ts';

interface Case {
  name: string;
  pathway: string;
  facts: Facts;
  expect: { answers?: object; missing?: object; facts?: object } & Record<string, unknown>;
}

const folder = new URL('../../../tests/vectors/eligibility/', import.meta.url);
const read = (name: string) => JSON.parse(readFileSync(new URL(name, folder), 'utf8'));
const packs: Record<string, PackDocument> = read('packs.json');
const files = readdirSync(folder).filter((name) => name.endsWith('.json') && name !== 'packs.json');

/** What the evaluator says, in the words that a vector may expect. */
function answerOf(pack: PackDocument, { pathway, facts, expect: expected }: Case): Record<string, unknown> {
  try {
    const { outcome, ask, confirm, reasons } = evaluate(pack, pathway, facts);
    const answers = Object.fromEntries(reasons.map(({ rule, answer }) => [rule, answer]));
    const missing = Object.fromEntries(reasons.map((reason) => [reason.rule, reason.missing]));
    const read = Object.fromEntries(reasons.map((reason) => [reason.rule, reason.facts]));
    const named = (all: object, wanted: object = {}) =>
      Object.fromEntries(Object.entries(all).filter(([rule]) => Object.hasOwn(wanted, rule)));
    return {
      outcome,
      ask,
      confirm,
      not_yes: Object.fromEntries(Object.entries(answers).filter(([, answer]) => answer !== 'yes')),
      answers: named(answers, expected.answers),
      missing: named(missing, expected.missing),
      facts: named(read, expected.facts),
    };
  } catch (error) {
    if (error instanceof FactError) return { refused: { error: 'fact', fact: error.fact } };
    if (error instanceof PathwayError) return { refused: { error: 'pathway' } };
    throw error;
  }
}

describe.each(files)('%s', (file) => {
  const { pack, cases }: { pack: string; cases: Case[] } = read(file);
  it.each(cases)('$name', (each) => {
    const answer = answerOf(packs[pack]!, each);
    const keys = Object.keys(each.expect);
    expect(keys.length).toBeGreaterThan(0);
    expect(Object.fromEntries(keys.map((key) => [key, answer[key]]))).toEqual(each.expect);
  });
});

describe('what JSON cannot carry', () => {
  const workbench = packs['workbench']!;
  it.each([undefined, Number.NaN, Number.POSITIVE_INFINITY, 1n, () => true])('%s is not a value', (value) => {
    for (const fact of ['one', 'amount_mg', 'victim', 'born_on', 'history', 'charges']) {
      expect(() => evaluate(workbench, 'arrest_diversion', { [fact]: value })).toThrow(FactError);
    }
  });

  it('a property that an object inherits is not a fact', () => {
    const inherited = Object.create({ one: false }) as Facts;
    expect(evaluate(workbench, 'social_contact', inherited).ask).toContain('one');
  });
});
