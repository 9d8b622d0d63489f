/**
 * The sergeant's list: the referrals of one's own agency by officer, those still waiting at the roadside first.
 *
 * Uses nothing but the pathway, the status, the departure and their times, because a sergeant sees nothing else. Which referrals a sergeant may see
 * at all is the server's decision; community referrals have no agency and are left out here as well.
 */
import { agencyOf, officerOf, pathwayOf, register, statusOf, type Readable } from '../coordinator/reading.ts';

export type StatusWord = 'begun' | 'waiting' | 'left' | 'seen' | 'not_met' | 'deferred' | 'handed_over' | 'closed';

export interface Scene<R extends Readable = Readable> {
  record: R;
  word: StatusWord;
  /** Since when the word holds. */
  since_ms: number;
}

export interface Officer<R extends Readable = Readable> {
  user_id: string;
  scenes: Scene<R>[];
  /** How many of them nobody has answered. */
  waiting: number;
}

const WORDS = {
  submitted: 'waiting', acknowledged: 'seen', not_met: 'not_met', deferred: 'deferred', handed_off: 'handed_over', closed: 'closed',
} as const;

/** Who stands on a scene without help comes first; who has driven on, been met or gone home comes after. */
const URGENCY: Record<StatusWord, number> = {
  waiting: 0, seen: 1, begun: 2, left: 2, not_met: 3, deferred: 3, handed_over: 4, closed: 5,
};

function sceneOf<R extends Readable>(record: R): Scene<R> {
  const status = statusOf(record);
  const departure = register(record, 'departure');
  const word = status === undefined ? 'begun' : status === 'submitted' && departure ? 'left' : WORDS[status];
  // The page's own opening, by the server's clock, where there is one: an officer's clock may be wrong.
  const waits = word === 'waiting' && record.page?.state === 'open' ? record.page.opened_at : undefined;
  const since = Date.parse(waits ?? (word === 'left' ? departure?.at : register(record, 'status')?.at) ?? record.made_at);
  return { record, word, since_ms: Number.isNaN(since) ? 0 : since };
}

/** Waiting scenes by the longest wait; everything else by what is newest. */
function inOrder(a: Scene, b: Scene): number {
  const waits = a.word === 'waiting' || a.word === 'seen';
  return (
    URGENCY[a.word] - URGENCY[b.word] ||
    (waits ? a.since_ms - b.since_ms : b.since_ms - a.since_ms) ||
    a.record.id.localeCompare(b.record.id)
  );
}

export function byOfficer<R extends Readable>(records: readonly R[], agency_id: string | null): Officer<R>[] {
  const officers = new Map<string, Scene<R>[]>();
  for (const record of records) {
    const officer = officerOf(record);
    const own = agency_id !== null && agencyOf(record) === agency_id;
    if (officer === undefined || !own || pathwayOf(record) === 'community') continue;
    officers.set(officer, [...(officers.get(officer) ?? []), sceneOf(record)]);
  }
  return [...officers]
    .map(([user_id, scenes]) => ({
      user_id,
      scenes: scenes.toSorted(inOrder),
      waiting: scenes.filter(({ word }) => word === 'waiting').length,
    }))
    .sort((a, b) => inOrder(a.scenes[0]!, b.scenes[0]!));
}
