/** One's own entries that were not accepted, and what can be done about each. Arrives with its screens. */
import { standingGrant } from '../domain/fold.ts';
import { readUnaccepted, sealAnew, type Unaccepted } from '../storage/attention.ts';
import { LIMITS } from '../domain/fields.ts';
import { submit } from './compose.ts';
import { exchangeSoon } from './connection.ts';
import { me, program } from './phase.ts';
import { database, vault } from './phone.ts';
import { record, reloadRecords } from './records.ts';

export type { Unaccepted };

/** Null while the phone is locked. */
export async function unaccepted(): Promise<Unaccepted[] | null> {
  const open = vault();
  const who = me.peek();
  return open === null || who === null ? null : readUnaccepted(database, open, who.user_id);
}

/**
 * What the new operation cites: what the old one did, without what was not accepted itself, and the yes that stands now. A
 * consent that was refused and then given anew has another id.
 */
export function citing({ operation }: Unaccepted, wrong: readonly Unaccepted[]): string[] {
  if (operation === null) return [];
  const refused = new Set(wrong.map(({ row }) => row.op_id));
  const shown = record(operation.referral_id);
  const standing = shown && !['consent.grant', 'consent.withdraw'].includes(operation.kind) ? standingGrant(shown.state.consent) : null;
  const cited = [...operation.saw.filter((op_id) => !refused.has(op_id)), ...(standing && !refused.has(standing) ? [standing] : [])];
  return [...new Set(cited)].slice(0, LIMITS.saw);
}

/**
 * The entry, written anew: an operation of its own that names nothing of the former one, which is settled in the same moment.
 * @throws NotReady, DraftGone (it needs attention no longer), OperationTooLarge, VaultClosed
 */
export async function writeAnew(entry: Unaccepted, payload: object, wrong: readonly Unaccepted[]): Promise<void> {
  if (entry.operation === null) return;
  const { kind, referral_id } = entry.operation;
  await submit(referral_id, [{ kind, payload, saw: citing(entry, wrong) }], { corrects: entry.row.op_id });
  await reloadRecords();
}

/** The same operation once more, sealed anew. */
export async function sendAgain({ operation }: Unaccepted): Promise<void> {
  const key = program.peek()?.sealing_key;
  if (operation === null || key === undefined) return;
  await sealAnew(database, operation, key);
  await reloadRecords();
  exchangeSoon();
}
