/**
 * The way from "offer" to "alert": which step comes next, which question is on the screen, what the rules say so far.
 *
 * Pure. Answers for order only; what a draft becomes is in `acts`, what a rule means in `rules/`. Nothing here stops an
 * officer: without a pack, or with one that cannot read these facts, the result is that the coordinator confirms.
 */
import { evaluate, FactError, PathwayError } from '../../rules/evaluate.ts';
import { UNLISTED, type Charge, type Determination, type Fact, type Pack, type PackDocument, type Practice, type Reason, type Text } from '../../rules/model.ts';
import { approvalsOf, pendingApproval } from './approvals.ts';
import { emptyBody, type Body, type Facts, type FactValue, type Pathway, type Step } from './body.ts';

const chargeFact = (pack: Pack): Fact | undefined =>
  pack.facts.find(({ type, values }) => type === 'code_list' && values.length === 0);

/** The days that the record itself holds, where the program is. Who the person is, is never among an officer's facts. */
export interface Days {
  incident_date: string;
  referral_date: string;
}

/** The facts to judge: the officer's answers that this pack can use, the chosen charges, and the days of the record. */
export function factsOf(body: Body, pack: Pack, days: Days): Facts {
  const answers = pack.facts.filter(({ id, asked_of }) => asked_of === 'officer' && Object.hasOwn(body.facts, id));
  const dates = (Object.keys(days) as (keyof Days)[]).filter((id) => pack.facts.some((fact) => fact.id === id));
  const known: [string, FactValue][] = [
    ...answers.map(({ id }): [string, FactValue] => [id, body.facts[id] ?? null]),
    ...dates.map((id): [string, FactValue] => [id, days[id]]),
  ];
  const charges = chargeFact(pack);
  if (body.pathway === 'arrest_diversion' && charges && body.charges.length > 0) known.push([charges.id, chargesIn(body, pack)]);
  return Object.fromEntries(known);
}

/** A charge that a newer pack no longer lists counts as one that is not on the list. */
function chargesIn(body: Body, pack: Pack): string[] {
  const listed = new Set(pack.charges.map(({ code }) => code));
  return [...new Set(body.charges.map((code) => (listed.has(code) ? code : UNLISTED)))];
}

/** What the pack says so far; null where it says nothing, and then the coordinator confirms. */
export function judge(body: Body, pack: PackDocument | null, days: Days): Determination | null {
  if (!pack) return null;
  try {
    return evaluate(pack, body.pathway, factsOf(body, pack.document, days));
  } catch (error) {
    if (error instanceof FactError || error instanceof PathwayError) return null;
    throw error;
  }
}

/** Questions that can still change the result. Charges have their own step. */
export function toAsk(body: Body, pack: PackDocument | null, days: Days): string[] {
  const charges = pack && chargeFact(pack.document)?.id;
  return (judge(body, pack, days)?.ask ?? []).filter((id) => id !== charges);
}

export interface Question {
  fact: Fact;
  /** Already answered: the officer has come back to it. */
  answered: boolean;
  number: number;
  at_most: number;
}

/** The question on the screen, or null when nothing is left that could change the result. */
export function question(body: Body, pack: PackDocument | null, days: Days): Question | null {
  const left = toAsk(body, pack, days);
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

/** A condition answered under its charge; it is then not asked again. Undefined: what stands in the field is no answer. */
export function condition(body: Body, fact: string, value: FactValue | undefined): Pick<Body, 'facts'> {
  const { [fact]: _, ...others } = body.facts;
  return { facts: value === undefined ? others : { ...others, [fact]: value } };
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

/** The program's switch: an officer decides before anything else, on the result, or once the person has agreed. */
export const officerDecides = (pack: PackDocument | null): Practice['officer_decides'] =>
  pack?.document.practice.officer_decides ?? 'after_check';

function stepsOf(pathway: Pathway, pack: PackDocument | null): Step[] {
  const rest: Step[] = ['questions', 'result', 'approval', 'offer', 'agreed', 'alert'];
  if (pathway !== 'arrest_diversion') return rest;
  return officerDecides(pack) === 'first' ? ['decide', 'charge', ...rest] : ['charge', ...rest];
}

/** Whether the alert itself says that the officer diverts: where the program leaves that to the end. */
export const decidesAtAlert = ({ pathway }: Body, pack: PackDocument | null): boolean =>
  pathway === 'arrest_diversion' && officerDecides(pack) === 'after_consent';

/** A new draft, which keeps these rules. `begun_at` is an instant and becomes the time of the incident. */
export const begin = (pathway: Pathway, begun_at: string, pack: PackDocument | null, partner = false): Body => ({
  ...emptyBody(pathway, begun_at),
  ...underRules(pathway, pack),
  partner,
});

/** What a new draft takes from the rules that it begins with. */
export const underRules = (pathway: Pathway, pack: PackDocument | null): Pick<Body, 'pack' | 'step'> => ({
  pack: pack?.hash ?? null,
  step: stepsOf(pathway, pack)[0]!,
});

/** The pathways that may be begun here: those of the program on which its rules let somebody like this refer. */
export function offered(pathways: readonly string[], pack: PackDocument | null, referrer: 'officer' | 'partner'): Pathway[] {
  const admitted = (pathway: Pathway): boolean =>
    // A community partner makes no arrests, whatever the rules say.
    (referrer === 'officer' || pathway === 'social_contact') &&
    (pack === null || (pack.document.pathways[pathway]?.includes(referrer) ?? false));
  return (['arrest_diversion', 'social_contact'] as const).filter((each) => pathways.includes(each) && admitted(each));
}

/** The step after this one, passing over what has nothing to ask; null after the alert. */
export function stepAfter(step: Step, body: Body, pack: PackDocument | null, days: Days): Step | null {
  const steps = stepsOf(body.pathway, pack);
  const shown = (each: Step): boolean =>
    each === 'questions' ? question(body, pack, days) !== null : each !== 'approval' || pendingApproval(body, pack) !== null;
  // More than one person may have to agree: each has the screen in turn.
  if (step === 'approval' && shown(step)) return step;
  return steps.slice(steps.indexOf(step) + 1).find(shown) ?? null;
}

/** The step before this one, passing over what asked nothing; null before the first, where Back goes home. */
export function stepBefore(step: Step, body: Body, pack: PackDocument | null): Step | null {
  const steps = stepsOf(body.pathway, pack);
  const shown = (each: Step): boolean =>
    each === 'questions' ? body.asked.length > 0 : each !== 'approval' || approvalsOf(body, pack).length > 0;
  return steps.slice(0, Math.max(0, steps.indexOf(step))).findLast(shown) ?? null;
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

/** Who can know what is still open, and what that is. */
export interface Open {
  whom: 'officer' | 'participant' | 'coordinator';
  facts: Fact[];
}

/** What the result still waits for, by who can know it. What the record will hold, a coordinator sees to. */
export function stillOpen(determination: Determination, pack: Pack): Open[] {
  const open = [...determination.ask, ...determination.confirm].flatMap((id) => pack.facts.find((fact) => fact.id === id) ?? []);
  const whom = ({ asked_of }: Fact): Open['whom'] => (asked_of === 'record' ? 'coordinator' : asked_of);
  return (['officer', 'participant', 'coordinator'] as const)
    .map((each) => ({ whom: each, facts: open.filter((fact) => whom(fact) === each) }))
    .filter(({ facts }) => facts.length > 0);
}
