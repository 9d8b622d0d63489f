/**
 * The way from "offer" to "alert": which step comes next, which question is on the screen, what the rules say so far.
 *
 * Pure. Answers for order only; what a draft becomes is in `acts`, what a rule means in `rules/`. Nothing here stops an
 * officer: without a pack, or with one that cannot read these facts, the result is that the coordinator confirms.
 */
import { evaluate, FactError, PathwayError } from '../../rules/evaluate.ts';
import { UNLISTED, type Charge, type Determination, type Fact, type Pack, type PackDocument, type Reason, type Text } from '../../rules/model.ts';
import type { Body, Facts, FactValue, Step } from './body.ts';

const chargeFact = (pack: Pack): Fact | undefined =>
  pack.facts.find(({ type, values }) => type === 'code_list' && values.length === 0);

/** The facts to judge: the answers this pack can still use, with the chosen charges. */
export function factsOf(body: Body, pack: Pack): Facts {
  const known = pack.facts.filter(({ id }) => Object.hasOwn(body.facts, id)).map(({ id }) => [id, body.facts[id] ?? null]);
  const charges = chargeFact(pack);
  const chosen = body.pathway === 'arrest_diversion' && charges && body.charges.length > 0;
  return Object.fromEntries(chosen ? [...known, [charges.id, chargesIn(body, pack)]] : known) as Facts;
}

/** A charge that a newer pack no longer lists counts as one that is not on the list. */
function chargesIn(body: Body, pack: Pack): string[] {
  const listed = new Set(pack.charges.map(({ code }) => code));
  return [...new Set(body.charges.map((code) => (listed.has(code) ? code : UNLISTED)))];
}

/** What the pack says so far; null where it says nothing, and then the coordinator confirms. */
export function judge(body: Body, pack: PackDocument | null): Determination | null {
  if (!pack) return null;
  try {
    return evaluate(pack, body.pathway, factsOf(body, pack.document));
  } catch (error) {
    if (error instanceof FactError || error instanceof PathwayError) return null;
    throw error;
  }
}

/** Questions that can still change the result. Charges have their own step. */
export function toAsk(body: Body, pack: PackDocument | null): string[] {
  const charges = pack && chargeFact(pack.document)?.id;
  return (judge(body, pack)?.ask ?? []).filter((id) => id !== charges);
}

export interface Question {
  fact: Fact;
  /** Already answered: the officer has come back to it. */
  answered: boolean;
  number: number;
  at_most: number;
}

/** The question on the screen, or null when nothing is left that could change the result. */
export function question(body: Body, pack: PackDocument | null): Question | null {
  const left = toAsk(body, pack);
  const id = body.asked[body.at] ?? left[0];
  const fact = pack?.document.facts.find((each) => each.id === id);
  if (!fact) return null;
  const answered = body.at < body.asked.length;
  return { fact, answered, number: body.at + 1, at_most: body.asked.length + left.length };
}

/** An answer to the question on the screen; null is "don't know". The screen moves on with it. */
export function answer(body: Body, fact: string, value: FactValue): Pick<Body, 'facts' | 'asked' | 'at'> {
  const asked = body.asked.includes(fact) ? body.asked : [...body.asked, fact];
  return { facts: { ...body.facts, [fact]: value }, asked, at: asked.indexOf(fact) + 1 };
}

/** A condition answered under its charge; it is then not asked again. */
export function condition(body: Body, fact: string, value: FactValue): Pick<Body, 'facts'> {
  return { facts: { ...body.facts, [fact]: value } };
}

/** Ticks or unticks a charge; what was answered under it goes with it, unless another chosen charge asks the same. */
export function toggleCharge(body: Body, code: string, pack: Pack): Pick<Body, 'charges' | 'facts' | 'asked' | 'at'> {
  const charges = body.charges.includes(code) ? body.charges.filter((each) => each !== code) : [...body.charges, code];
  const gone = conditionsOf([code], pack).filter((id) => !conditionsOf(charges, pack).includes(id));
  const facts = Object.fromEntries(Object.entries(body.facts).filter(([id]) => !gone.includes(id))) as Facts & Body['facts'];
  const asked = body.asked.filter((id) => !gone.includes(id));
  return { charges, facts, asked, at: Math.min(body.at, asked.length) };
}

/** The facts asked under these charges, each once, that an officer can answer. */
export function conditionsOf(charges: readonly string[], pack: Pack): string[] {
  const ids = pack.charges.filter(({ code }) => charges.includes(code)).flatMap(({ conditions }) => conditions);
  return [...new Set(ids)].filter((id) => pack.facts.some((fact) => fact.id === id && fact.asked_of === 'officer'));
}

const plain = (text: string): string => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();

/** The program's charges that hold every word searched for, in either language or in the citation; most used first. */
export function findCharges(pack: Pack, search: string): Charge[] {
  const words = plain(search).split(/\s+/).filter(Boolean);
  const holds = ({ title, class: level, cite, code }: Charge): boolean => {
    const text = plain([title.en, title.es, level ?? '', cite, code].join(' '));
    return words.every((word) => text.includes(word));
  };
  return pack.charges.filter(holds).toSorted((a, b) => a.order - b.order);
}

const STEPS: Record<Body['pathway'], readonly Step[]> = {
  arrest_diversion: ['charge', 'questions', 'result', 'offer', 'agreed', 'alert'],
  social_contact: ['questions', 'result', 'offer', 'agreed', 'alert'],
};

export const firstStep = (pathway: Body['pathway']): Step => STEPS[pathway][0]!;

/** The step after this one, passing over questions when none is left; null after the alert. */
export function stepAfter(step: Step, body: Body, pack: PackDocument | null): Step | null {
  const steps = STEPS[body.pathway];
  const later = steps.slice(steps.indexOf(step) + 1);
  return later.find((each) => each !== 'questions' || question(body, pack) !== null) ?? null;
}

/** The step before this one, passing over questions when none was put; null before the first, where Back goes home. */
export function stepBefore(step: Step, body: Body): Step | null {
  const steps = STEPS[body.pathway];
  const earlier = steps.slice(0, Math.max(0, steps.indexOf(step)));
  return earlier.findLast((each) => each !== 'questions' || body.asked.length > 0) ?? null;
}

export type Outcome = Determination['outcome'];

export const outcomeOf = (determination: Determination | null): Outcome => determination?.outcome ?? 'needs_review';

/** The rule's sentence that belongs to its answer, for one reason of a determination. */
export function sentenceOf(reason: Reason, pack: Pack): { text: Text; cite: string } | null {
  const rule = pack.rules.find(({ id }) => id === reason.rule);
  return rule ? { text: reason.answer === 'unknown' ? rule.confirm : rule.why, cite: rule.cite } : null;
}

/** The one reason that explains the outcome; null when every rule holds, or without a pack. */
export function mainReason(determination: Determination | null, pack: Pack | null): Text | null {
  if (!determination || !pack) return null;
  const { reasons, outcome } = determination;
  const failed = reasons.filter((each) => each.answer === 'no' && each.tier !== 'warn');
  const open = reasons.filter((each) => each.answer === 'unknown' && each.tier !== 'warn');
  const barred = failed.filter(({ tier }) => tier === 'bars');
  const weighty = open.filter(({ tier }) => tier !== 'ask_coordinator');
  const order = outcome === 'ineligible' ? barred : [...failed, ...weighty, ...open];
  return order[0] ? (sentenceOf(order[0], pack)?.text ?? null) : null;
}
