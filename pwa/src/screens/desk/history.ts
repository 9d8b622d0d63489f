/**
 * The history of a referral as sentences: what happened, by whom, when, and whether it arrived late.
 *
 * Chooses sentences and folds runs of small changes together; the words are in the dictionaries. What a role may read was decided
 * by the server: an item that it did not send is not guessed at.
 */
import type { Timing } from '../../domain/times.ts';
import { LATE_ARRIVAL_MINUTES, minutesBetween } from '../coordinator/times.ts';

export interface HistoryItem {
  op_id: string;
  kind: string;
  by: { name: string; role: string } | null;
  /** When it was done, as well as can be told, and when the server had it. */
  at: string;
  received_at: string;
  /** By how much the phone's clock was behind, where it was wrong. Missing in what an older server says. */
  off_ms?: number | null;
  groups: string[];
  fields?: string[];
}

export const TOLD_KINDS = [
  'referral.create', 'referral.set', 'referral.alert', 'officer.leave', 'referral.assign', 'referral.close', 'page.acknowledge', 'page.expire',
  'consent.grant', 'consent.withdraw', 'consent.confirm', 'note.add', 'contact.add', 'safety.add', 'entry.strike',
  'handoff.record', 'decision.record', 'conflict.resolve', 'approval.add', 'approval.confirm', 'override.add', 'release.give', 'release.revoke',
  'determination.check', 'referral.merge', 'referral.unmerge',
] as const;
export type ToldKind = (typeof TOLD_KINDS)[number];

export const TOLD_GROUPS = [
  'origin', 'case', 'circumstances', 'place', 'identity', 'needs', 'demographics', 'safety', 'notes', 'contacts', 'consent', 'release',
  'status', 'holder', 'decision', 'assessment', 'approvals', 'merging',
] as const;
export type ToldGroup = (typeof TOLD_GROUPS)[number];

export interface Told {
  id: string;
  kind: ToldKind | 'other';
  by: { name: string; role: string } | null;
  groups: ToldGroup[];
  /** How many operations of one kind this sentence stands for. */
  count: number;
  /** When it was done and, if that was long after, when it arrived; and how wrong the clock was. */
  times: Timing;
}

/** Changes that one person makes within this time read as one sentence. */
export const TOGETHER_MINUTES = 10;

const isKind = (kind: string): kind is ToldKind => (TOLD_KINDS as readonly string[]).includes(kind);
const isGroup = (group: string): group is ToldGroup => (TOLD_GROUPS as readonly string[]).includes(group);

function tell(item: HistoryItem): Told {
  const travelled = minutesBetween(Date.parse(item.at), Date.parse(item.received_at));
  return {
    id: item.op_id,
    kind: isKind(item.kind) ? item.kind : 'other',
    by: item.by,
    groups: item.groups.filter(isGroup),
    count: 1,
    times: {
      at: item.at,
      ...(travelled >= LATE_ARRIVAL_MINUTES && { received: item.received_at }),
      ...(item.off_ms != null && { off_ms: item.off_ms }),
    },
  };
}

/** A run of field changes by one person becomes one; acts never do, because each is a decision. */
function belongsTo(former: Told | undefined, next: Told): former is Told {
  return (
    former?.kind === 'referral.set' &&
    next.kind === 'referral.set' &&
    former.by?.name === next.by?.name &&
    (former.times.received === undefined) === (next.times.received === undefined) &&
    Math.abs(minutesBetween(Date.parse(former.times.at), Date.parse(next.times.at))) < TOGETHER_MINUTES
  );
}

/** Sentences in the server's order, which is the order in which things took effect. */
export function tellHistory(items: readonly HistoryItem[]): Told[] {
  const told: Told[] = [];
  for (const next of items.map(tell)) {
    const former = told.at(-1);
    if (belongsTo(former, next)) {
      former.groups = [...new Set([...former.groups, ...next.groups])];
      former.count += 1;
    } else told.push(next);
  }
  return told;
}
