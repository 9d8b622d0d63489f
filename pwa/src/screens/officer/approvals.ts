/**
 * Approvals and rules set aside: whose word is needed, whether it is written down whole, and what is sent.
 *
 * Pure. An officer records somebody else's word, also without a signal; that person confirms it later. Who may confirm is
 * `domain/approvals`' affair, and the server decides.
 */
import { told } from '../../domain/approvals.ts';
import type { State } from '../../domain/records.ts';
import type { Approval, Determination, Pack, PackDocument, Rule } from '../../rules/model.ts';
import type { Act } from '../../state/types.ts';
import type { Body, Word } from './body.ts';
import { clean } from './typed.ts';

const MINUTE_MS = 60_000;
const DAY_MINUTES = 1440;

/** The approvals that an officer must see to before the person is handed over. What comes afterwards is others' affair. */
export const approvalsOf = ({ pathway, partner }: Pick<Body, 'pathway' | 'partner'>, pack: PackDocument | null): Approval[] =>
  (pack?.document.practice.approvals ?? []).filter(({ when, applies_to }) => !partner && when !== 'after' && applies_to.includes(pathway));

/** The next approval of which nothing has been said yet. */
export const pendingApproval = (body: Body, pack: PackDocument | null): Approval | null =>
  approvalsOf(body, pack).find(({ id }) => !body.approvals[id]?.state) ?? null;

/** A rule that presumes the person out; the pack says who may set it aside. */
export type Overridable = Rule & { override_by: NonNullable<Rule['override_by']> };

/** The rules that presume the person out and that somebody may set aside. */
export function toSetAside(determination: Determination | null, pack: Pack | null): Overridable[] {
  const failed = (rule: Rule): rule is Overridable =>
    rule.override_by !== null && determination!.reasons.some(({ rule: id, answer }) => id === rule.id && answer === 'no');
  return determination && pack ? pack.rules.filter(failed) : [];
}

export type WordGap = 'who' | 'how' | 'why';

/** `own`: the officer's own word, which needs nobody else's name. `reason`: it says why. */
export interface Needs {
  own?: boolean;
  reason?: boolean;
}

/** What is missing before a word is written down whole. */
export function wordGap({ by_name, how, reason }: Word, needs: Needs): WordGap | null {
  if (!needs.own && !by_name.trim()) return 'who';
  if (!needs.own && how === null) return 'how';
  return needs.reason && !reason.trim() ? 'why' : null;
}

/** The last time that a clock in the program showed HH:MM, as an instant; `shown_now` is what it shows now. Null for no time. */
export function lastTime(typed: string, shown_now: string, now_ms: number): string | null {
  const minuteOf = (clock: string): number => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3, 5));
  if (!/^\d\d:\d\d/.test(typed)) return null;
  const ago = (minuteOf(shown_now) - minuteOf(typed) + DAY_MINUTES) % DAY_MINUTES;
  return new Date(Math.floor(now_ms / MINUTE_MS - ago) * MINUTE_MS).toISOString();
}

export function approvalAct({ id, by }: Approval, word: Word): Act {
  const { how, given_at } = word;
  return { kind: 'approval.add', payload: { approval: id, by_name: clean(word.by_name), by_role: by, how, given_at } };
}

function overrideAct({ id, override_by }: Overridable, { by_name, how, reason, given_at }: Word): Act {
  const own = override_by === 'officer';
  const who = own ? { by_name: null, how: 'self' } : { by_name: clean(by_name), how };
  return { kind: 'override.add', payload: { rule: id, reason: clean(reason), by_role: override_by, ...who, given_at } };
}

/** What was given while the draft was written, in the pack's order. A rule that no longer stands in the way needs nobody. */
export function wordActs(body: Body, pack: PackDocument | null, determination: Determination | null): Act[] {
  const given = <T extends { id: string }>(words: Body['approvals'], act: (each: T, word: Word) => Act) => (each: T): Act[] => {
    const word = words[each.id];
    return word?.state === 'given' ? [act(each, word)] : [];
  };
  return [
    ...approvalsOf(body, pack).flatMap(given(body.approvals, approvalAct)),
    ...toSetAside(determination, pack?.document ?? null).flatMap(given(body.overrides, overrideAct)),
  ];
}

/** The approvals that a sent referral still lacks: never recorded, or denied by the person named. */
export function stillNeeded(state: Pick<State, 'entries' | 'strikes'>, of: Pick<Body, 'pathway' | 'partner'>, pack: PackDocument | null): Approval[] {
  const stands = told(state).filter(({ entry, answer }) => entry.kind === 'approval.add' && answer !== 'not_given');
  return approvalsOf(of, pack).filter(({ id }) => !stands.some(({ of }) => of === id));
}
