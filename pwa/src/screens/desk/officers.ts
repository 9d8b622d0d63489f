/**
 * The sergeant's list: the referrals of one's own agency by officer, those still standing at the roadside first.
 *
 * Uses status words and times only. Which referrals a sergeant may see at all is the server's decision; community referrals
 * carry no agency and are left out here as well.
 */
import type { People } from '../../state/types.ts';
import { agencyOf, holderOf, isGiven, officerOf, pathwayOf, statusOf, type Readable } from '../coordinator/reading.ts';
import { arrivalLateMinutes, officerWaits, waitingSince } from '../coordinator/times.ts';

export type StatusWord = 'waiting' | 'given' | 'seen' | 'seen_late' | 'not_met' | 'deferred' | 'handed_over' | 'closed' | 'begun';

export interface Scene<R extends Readable = Readable> {
  record: R;
  word: StatusWord;
  since_ms: number;
  /** The officer is likely still there: alerted, nobody has met them, not closed. */
  on_scene: boolean;
  /** Minutes beyond what the officer said they could wait; 0 within it or when they did not say. */
  over_minutes: number;
}

export interface Officer<R extends Readable = Readable> {
  user_id: string;
  scenes: Scene<R>[];
  on_scene: number;
}

function wordOf(record: Readable, people: People, now_ms: number): StatusWord {
  const status = statusOf(record);
  if (status === undefined) return 'begun';
  if (status === 'handed_off') return 'handed_over';
  if (status === 'closed' || status === 'not_met' || status === 'deferred') return status;
  if (holderOf(record) === undefined) return 'waiting';
  if (status === 'submitted' || isGiven(record, people)) return 'given';
  return arrivalLateMinutes(record, now_ms) > 0 ? 'seen_late' : 'seen';
}

function sceneOf<R extends Readable>(record: R, people: People, now_ms: number): Scene<R> {
  const word = wordOf(record, people, now_ms);
  const on_scene = word === 'waiting' || word === 'given' || word === 'seen' || word === 'seen_late';
  const limit = officerWaits(record);
  const over_minutes = on_scene && limit ? Math.max(0, Math.floor((now_ms - limit.until_ms) / 60_000)) : 0;
  return { record, word, since_ms: waitingSince(record), on_scene, over_minutes };
}

const HELP: Record<StatusWord, number> = {
  waiting: 0, given: 0, seen_late: 1, seen: 2, begun: 3, not_met: 4, deferred: 4, handed_over: 5, closed: 6,
};

const bySceneFirst = (a: Scene, b: Scene): number =>
  HELP[a.word] - HELP[b.word] ||
  (a.on_scene ? a.since_ms - b.since_ms : b.since_ms - a.since_ms) ||
  a.record.id.localeCompare(b.record.id);

/** Officers with somebody stuck on a scene first, the longest wait first; then the rest by their latest referral. */
export function byOfficer<R extends Readable>(
  records: readonly R[],
  agency_id: string | null,
  people: People,
  now_ms: number,
): Officer<R>[] {
  const officers = new Map<string, Scene<R>[]>();
  for (const record of records) {
    const officer = officerOf(record);
    const own = agency_id !== null && agencyOf(record) === agency_id;
    if (officer === undefined || !own || pathwayOf(record) === 'community') continue;
    officers.set(officer, [...(officers.get(officer) ?? []), sceneOf(record, people, now_ms)]);
  }
  return [...officers]
    .map(([user_id, scenes]) => {
      scenes.sort(bySceneFirst);
      return { user_id, scenes, on_scene: scenes.filter((scene) => scene.on_scene).length };
    })
    .sort((a, b) => bySceneFirst(a.scenes[0]!, b.scenes[0]!));
}
