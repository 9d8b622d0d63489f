/** What somebody else changed while a form was open: the fields whose value was not the one shown when this person began. Pure. */
import { canonical, type JsonValue } from '../../domain/operation.ts';
import { timesOf, type Timing } from '../../domain/times.ts';
import type { ReferralRecord } from '../../state/types.ts';

/** By field, the operation whose value the form showed when it was first touched; null where there was none. */
export type Seen = Readonly<Record<string, string | null>>;

export interface Change {
  key: string;
  mine: JsonValue;
  theirs: JsonValue;
  by: string;
  times: Timing;
  /** The operation to have seen from now on, if one's own value is to stand. */
  op: string;
}

type Known = Pick<ReferralRecord, 'state'> | undefined;

export const opOf = (known: Known, key: string): string | null => known?.state.registers[key]?.op ?? null;

/** One's own later change of the same field is no news, and an equal value no difference. */
export function changedMeanwhile(fields: Readonly<Record<string, JsonValue>>, seen: Seen, known: Known, user_id: string | undefined): Change[] {
  return Object.entries(fields).flatMap(([key, mine]): Change[] => {
    const standing = known?.state.registers[key];
    if (standing === undefined || seen[key] === undefined || standing.op === seen[key] || standing.by === user_id) return [];
    if (canonical(standing.value) === canonical(mine)) return [];
    return [{ key, mine, theirs: standing.value, by: standing.by, times: timesOf(standing), op: standing.op }];
  });
}
