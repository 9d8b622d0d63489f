/**
 * Judging facts by a pack, on the phone: the twin of `eligibility_rules/evaluate.py`, which documents the meaning.
 *
 * Both must give the same JSON for every vector in `tests/vectors/eligibility` and every fuzzed pack. Pure: no storage,
 * no clock, no words for people. The app advises; the officer decides.
 */
import { compile, compileRule, factsRead, type Judge } from './compile.ts';
import { isIsoDate } from './days.ts';
import {
  NEVER,
  UNLISTED,
  type Determination,
  type Fact,
  type Facts,
  type Pack,
  type PackDocument,
  type Reason,
  type Rule,
  type Tier,
} from './model.ts';
import { inGreedyOrder } from './questions.ts';

/** A fact that the pack does not know, or whose value does not fit its type. Never coerced, never ignored. */
export class FactError extends Error {
  override readonly name = 'FactError';
  readonly fact: string;

  constructor(fact: string, expected: string) {
    super(`Fact ${fact}: expected ${expected}`);
    this.fact = fact;
  }
}

/** A pathway that this program does not offer. */
export class PathwayError extends Error {
  override readonly name = 'PathwayError';
}

/** A rule made ready: what judges it and its `when`, and the two reasons that are always the same. */
interface ReadyRule {
  readonly rule: Rule;
  readonly judge: Judge;
  readonly when: Judge | null;
  readonly facts: readonly string[];
  readonly yes: Reason;
  readonly no: Reason;
}

interface Ready {
  readonly facts: ReadonlyMap<string, { readonly fact: Fact; readonly codes: ReadonlySet<unknown> }>;
  readonly rules: readonly ReadyRule[];
}

const READY = new WeakMap<Pack, Ready>();

function ready(pack: Pack): Ready {
  let found = READY.get(pack);
  if (!found) READY.set(pack, (found = prepare(pack)));
  return found;
}

function prepare(pack: Pack): Ready {
  const charges = [...pack.charges.map(({ code }) => code), UNLISTED];
  const codes = ({ values }: Fact) => new Set(values.length > 0 ? values.map(({ code }) => code) : charges);
  return {
    facts: new Map(pack.facts.map((fact) => [fact.id, { fact, codes: codes(fact) }])),
    rules: pack.rules.map((rule) => {
      const { id, when, must, tier } = rule;
      const facts = [...new Set([...(when ? factsRead(when) : []), ...factsRead(must)])];
      const known = { rule: id, tier, facts, missing: [] };
      const judges = { judge: compileRule(rule), when: when && compile(when) };
      return { rule, ...judges, facts, yes: { ...known, answer: 'yes' }, no: { ...known, answer: 'no' } };
    }),
  };
}

/** Judge `facts` by the pack's rules for `pathway`. Throws `PathwayError` or `FactError`. */
export function evaluate({ hash, document: pack }: PackDocument, pathway: string, facts: Facts): Determination {
  if (!Object.hasOwn(pack.pathways, pathway)) throw new PathwayError(`This program has no pathway ${pathway}`);
  checkFacts(pack, facts);
  const rules = ready(pack).rules.filter(({ rule }) => (rule.applies_to as readonly string[]).includes(pathway));
  const reasons = rules.map((rule) => reasonOf(rule, facts));
  const outcome = outcomeOf(reasons);
  const settled = outcome === 'ineligible';
  const ask = settled ? [] : questions(pack, rules, reasons, facts);
  const confirm = settled ? [] : toConfirm(reasons, ask);
  return { outcome, reasons, ask, confirm, pack: hash };
}

function reasonOf({ judge, rule, facts, yes, no }: ReadyRule, known: Facts): Reason {
  const [answer, missing] = judge(known);
  return answer === null ? { rule: rule.id, answer: 'unknown', tier: rule.tier, facts, missing } : answer ? yes : no;
}

/** Throws `FactError` for the first fact that the pack does not know or cannot read. */
export function checkFacts(pack: Pack, facts: Facts): void {
  const { facts: known } = ready(pack);
  for (const [id, value] of Object.entries(facts)) {
    const found = known.get(id);
    if (found === undefined) throw new FactError(id, 'a fact of this pack');
    if (value !== null && !fits(found.fact, found.codes, value)) throw new FactError(id, `${found.fact.type}, or null`);
  }
}

function fits(fact: Fact, codes: ReadonlySet<unknown>, value: unknown): boolean {
  switch (fact.type) {
    case 'bool':
      return typeof value === 'boolean';
    case 'int':
      return Number.isSafeInteger(value) && (value as number) >= 0;
    case 'date':
      return isIsoDate(value);
    case 'event':
      return value === NEVER || isIsoDate(value);
    case 'enum':
      return codes.has(value);
    case 'code_list':
      // An arrest without a charge is not an arrest: a list of charges names at least one.
      return Array.isArray(value) && value.length >= (fact.values.length > 0 ? 0 : 1) && eachOnce(value, codes);
  }
}

const eachOnce = (value: readonly unknown[], codes: ReadonlySet<unknown>): boolean =>
  new Set(value).size === value.length && value.every((code) => codes.has(code));

const REVIEWED: readonly Tier[] = ['presumed_out', 'ask_coordinator'];

function outcomeOf(reasons: readonly Reason[]): Determination['outcome'] {
  let outcome: Determination['outcome'] = 'eligible';
  for (const { answer, tier } of reasons) {
    if (answer === 'no' && tier === 'bars') return 'ineligible';
    const review = answer === 'no' ? REVIEWED.includes(tier) : tier === 'bars' || tier === 'presumed_out';
    if (answer !== 'yes' && review) outcome = 'needs_review';
  }
  return outcome;
}

/** The officer's questions: the fact that settles most comes first, then as if that were answered. */
function questions(pack: Pack, rules: readonly ReadyRule[], reasons: readonly Reason[], facts: Facts): string[] {
  const { facts: known } = ready(pack);
  const askable = (names: readonly string[] = []) => names.filter((name) => known.get(name)!.fact.asked_of !== 'record');
  const inReview = reasons.some(({ answer, tier }) => answer === 'no' && REVIEWED.includes(tier));
  const open = rules.flatMap(({ when }, at) => {
    const { answer, tier, missing } = reasons[at]!;
    const counts = answer === 'unknown' && (tier === 'bars' || (!inReview && tier !== 'warn'));
    return counts ? [{ bars: tier === 'bars', missing: askable(missing), gate: askable(when?.(facts)[1]) }] : [];
  });
  const waiting = new Set(open.flatMap(({ missing }) => missing));
  const candidates = pack.facts.filter(
    ({ id, asked_of }) => asked_of === 'officer' && waiting.has(id) && !Object.hasOwn(facts, id),
  );
  return inGreedyOrder(candidates.map(({ id }) => id), open);
}

function toConfirm(reasons: readonly Reason[], ask: readonly string[]): string[] {
  const open = reasons.flatMap(({ tier, missing }) => (tier === 'warn' ? [] : missing));
  return [...new Set(open)].filter((fact) => !ask.includes(fact));
}
