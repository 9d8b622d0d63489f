/**
 * Approvals and overrides: which roles may give or confirm them, the twin of `sync/approvals.py`, and what a referral says of
 * them.
 *
 * Answers for who is offered the button; the server refuses everybody else.
 */
import type { Role } from './fields.ts';
import type { Payloads } from './operation.ts';
import type { Entry, State } from './records.ts';

/** Whom a program's rules name. */
export type Named = Payloads['approval.add']['by_role'] | Payloads['override.add']['by_role'];

/** The accounts' roles that speak for whom a program's rules name. */
export const HELD_BY: Readonly<Record<Named, readonly Role[]>> = {
  officer: ['officer'],
  sergeant: ['sergeant'],
  liaison: ['supervisor'],
  coordinator: ['coordinator', 'case_manager'],
  case_manager: ['case_manager'],
  supervisor: ['supervisor'],
  prosecutor: ['prosecutor'],
  all_partners: ['supervisor'],
};

/** Whether this role may set a rule aside itself, where the rule names that role. */
export const mayOverride = (role: Role, named: Named): boolean => HELD_BY[named].includes(role);

/** Whether this person may confirm the entry: by the role that was named, and never one's own record. */
export function mayConfirm(role: Role, userId: string, entry: Entry): boolean {
  if (entry.kind !== 'approval.add' && entry.kind !== 'override.add') return false;
  if (entry.by === userId || entry.payload.how === 'self') return false;
  return HELD_BY[entry.payload.by_role].includes(role);
}

type Recorded = Extract<Entry, { kind: 'approval.add' | 'override.add' }>;

/** An approval or a setting aside as the referral has it. `answer` is the named person's own, null while there is none. */
export interface Told {
  id: string;
  /** The approval's or the rule's name in the pack. */
  of: string;
  entry: Recorded;
  answer: 'confirmed' | 'not_given' | null;
}

/** What a referral says of them, oldest first; what was struck out is left out. */
export function told({ entries, strikes }: Pick<State, 'entries' | 'strikes'>): Told[] {
  const standing = Object.entries(entries)
    .filter(([id]) => !Object.hasOwn(strikes, id))
    .toSorted(([, a], [, b]) => (a.at < b.at ? -1 : 1));
  return standing.flatMap(([id, entry]) => {
    if (entry.kind !== 'approval.add' && entry.kind !== 'override.add') return [];
    const answers = standing.flatMap(([, { kind, payload }]) => (kind === 'approval.confirm' && payload.entry === id ? [payload.answer] : []));
    return [{ id, entry, of: entry.kind === 'approval.add' ? entry.payload.approval : entry.payload.rule, answer: answers.at(-1) ?? null }];
  });
}
