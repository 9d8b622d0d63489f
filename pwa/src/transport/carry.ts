/**
 * Bringing colleagues' records to the server. It answers whether each has arrived, and nothing else.
 *
 * An answer counts only in the shape of our server's, with the epoch that this phone holds; whatever fails otherwise leaves
 * everything as it was, for the next time.
 */
import { carriages, nextCarried, settleCarried } from '../storage/carried.ts';
import type { Database } from '../storage/database.ts';
import { readDevice } from '../storage/devices.ts';
import { ifNobodyElse } from '../storage/locks.ts';
import type { CarriedRow } from '../storage/schema.ts';
import { call, isRecord, NotOurs, Problem } from './client.ts';
import { BATCH_BYTES, BATCH_OPERATIONS, PROTOCOL } from './protocol.ts';

const TIMEOUT_MS = 30_000;
/** More than the largest file needs; what is left then goes with the next run. */
const ROUNDS = 100;

/** offline: no answer that counts. unknown: this program has no such phone. sign_in: this phone must be enrolled again. */
export type CarryOutcome = 'done' | 'offline' | 'unknown' | 'sign_in';

interface Said {
  op_id: string;
  status: 'taken' | 'refused' | 'retry';
}

/** Sends everything that waits here of anybody, as the device `device_id`. Never throws for what network or server do. */
export async function carry(database: Database, device_id: string): Promise<CarryOutcome> {
  const outcome = await ifNobodyElse('handoff-carry', async () => {
    let worst: CarryOutcome = 'done';
    for (const { device_id: author, waiting } of await carriages(database, Date.now())) {
      if (waiting === 0) continue;
      const one = await carryOf(database, device_id, author);
      if (one === 'offline' || one === 'sign_in') return one;
      if (one !== 'done') worst = one;
    }
    return worst;
  });
  return outcome ?? 'done';
}

async function carryOf(database: Database, device_id: string, author: string): Promise<CarryOutcome> {
  const limits = { operations: BATCH_OPERATIONS, bytes: BATCH_BYTES };
  const passOver = new Set<string>();
  for (let round = 0; round < ROUNDS; round += 1) {
    const batch = await nextCarried(database, author, limits, passOver);
    if (batch.length === 0) break;
    try {
      await send(database, device_id, author, batch, passOver);
    } catch (error) {
      if (error instanceof Problem && error.status === 404) return 'unknown';
      return error instanceof Problem && error.status === 401 ? 'sign_in' : 'offline';
    }
  }
  return 'done';
}

async function send(
  database: Database,
  device_id: string,
  author: string,
  batch: readonly CarriedRow[],
  passOver: Set<string>,
): Promise<void> {
  const device = await readDevice(database, device_id);
  const operations = batch.map(({ op_id, device_id: of, seq, program_id, key_id, blob }) => ({
    op_id, device_id: of, seq, program_id, key_id, blob,
  }));
  const body = { protocol: PROTOCOL, device_id, author_device_id: author, operations };
  const said = checked(await call('POST', '/api/sync/forward', body, { timeout_ms: TIMEOUT_MS }), batch, device?.epoch ?? null);
  await database.write(['carried'], async (transaction) => {
    for (const [index, { status }] of said.entries()) {
      const row = batch[index]!;
      // Kept for another day, or until the part that it follows has come; the others go on.
      if (status === 'retry') passOver.add(row.hash);
      else await settleCarried(transaction, row, status);
    }
  });
}

/** @throws NotOurs unless every operation has its answer, in order, from the server that this phone knows */
function checked(answer: unknown, batch: readonly CarriedRow[], epoch: string | null): Said[] {
  const receipts = isRecord(answer) && answer['protocol'] === PROTOCOL ? answer['receipts'] : null;
  if (!isRecord(answer) || !Array.isArray(receipts) || receipts.length !== batch.length) throw new NotOurs(200);
  if (epoch !== null && answer['epoch'] !== epoch) throw new NotOurs(200);
  return receipts.map((each: unknown, index): Said => {
    const sound = isRecord(each) && each['op_id'] === batch[index]!.op_id && each['epoch'] === answer['epoch'];
    const status = sound ? each['status'] : null;
    if (status !== 'taken' && status !== 'refused' && status !== 'retry') throw new NotOurs(200);
    return { op_id: batch[index]!.op_id, status };
  });
}
