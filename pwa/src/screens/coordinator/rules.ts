/**
 * What the rules say of a referral with everything that staff know by now, and what is still to find out.
 *
 * Pure. Three sources of facts: the officer's answers, the coordinator's own (`review_facts`, which no officer ever sees), and
 * the record itself. Officers are shown what their own phone said; this is the coordinator's evaluation.
 */
import { told, type Told } from '../../domain/approvals.ts';
import { evaluate, FactError, PathwayError } from '../../rules/evaluate.ts';
import type { AskedOf, Fact, Facts, Pack, PackDocument, Reason, Rule } from '../../rules/model.ts';
import { dayOf } from '../../state/packs.ts';
import { pathwayOf, read, register, type Readable } from './reading.ts';
import { isTheirs, type Outcome } from './said.ts';

export type FactValue = boolean | number | string | string[] | null;
type Known = Pick<Readable, 'state'>;

const FROM_RECORD = ['birth_date', 'age_years'] as const;

/** The days and the age that the record itself holds; the incident's day is the program's own. */
function recordFacts(record: Known, zone: string | undefined): Record<string, unknown> {
  const incident = read<string>(record, 'incident_at');
  const referred = register(record, 'determination')?.at ?? register(record, 'origin')?.at;
  const sent = read<Facts>(record, 'facts')?.['referral_date'];
  return {
    ...(incident === undefined ? {} : { incident_date: dayOf(incident, zone) }),
    ...(sent != null || referred === undefined ? {} : { referral_date: dayOf(referred, zone) }),
    ...Object.fromEntries(FROM_RECORD.flatMap((id) => (read(record, id) === undefined ? [] : [[id, read(record, id)]]))),
  };
}

export const reviewFacts = (record: Known): Record<string, FactValue> => read<Record<string, FactValue>>(record, 'review_facts') ?? {};

/** Everything known. What somebody knows is never displaced by another's "don't know". */
export function factsKnown(record: Known, pack: Pack, zone: string | undefined): Facts {
  const known: Record<string, unknown> = { ...read<Facts>(record, 'facts') };
  for (const [id, value] of Object.entries(reviewFacts(record))) if (value !== null || !Object.hasOwn(known, id)) known[id] = value;
  const listed = new Set(pack.facts.map(({ id }) => id));
  return { ...known, ...Object.fromEntries(Object.entries(recordFacts(record, zone)).filter(([id]) => listed.has(id))) };
}

export interface Judged {
  outcome: Outcome;
  /** Of every rule, also of those that were set aside. */
  reasons: readonly Reason[];
  /** Facts whose answer could still matter. */
  open: ReadonlySet<string>;
  /** By rule: whose word sets it aside. */
  aside: ReadonlyMap<string, Told>;
}

/** Set aside by whom these rules name, and not taken back by the person named. */
function asideOf(record: Known, pack: Pack): Map<string, Told> {
  const overrides = told(record.state).filter(({ entry, answer }) => entry.kind === 'override.add' && answer !== 'not_given');
  return new Map(overrides.filter((each) => isTheirs(each, pack)).map((each) => [each.of, each]));
}

/** The rules as they stand with all that is known; null where this pack cannot read the answers or has no such pathway. */
export function judge(record: Known, { hash, document }: PackDocument, zone: string | undefined): Judged | null {
  const pathway = pathwayOf(record) ?? '';
  const facts = factsKnown(record, document, zone);
  try {
    const { reasons } = evaluate({ hash, document }, pathway, facts);
    const aside = asideOf(record, document);
    const set = new Set(reasons.flatMap(({ rule, answer, tier }) => (tier === 'presumed_out' && answer === 'no' && aside.has(rule) ? [rule] : [])));
    // The same rules without those that somebody answers for: the evaluator itself knows nothing of people.
    const rest = set.size === 0 ? document : { ...document, rules: document.rules.filter(({ id }) => !set.has(id)) };
    const { outcome, ask, confirm } = evaluate({ hash, document: rest }, pathway, facts);
    return { outcome, reasons, open: new Set([...ask, ...confirm]), aside };
  } catch (error) {
    if (error instanceof FactError || error instanceof PathwayError) return null;
    throw error;
  }
}

/** In the order in which a coordinator finds out: first what needs nobody, then the person. */
export const ASKED = ['coordinator', 'participant', 'officer', 'record'] as const satisfies readonly AskedOf[];
export type Asked = (typeof ASKED)[number];

export const isAsked = (name: string | undefined): name is Asked => (ASKED as readonly (string | undefined)[]).includes(name);

export interface Group {
  asked: Asked;
  facts: Fact[];
  answered: number;
}

/** The questions by who can know: those still open, and those answered here, which can be changed. */
export function groupsToAsk(record: Known, pack: Pack, { open }: Judged): Group[] {
  const own = reviewFacts(record);
  return ASKED.flatMap((asked) => {
    const facts = pack.facts.filter(({ id, asked_of }) => asked_of === asked && (open.has(id) || Object.hasOwn(own, id)));
    return facts.length === 0 ? [] : [{ asked, facts, answered: facts.filter(({ id }) => Object.hasOwn(own, id)).length }];
  });
}

/** A rule that stands in the way, by its own words. */
export interface Hindrance {
  rule: Rule;
  reason: Reason;
  aside: Told | undefined;
}

/** The rules that do not hold, in the pack's order. */
export const hindrances = (pack: Pack, { reasons, aside }: Judged): Hindrance[] =>
  reasons.flatMap((reason) => {
    const rule = pack.rules.find(({ id }) => id === reason.rule);
    return reason.answer === 'no' && rule ? [{ rule, reason, aside: aside.get(rule.id) }] : [];
  });

const DAY_MS = 86_400_000;

/** The day by which the full intake has to be done: so many days after the incident. Undefined without a limit or a day. */
export function intakeDue(record: Known, pack: Pack, zone: string | undefined): string | undefined {
  const day = recordFacts(record, zone)['incident_date'];
  const { intake } = pack.practice;
  if (intake === null || typeof day !== 'string') return undefined;
  return new Date(Date.parse(`${day}T00:00:00Z`) + intake.days * DAY_MS).toISOString().slice(0, 10);
}
