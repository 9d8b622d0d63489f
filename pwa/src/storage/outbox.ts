/**
 * The outbox: finished operations, sealed, and where each stands with the server.
 *
 * Rows enter through `commit.ts` alone. They leave only when the server's last verified backup holds
 * them: until then a restored server may need them again.
 */
import type { Database, WriteTransaction } from './database.ts';
import { startingWith, type OutboxRow, type OutboxState } from './schema.ts';

/** Sorted, disjoint, closed ranges of sequence numbers. */
export type Ranges = readonly (readonly [number, number])[];

export interface OutboxCounts {
  waiting: number;
  sent: number;
  attention: number;
  oldest_waiting_at: string | null;
}

export interface BatchLimits {
  operations: number;
  bytes: number;
}

const inState = (device_id: string, state: OutboxState): IDBKeyRange => startingWith(device_id, state);

export const includes = (ranges: Ranges, seq: number): boolean =>
  ranges.some(([low, high]) => low <= seq && seq <= high);

/** The next waiting operations in the order they were made; at least one, however large. */
export const nextBatch = (
  database: Database,
  device_id: string,
  limits: BatchLimits,
  passOver: ReadonlySet<string>,
): Promise<OutboxRow[]> =>
  database.read(['outbox'], async (transaction) => {
    const batch: OutboxRow[] = [];
    let bytes = 0;
    const waiting = transaction.objectStore('outbox').index('by_device_state');
    let cursor = await waiting.openCursor(inState(device_id, 'waiting'));
    for (; cursor !== null && batch.length < limits.operations; cursor = await cursor.continue()) {
      if (passOver.has(cursor.primaryKey)) continue;
      if (batch.length > 0 && bytes + cursor.value.size > limits.bytes) break;
      batch.push(cursor.value);
      bytes += cursor.value.size;
    }
    return batch;
  });

export const countOutbox = (database: Database, device_id: string): Promise<OutboxCounts> =>
  database.read(['outbox'], async (transaction) => {
    const index = transaction.objectStore('outbox').index('by_device_state');
    const oldest = await index.openCursor(inState(device_id, 'waiting'));
    return {
      oldest_waiting_at: oldest?.value.created_at ?? null,
      waiting: await index.count(inState(device_id, 'waiting')),
      sent: await index.count(inState(device_id, 'sent')),
      attention: await index.count(inState(device_id, 'attention')),
    };
  });

/** Every operation of a device that is still on the phone, in the order they were made. */
export const listOutbox = (database: Database, device_id: string): Promise<OutboxRow[]> =>
  database.read(['outbox'], (transaction) =>
    transaction.objectStore('outbox').index('by_device_seq').getAll(startingWith(device_id)),
  );

async function requeue(
  transaction: WriteTransaction,
  device_id: string,
  wanted: (row: OutboxRow) => boolean,
): Promise<string[]> {
  const store = transaction.objectStore('outbox');
  const moved: string[] = [];
  for (const state of ['sent', 'attention', 'settled'] as const) {
    for (const row of await store.index('by_device_state').getAll(inState(device_id, state))) {
      if (!wanted(row)) continue;
      await store.put({ ...row, state: 'waiting', position: null });
      moved.push(row.op_id);
    }
  }
  return moved;
}

/** The server began a new epoch: whatever it was given, it is offered again. Known ones come back as duplicates. */
export const requeueEverything = (transaction: WriteTransaction, device_id: string): Promise<string[]> =>
  requeue(transaction, device_id, () => true);

/**
 * The server no longer knows operations that it had logged: it was restored without saying so. What it never logged
 * under a position (it could not be opened) is left alone, or it would be sent for ever.
 */
export const requeueMissing = (
  transaction: WriteTransaction,
  device_id: string,
  known: Ranges,
  passOver: ReadonlySet<string>,
): Promise<string[]> =>
  requeue(transaction, device_id, (row) => row.position !== null && !includes(known, row.seq) && !passOver.has(row.op_id));

/** The state that the server's word leads to: what its author has written anew stays settled, unless it counts after all. */
export function stateAfter(status: string, { corrected_at }: Pick<OutboxRow, 'corrected_at'>): OutboxState {
  if (status === 'dismissed') return 'settled';
  if (status !== 'held' && status !== 'rejected') return 'sent';
  return corrected_at === undefined ? 'attention' : 'settled';
}

/** What a verified backup holds: everything up to a position, and among it these numbers of this phone. */
export interface Backup {
  position: number;
  numbers: Ranges;
}

/**
 * Sent operations that a verified backup holds leave the phone. By position and by number: after a restore an operation may
 * have reached the log behind the phone's back, elsewhere than its receipt says; and two profiles may have used one number.
 */
export async function dropDurable(transaction: WriteTransaction, device_id: string, backup: Backup): Promise<void> {
  const store = transaction.objectStore('outbox');
  for (const row of await store.index('by_device_state').getAll(inState(device_id, 'sent'))) {
    const held = row.position !== null && row.position <= backup.position && includes(backup.numbers, row.seq);
    if (held) await store.delete(row.op_id);
  }
}
