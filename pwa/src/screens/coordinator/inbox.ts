/**
 * The coordinator's inbox: which pile a referral lies in and what comes first.
 *
 * Decides order and piles only; times come from `times`, the screen is `inbox.tsx`. An order never depends on what a person needs.
 */
import type { People } from '../../state/types.ts';
import { holderOf, isClosed, isUnanswered, register, statusOf, type Holder, type Readable, type Status } from './reading.ts';
import { arrivesAt, officerWaits, waitingSince } from './times.ts';

export const PILES = ['unanswered', 'mine', 'others', 'closed'] as const;
export type Pile = (typeof PILES)[number];

/** Arrival times offered in one tap on the card, and the longer ones on the referral itself. */
export const ETA_MINUTES = [10, 20, 30, 45] as const;
export const LONGER_ETA_MINUTES = [60, 90, 120] as const;

/** What a supervisor gave to one person is unanswered for that person only; for the others somebody is asked already. */
export function pileOf(record: Readable, user_id: string, people: People): Pile {
  if (isClosed(record)) return 'closed';
  const held_by = holderOf(record)?.user_id;
  if (isUnanswered(record, people)) return held_by === undefined || held_by === user_id ? 'unanswered' : 'others';
  return held_by === user_id ? 'mine' : 'others';
}

/** Who stops waiting first comes first; where nobody said, who has waited longest. */
function urgency(record: Readable): number {
  return officerWaits(record)?.until_ms ?? waitingSince(record);
}

/** What still has to be met comes before what has been met. */
const STAGES: Partial<Record<Status, number>> = { not_met: 1, deferred: 1, handed_off: 2 };
const stage = (record: Readable): number => STAGES[statusOf(record) ?? 'submitted'] ?? 0;

/** The promised arrival decides; what was promised no time waits behind what was. */
function promise(record: Readable): number {
  return arrivesAt(record) ?? Number.MAX_SAFE_INTEGER;
}

function latestChange(record: Readable): number {
  const at = Date.parse(register(record, 'status')?.at ?? record.made_at);
  return Number.isNaN(at) ? 0 : at;
}

/** Ties fall to the id, which carries its time, so that cards never jump under a thumb. */
const ORDER: Record<Pile, (a: Readable, b: Readable) => number> = {
  unanswered: (a, b) => urgency(a) - urgency(b),
  mine: (a, b) => stage(a) - stage(b) || promise(a) - promise(b),
  others: (a, b) => latestChange(b) - latestChange(a),
  closed: (a, b) => latestChange(b) - latestChange(a),
};

export function sortIntoPiles<R extends Readable>(
  records: readonly R[],
  user_id: string,
  people: People,
): Record<Pile, R[]> {
  const piles: Record<Pile, R[]> = { unanswered: [], mine: [], others: [], closed: [] };
  for (const record of records) piles[pileOf(record, user_id, people)].push(record);
  for (const pile of PILES) piles[pile].sort((a, b) => ORDER[pile](a, b) || a.id.localeCompare(b.id));
  return piles;
}

/**
 * The same promise said now: a holder's minutes count from the moment of writing, and settling a conflict writes it again, so that
 * without this the promised arrival would move.
 */
export function samePromiseNow(value: unknown, said_at: string, now_ms: number): unknown {
  const holder = value as Holder | null;
  if (holder === null || holder.eta_minutes === null) return value;
  const left = holder.eta_minutes - Math.round((now_ms - Date.parse(said_at)) / 60_000);
  return { user_id: holder.user_id, eta_minutes: Math.max(0, left) };
}

export interface GotThereFirst {
  /** Who has the referral. */
  user_id: string;
  /** The conflicts to settle, the operations on both sides of them, and what this person had promised. */
  conflicts: string[];
  operations: string[];
  my_value: unknown;
  said_at: string;
}

/** Told plainly when this person answered without knowing that somebody else had: their answer lost, the other's stands. */
export function gotThereFirst(record: Pick<Readable, 'state'>, user_id: string): GotThereFirst | undefined {
  const holder = holderOf(record);
  if (holder === undefined || holder.user_id === user_id) return undefined;
  const mine = Object.entries(record.state.conflicts).filter(
    ([, { key, lost_value }]) => key === 'holder' && (lost_value as { user_id?: string } | null)?.user_id === user_id,
  );
  const last = mine.at(-1);
  if (last === undefined) return undefined;
  return {
    user_id: holder.user_id,
    conflicts: mine.map(([id]) => id),
    operations: [...new Set(mine.flatMap(([, { kept, lost }]) => [kept, lost]))],
    my_value: last[1].lost_value,
    said_at: last[1].lost_at,
  };
}

/** The operations that a decision about the referral acts upon: who has it and how far it is. */
export function sawOf(record: Pick<Readable, 'state'>): string[] {
  // One operation may have written both.
  return [...new Set(['status', 'holder'].flatMap((key) => register(record, key)?.op ?? []))];
}
