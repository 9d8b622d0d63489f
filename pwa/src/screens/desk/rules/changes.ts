/**
 * What one version of the rules says otherwise than another, part by part. Pure: the sentences are in the dictionary.
 *
 * Compares the documents. The server's room has a comparison of its own (`eligibility_rules/review/changes`) that this one repeats:
 * that one also searches for whom the outcome changes, which takes seconds of its processor, so it is asked only before an
 * installation and by the command line. This one is for everybody who reads the rules, offline too.
 */
import type { Pack, Text } from '../../../rules/model.ts';

export type Part = 'pathway' | 'charge' | 'rule' | 'question' | 'approval' | 'practice' | 'head';

export interface Change {
  part: Part;
  what: 'added' | 'removed' | 'changed';
  /** By its own words, as the newer version has them; a code where there are no words (a pathway, a practice). */
  name: Text | string;
  /** Which parts of it differ, by the model's names. */
  keys: string[];
  /** Where words differ: as they were. */
  before: Text | null;
}

type Named = readonly [id: string, words: Text | string, value: object];

const same = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

function differing(one: object, other: object): string[] {
  const [before, after] = [one, other].map((each) => each as Record<string, unknown>) as [Record<string, unknown>, Record<string, unknown>];
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((key) => !same(before[key], after[key]));
}

function compared(part: Part, before: readonly Named[], after: readonly Named[]): Change[] {
  const former = new Map(before.map((each) => [each[0], each]));
  const still = new Set(after.map(([id]) => id));
  const found = after.flatMap(([id, name, value]): Change[] => {
    const was = former.get(id);
    if (was === undefined) return [{ part, what: 'added', name, keys: [], before: null }];
    const keys = differing(was[2], value);
    const words = typeof was[1] === 'string' || same(was[1], name) ? null : was[1];
    return keys.length === 0 ? [] : [{ part, what: 'changed', name, keys, before: words }];
  });
  const gone = before.filter(([id]) => !still.has(id));
  return [...found, ...gone.map(([, name]): Change => ({ part, what: 'removed', name, keys: [], before: null }))];
}

const HEAD = ['effective_until', 'source', 'official', 'unverified', 'way_on'] as const;

/** In the order of a pack. */
export function changesBetween(before: Pack, after: Pack): Change[] {
  const each = (pick: (pack: Pack) => Named[], part: Part): Change[] => compared(part, pick(before), pick(after));
  const practices = ({ practice: { approvals: _, ...rest } }: Pack): Named[] =>
    Object.entries(rest).map(([key, value]) => [key, key, { [key]: value }]);
  return [
    ...each((pack) => HEAD.map((key) => [key, key, { [key]: pack[key] }]), 'head'),
    ...each(({ pathways }) => Object.entries(pathways).map(([id, who]) => [id, id, { who: who.toSorted() }]), 'pathway'),
    ...each(({ charges }) => charges.map((charge) => [charge.code, charge.title, charge]), 'charge'),
    ...each(({ rules }) => rules.map((rule) => [rule.id, rule.why, rule]), 'rule'),
    ...each(({ facts }) => facts.map((fact) => [fact.id, fact.question, fact]), 'question'),
    ...each(({ practice }) => practice.approvals.map((approval) => [approval.id, approval.text, approval]), 'approval'),
    ...each(practices, 'practice'),
  ];
}
