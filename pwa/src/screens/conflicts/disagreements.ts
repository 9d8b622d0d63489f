/** Values that gave way without their author having seen the other: grouped by field, every side with who and when. Pure. */
import type { JsonValue } from '../../domain/operation.ts';
import { timesOf, type Timing } from '../../domain/times.ts';
import type { ReferralRecord } from '../../state/types.ts';

export interface Side {
  op: string;
  value: JsonValue;
  by: string;
  times: Timing;
  stands: boolean;
}

export interface Disagreement {
  key: string;
  conflicts: string[];
  /** The value that stands first, then the others in the order in which they were written. */
  sides: Side[];
  /** What was there before both (null: nothing); missing where that cannot be known. */
  was?: JsonValue;
}

type Told = Pick<ReferralRecord, 'state'>;

/** `except` leaves out conflicts that are told elsewhere. */
export function disagreements({ state }: Told, except: readonly string[] = []): Disagreement[] {
  const byKey = new Map<string, Disagreement>();
  const open = Object.entries(state.conflicts).filter(([id]) => !except.includes(id));
  for (const [id, conflict] of open.toSorted(([, a], [, b]) => Date.parse(a.lost_at) - Date.parse(b.lost_at))) {
    const standing = state.registers[conflict.key];
    if (standing === undefined) continue;
    const known = byKey.get(conflict.key) ?? {
      key: conflict.key,
      conflicts: [],
      sides: [{ op: standing.op, value: standing.value, by: standing.by, times: timesOf(standing), stands: true }],
    };
    known.conflicts.push(id);
    if (!('was' in known) && conflict.was !== undefined) known.was = conflict.was;
    if (!known.sides.some(({ op }) => op === conflict.lost)) {
      const { lost, lost_value, lost_by, lost_at, lost_received, lost_off_ms } = conflict;
      const times = timesOf({ at: lost_at, received: lost_received, off_ms: lost_off_ms } as Timing);
      known.sides.push({ op: lost, value: lost_value, by: lost_by, times, stands: false });
    }
    byKey.set(conflict.key, known);
  }
  return [...byKey.values()];
}

/** Those in which one side is this person's own. */
export const ownDisagreements = (record: Told, user_id: string): Disagreement[] =>
  disagreements(record).filter(({ sides }) => sides.some(({ by }) => by === user_id));

export interface GaveWay {
  key: string;
  /** What stands instead; undefined where this person may not read it. */
  stands: { value: JsonValue; by: string; times: Timing } | undefined;
}

/**
 * What this person is to be told: a value of theirs gave way, no card shows it as an open question, and what stands is
 * not their own.
 */
export function gaveWay(record: Pick<ReferralRecord, 'state' | 'gave_way'>, user_id: string): GaveWay[] {
  const asked = disagreements(record).map(({ key }) => key);
  return (record.gave_way ?? []).flatMap((key): GaveWay[] => {
    const standing = record.state.registers[key];
    if (asked.includes(key) || standing?.by === user_id) return [];
    return [{ key, stands: standing && { value: standing.value, by: standing.by, times: timesOf(standing) } }];
  });
}
