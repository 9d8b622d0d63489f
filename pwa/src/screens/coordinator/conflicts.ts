/** Values that gave way without their author having seen the other: grouped by field, every side with who and when. Pure. */
import type { ReferralRecord } from '../../state/types.ts';
import { register } from './reading.ts';

export interface Side {
  op: string;
  value: unknown;
  by: string;
  at: string;
  stands: boolean;
}

export interface Disagreement {
  key: string;
  conflicts: string[];
  /** The value that stands first, then the others in the order in which they were written. */
  sides: Side[];
}

/** `except` leaves out conflicts that are told elsewhere. */
export function disagreements(record: Pick<ReferralRecord, 'state'>, except: readonly string[] = []): Disagreement[] {
  const byKey = new Map<string, Disagreement>();
  const open = Object.entries(record.state.conflicts).filter(([id]) => !except.includes(id));
  for (const [id, conflict] of open.toSorted(([, a], [, b]) => Date.parse(a.lost_at) - Date.parse(b.lost_at))) {
    const standing = register(record, conflict.key);
    if (standing === undefined) continue;
    const known = byKey.get(conflict.key) ?? {
      key: conflict.key,
      conflicts: [],
      sides: [{ op: standing.op, value: standing.value, by: standing.by, at: standing.at, stands: true }],
    };
    known.conflicts.push(id);
    if (!known.sides.some(({ op }) => op === conflict.lost)) {
      const { lost, lost_value, lost_by, lost_at } = conflict;
      known.sides.push({ op: lost, value: lost_value, by: lost_by, at: lost_at, stands: false });
    }
    byKey.set(conflict.key, known);
  }
  return [...byKey.values()];
}
