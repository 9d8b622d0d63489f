/**
 * Judging facts by a pack, on the phone: the twin of `eligibility_rules/evaluate.py`, which documents the meaning.
 *
 * Both must give the same JSON for every vector in `tests/vectors/eligibility` and every fuzzed pack. Pure: no storage,
 * no clock, no words for people. The app advises; the officer decides.
 */
import {
  UNLISTED,
  type Comparison,
  type Condition,
  type Determination,
  type Fact,
  type Facts,
  type Pack,
  type PackDocument,
  type Reason,
  type Tier,
} from './model.ts';

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

/** Kleene's three values, and the facts that keep the third. */
type Judgement = readonly [answer: boolean | null, missing: readonly string[]];

/** Judge `facts` by the pack's rules for `pathway`. Throws `PathwayError` or `FactError`. */
export function evaluate({ hash, document: pack }: PackDocument, pathway: string, facts: Facts): Determination {
  if (!Object.hasOwn(pack.pathways, pathway)) throw new PathwayError(`This program has no pathway ${pathway}`);
  checkFacts(pack, facts);
  const reasons: Reason[] = [];
  for (const rule of pack.rules) {
    if (!(rule.applies_to as readonly string[]).includes(pathway)) continue;
    const [answer, missing] = judge(rule.must, facts);
    reasons.push({ rule: rule.id, answer: answer === null ? 'unknown' : answer ? 'yes' : 'no', tier: rule.tier, missing });
  }
  const outcome = outcomeOf(reasons);
  const settled = outcome === 'ineligible';
  const ask = settled ? [] : questions(pack, reasons, facts);
  const confirm = settled ? [] : toConfirm(reasons, ask);
  return { outcome, reasons, ask, confirm, pack: hash };
}

/** Throws `FactError` for the first fact that the pack does not know or cannot read. */
export function checkFacts(pack: Pack, facts: Facts): void {
  for (const [id, value] of Object.entries(facts)) {
    const fact = pack.facts.find((each) => each.id === id);
    if (fact === undefined) throw new FactError(id, 'a fact of this pack');
    if (value !== null && !fits(pack, fact, value)) throw new FactError(id, `${fact.type}, or null`);
  }
}

function fits(pack: Pack, fact: Fact, value: unknown): boolean {
  switch (fact.type) {
    case 'bool':
      return typeof value === 'boolean';
    case 'int':
      return Number.isSafeInteger(value) && (value as number) >= 0;
    case 'date':
      return isIsoDate(value);
    case 'enum':
      return fact.values.includes(value as string);
    case 'code_list':
      return isCodeList(pack, fact, value);
  }
}

/** Years 1000 to 2999: text of this form sorts as its days do. */
function isIsoDate(value: unknown): boolean {
  const parts = typeof value === 'string' && /^([12][0-9]{3})-([0-9]{2})-([0-9]{2})$/.exec(value);
  if (!parts) return false;
  const [year, month, day] = parts.slice(1).map(Number) as [number, number, number];
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

/** An arrest without a charge is not an arrest: a list of charges names at least one. */
function isCodeList(pack: Pack, fact: Fact, value: unknown): boolean {
  if (!Array.isArray(value) || new Set(value).size !== value.length) return false;
  const codes = fact.values.length > 0 ? fact.values : [...pack.charges.map((charge) => charge.code), UNLISTED];
  return (value.length > 0 || fact.values.length > 0) && value.every((code) => codes.includes(code));
}

function judge(condition: Condition, facts: Facts): Judgement {
  if ('all' in condition) return combine(condition.all, facts, false);
  if ('any' in condition) return combine(condition.any, facts, true);
  if ('not' in condition) {
    const [answer, missing] = judge(condition.not, facts);
    return [answer === null ? null : !answer, missing];
  }
  return compare(condition, facts);
}

/** `all` is settled by a no, `any` by a yes; an unknown part counts only if nothing settles the whole. */
function combine(parts: readonly Condition[], facts: Facts, settledBy: boolean): Judgement {
  const missing = new Set<string>();
  for (const part of parts) {
    const [answer, stillMissing] = judge(part, facts);
    if (answer === settledBy) return [settledBy, []];
    for (const fact of stillMissing) missing.add(fact);
  }
  return missing.size > 0 ? [null, [...missing]] : [!settledBy, []];
}

function compare([fact, operator, expected]: Comparison, facts: Facts): Judgement {
  // A fact may be called `constructor`: only the object's own properties are facts.
  const actual = Object.hasOwn(facts, fact) ? facts[fact] : null;
  return actual === null ? [null, [fact]] : [holds(actual, operator, expected), []];
}

function holds(actual: unknown, operator: Comparison[1], expected: Comparison[2]): boolean {
  const listed = expected as readonly unknown[];
  switch (operator) {
    case 'is':
      return actual === expected;
    case 'is_not':
      return actual !== expected;
    case 'less_than':
    case 'before':
      return (actual as number) < (expected as number);
    case 'at_most':
    case 'on_or_before':
      return (actual as number) <= (expected as number);
    case 'at_least':
    case 'on_or_after':
      return (actual as number) >= (expected as number);
    case 'more_than':
    case 'after':
      return (actual as number) > (expected as number);
    case 'in':
      return listed.includes(actual);
    case 'not_in':
      return !listed.includes(actual);
    case 'any_in':
      return (actual as unknown[]).some((code) => listed.includes(code));
    case 'none_in':
      return !(actual as unknown[]).some((code) => listed.includes(code));
    case 'all_in':
      return (actual as unknown[]).every((code) => listed.includes(code));
  }
}

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

interface Open {
  readonly tier: Tier;
  readonly missing: readonly string[];
}

/** The officer's questions, greedily: the fact that settles most comes first, then as if that were answered. */
function questions(pack: Pack, reasons: readonly Reason[], facts: Facts): string[] {
  const inReview = reasons.some(({ answer, tier }) => answer === 'no' && REVIEWED.includes(tier));
  let open: Open[] = reasons.filter(
    ({ answer, tier }) => answer === 'unknown' && (tier === 'bars' || (!inReview && tier !== 'warn')),
  );
  const waiting = new Set(open.flatMap(({ missing }) => missing));
  const candidates = pack.facts
    .filter(({ id, asked_of }) => waiting.has(id) && asked_of === 'officer' && !Object.hasOwn(facts, id))
    .map(({ id }) => id);
  const chosen: string[] = [];
  while (candidates.length > 0) {
    const best = candidates.reduce((first, next) => (settlesMore(next, first, open) ? next : first));
    chosen.push(best);
    candidates.splice(candidates.indexOf(best), 1);
    open = open
      .map(({ tier, missing }) => ({ tier, missing: missing.filter((id) => id !== best) }))
      .filter(({ missing }) => missing.length > 0);
  }
  return chosen;
}

function settlesMore(one: string, other: string, open: readonly Open[]): boolean {
  const [ones, others] = [weight(one, open), weight(other, open)];
  const differs = ones.findIndex((value, at) => value !== others[at]);
  return differs >= 0 && ones[differs]! > others[differs]!;
}

/** Open `bars` rules that the fact alone settles; open rules that it alone settles; open rules on which it bears. */
function weight(fact: string, open: readonly Open[]): readonly number[] {
  const bearing = open.filter(({ missing }) => missing.includes(fact));
  const alone = bearing.filter(({ missing }) => missing.length === 1);
  return [alone.filter(({ tier }) => tier === 'bars').length, alone.length, bearing.length];
}

function toConfirm(reasons: readonly Reason[], ask: readonly string[]): string[] {
  const open = reasons.flatMap(({ tier, missing }) => (tier === 'warn' ? [] : missing));
  return [...new Set(open)].filter((fact) => !ask.includes(fact));
}
