/** Conditions made into functions, once per pack: the twin of `eligibility_rules/compile.py`, which documents the meaning. */
import { dayBefore } from './days.ts';
import { NEVER, type Comparison, type Condition, type Facts, type LookBack, type Operator, type Rule } from './model.ts';

/** The answer (null: unknown) and, if unknown, the facts that keep it so, each once, in the order written. */
export type Judgement = readonly [answer: boolean | null, missing: readonly string[]];
export type Judge = (facts: Facts) => Judgement;

const YES: Judgement = [true, []];
const NO: Judgement = [false, []];
const judgement = (answer: boolean): Judgement => (answer ? YES : NO);

/** A rule holds where its `when` does not, and where its `must` does. */
export function compileRule({ when, must }: Rule): Judge {
  return when === null ? compile(must) : combined([negated(compile(when)), compile(must)], true);
}

export function compile(condition: Condition): Judge {
  if ('all' in condition) return combined(condition.all.map(compile), false);
  if ('any' in condition) return combined(condition.any.map(compile), true);
  if ('not' in condition) return negated(compile(condition.not));
  if ('first_known' in condition) return firstKnown(condition.first_known.map(compile));
  return comparison(condition);
}

/** The facts that a condition reads, as often as it names them; a look-back's anchor after its fact. */
export function factsRead(condition: Condition): string[] {
  if ('all' in condition) return condition.all.flatMap(factsRead);
  if ('any' in condition) return condition.any.flatMap(factsRead);
  if ('not' in condition) return factsRead(condition.not);
  if ('first_known' in condition) return condition.first_known.flatMap(factsRead);
  const [fact, , value] = condition;
  return looksBack(value) ? [fact, value.before] : [fact];
}

const looksBack = (value: Comparison[2]): value is LookBack => typeof value === 'object' && 'before' in value;

/** `all` is settled by a no, `any` by a yes; an unknown part counts only if nothing settles the whole. */
function combined(parts: readonly Judge[], settledBy: boolean): Judge {
  return (facts) => {
    let missing: readonly string[] = [];
    for (const part of parts) {
      const [answer, stillMissing] = part(facts);
      if (answer === settledBy) return judgement(settledBy);
      missing = union(missing, stillMissing);
    }
    return missing.length > 0 ? [null, missing] : judgement(!settledBy);
  };
}

function firstKnown(parts: readonly Judge[]): Judge {
  return (facts) => {
    let missing: readonly string[] = [];
    for (const part of parts) {
      const judged = part(facts);
      if (judged[0] !== null) return judged;
      missing = union(missing, judged[1]);
    }
    return [null, missing];
  };
}

function negated(part: Judge): Judge {
  return (facts) => {
    const judged = part(facts);
    return judged[0] === null ? judged : judgement(!judged[0]);
  };
}

function union(some: readonly string[], more: readonly string[]): readonly string[] {
  return some.length === 0 ? more : more.length === 0 ? some : [...some, ...more.filter((fact) => !some.includes(fact))];
}

/** A fact may be called `constructor`: only the object's own properties are facts. */
const known = (facts: Facts, fact: string): unknown => (Object.hasOwn(facts, fact) ? facts[fact] : null);

function comparison([fact, operator, expected]: Comparison): Judge {
  if (looksBack(expected)) return lookBack(fact, operator, expected);
  const unknown: Judgement = [null, [fact]];
  return (facts) => {
    const actual = known(facts, fact);
    return actual === null ? unknown : judgement(holds(actual, operator, expected));
  };
}

/** The fact against the day counted back. What never happened needs no anchor: it is before every day. */
function lookBack(fact: string, operator: Operator, back: LookBack): Judge {
  return (facts) => {
    const [actual, anchor] = [known(facts, fact), known(facts, back.before)];
    if (actual === null) return [null, anchor === null ? [fact, back.before] : [fact]];
    if (actual !== NEVER && anchor === null) return [null, [back.before]];
    return judgement(holds(actual, operator, actual === NEVER ? '' : dayBefore(anchor as string, back)));
  };
}

function holds(actual: unknown, operator: Operator, expected: Comparison[2]): boolean {
  const listed = expected as readonly unknown[];
  // `never` is before every day; days are text that sorts as they do.
  const never = actual === NEVER;
  switch (operator) {
    case 'is':
      return actual === expected;
    case 'is_not':
      return actual !== expected;
    case 'less_than':
    case 'before':
      return never || (actual as number) < (expected as number);
    case 'at_most':
    case 'on_or_before':
      return never || (actual as number) <= (expected as number);
    case 'at_least':
    case 'on_or_after':
      return !never && (actual as number) >= (expected as number);
    case 'more_than':
    case 'after':
      return !never && (actual as number) > (expected as number);
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
