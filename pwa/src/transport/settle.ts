/**
 * What a push's answer does to the outbox: one strict transaction, in which a receipt counts or does not.
 *
 * It counts only if it echoes the operation's id and digest and carries the epoch this phone holds. Everything else
 * leaves the operation waiting: sending twice is harmless, believing wrongly is not.
 */
import type { Database, WriteTransaction } from '../storage/database.ts';
import { changeDevice } from '../storage/devices.ts';
import { dropDurable, stateAfter } from '../storage/outbox.ts';
import type { DeviceRow, OutboxRow, OutboxState, StoredReceipt } from '../storage/schema.ts';
import { meetServer, overtaken, type Epoch } from '../storage/server_word.ts';
import type { PushAnswer, Receipt } from './protocol.ts';

/** What one run of the push loop remembers, so that it ends. */
export interface RunMemory {
  /** Operations not to be sent again in this run. */
  passOver: Set<string>;
  /** Operations moved back to waiting in this run; each moves once. */
  requeued: Set<string>;
  /** Earlier operations that this phone no longer has, to be told to the server. */
  lost: Set<string>;
  /** Operations that the server wants to see later, and in how many seconds. */
  later: Map<string, number>;
  sealing_key_unknown: boolean;
  sent: number;
  attention: number;
}

export const newMemory = (): RunMemory => ({
  passOver: new Set(),
  requeued: new Set(),
  lost: new Set(),
  later: new Map(),
  sealing_key_unknown: false,
  sent: 0,
  attention: 0,
});

const STORED = new Set(['applied', 'merged', 'adopted']);
/** Kept by the server, and not counted. */
const HELD = new Set(['held', 'rejected', 'dismissed']);

/** What the phone keeps of a receipt, and the state it leads to; null if it does not count. */
function verdict(row: OutboxRow, receipt: Receipt): { state: OutboxState; kept: StoredReceipt; position: number | null } | null {
  const first = receipt.status === 'duplicate' ? receipt.first : null;
  const status = receipt.status === 'duplicate' ? (receipt.state ?? first?.status ?? '') : receipt.status;
  const echoed = receipt.digest === row.digest;
  // Where the server could not open it, it cannot know the digest. A person looks; the sealed operation stays here.
  const unopened = receipt.digest === null && HELD.has(status);
  if (!echoed && !unopened) return null;
  if (!STORED.has(status) && !HELD.has(status)) return null;
  const position = receipt.position ?? first?.position ?? null;
  // A place in the log is what makes it deletable later; without one it is not known to be stored.
  if (STORED.has(status) && position === null) return null;
  const reason = receipt.reason ?? first?.reason ?? null;
  const detail = receipt.detail ?? first?.detail ?? null;
  const number = receipt.number ?? first?.number ?? null;
  const conflicts = receipt.conflicts ?? first?.conflicts ?? [];
  const kept: StoredReceipt = { status, reason, detail, epoch: receipt.epoch, echoed, number, conflicts };
  return { state: stateAfter(status, row), kept, position };
}

async function retryLater(transaction: WriteTransaction, row: OutboxRow, receipt: Receipt, memory: RunMemory): Promise<void> {
  const store = transaction.objectStore('outbox');
  const { reason, detail, epoch } = receipt;
  const kept: StoredReceipt = { status: 'retry', reason, detail, epoch, echoed: false, number: null, conflicts: [] };
  await store.put({ ...row, attempts: row.attempts + 1, receipt: kept });
  if (typeof receipt.retry_after_s === 'number') memory.later.set(row.op_id, receipt.retry_after_s);
  if (reason === 'unknown_key') memory.sealing_key_unknown = true;
  if (reason === 'missing_prev' && row.prev !== null && (await recoverPrevious(transaction, row.prev, memory))) return;
  memory.passOver.add(row.op_id);
}

/** The server lacks an earlier operation. True if sending again can help: it waits again, or is told to be lost. */
async function recoverPrevious(transaction: WriteTransaction, prev: string, memory: RunMemory): Promise<boolean> {
  const store = transaction.objectStore('outbox');
  const row = await store.get(prev);
  if (row === undefined) {
    const told = memory.lost.has(prev);
    memory.lost.add(prev);
    return !told;
  }
  if (row.state === 'waiting' || memory.requeued.has(prev)) return false;
  await store.put({ ...row, state: 'waiting', position: null });
  memory.requeued.add(prev);
  return true;
}

async function settleReceipt(transaction: WriteTransaction, asked: OutboxRow, receipt: Receipt, memory: RunMemory): Promise<void> {
  const store = transaction.objectStore('outbox');
  const row = await store.get(asked.op_id);
  // Another tab may have settled it while this answer was on its way.
  if (row === undefined || row.state !== 'waiting') return;
  if (receipt.status === 'retry') return retryLater(transaction, row, receipt, memory);
  const counted = verdict(row, receipt);
  if (counted === null) {
    memory.passOver.add(row.op_id);
    return;
  }
  const { state, kept, position } = counted;
  await store.put({ ...row, state, position, receipt: kept });
  if (state === 'sent') memory.sent += 1;
  if (state === 'attention') memory.attention += 1;
}

/** Applies an answer to what was asked. Unless the epoch is the same, no receipt has counted. */
export function settlePush(
  database: Database,
  asking: DeviceRow,
  asked: OutboxRow[],
  answer: PushAnswer,
  clock_off_ms: number | null,
  memory: RunMemory,
): Promise<Epoch> {
  const { device_id } = asking;
  return database.write(['devices', 'outbox'], async (transaction) => {
    const device = await changeDevice(transaction, device_id, () => ({}));
    const late = overtaken(device, asking);
    const known = answer.known[device_id] ?? null;
    // Before the receipts: those rows are waiting still, and a late answer must not undo them.
    const { epoch, requeued } = await meetServer(transaction, device, asking, { epoch: answer.epoch, known }, memory.requeued);
    requeued.forEach((op_id) => memory.requeued.add(op_id));
    if (epoch !== 'same') return epoch;
    const receipts = new Map(answer.receipts.map((receipt) => [receipt.op_id, receipt]));
    for (const row of asked) {
      const receipt = receipts.get(row.op_id);
      if (receipt !== undefined && receipt.epoch === answer.epoch) {
        await settleReceipt(transaction, row, receipt, memory);
      } else {
        memory.passOver.add(row.op_id);
      }
    }
    const backup = { position: answer.durable_position, numbers: answer.durable?.[device_id] ?? [] };
    if (!late) await dropDurable(transaction, device_id, backup);
    await changeDevice(transaction, device_id, (row) => ({
      ...(answer.forked && { forked: true }),
      durable_position: answer.durable_position,
      clock_off_ms: clock_off_ms ?? row.clock_off_ms,
    }));
    return 'same';
  });
}
