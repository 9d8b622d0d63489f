/**
 * What was said of the rules by others: the officer's phone, the server, and those whose word was recorded.
 *
 * Reads only; what the rules say with everything that is known by now is `rules`.
 */
import { mayConfirm, told, type Told } from '../../domain/approvals.ts';
import type { Payloads } from '../../domain/operation.ts';
import type { Answer, Determination, Pack } from '../../rules/model.ts';
import type { Role } from '../../state/types.ts';
import { read, type Readable } from './reading.ts';

export { told, type Told };
export type Outcome = Determination['outcome'];
type Known = Pick<Readable, 'state'>;

/** What the officer's phone said, as it was sent. `pack` is null where the phone had none. */
export interface Said {
  outcome: Outcome;
  pack: string | null;
  answers: Record<string, Answer>;
}

export const saidOf = (record: Known): Said | undefined => read<Said>(record, 'determination');

export type Check = Payloads['determination.check'];

/** What the server found otherwise than the phone; nothing where they agree. */
export function differenceOf(record: Known): Check | undefined {
  const check = read<Check>(record, 'check');
  return check === undefined || check.verdict === 'agrees' ? undefined : check;
}

/** False for a setting aside that these rules leave to nobody, or to another role: it is shown and does not count. */
export const isTheirs = ({ entry, of }: Told, pack: Pack): boolean =>
  entry.kind !== 'override.add' || pack.rules.some(({ id, override_by }) => id === of && override_by === entry.payload.by_role);

/** What waits for this person's own answer, the oldest first. */
export function waitingFor<R extends Known>(records: readonly R[], role: Role, user_id: string): { record: R; word: Told }[] {
  return records
    .flatMap((record) => told(record.state).map((word) => ({ record, word })))
    .filter(({ word: { entry, answer } }) => answer === null && mayConfirm(role, user_id, entry))
    .toSorted((a, b) => Date.parse(a.word.entry.payload.given_at) - Date.parse(b.word.entry.payload.given_at));
}
