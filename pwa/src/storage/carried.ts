/** Colleagues' records on their way through this phone: kept sealed until the server has them. */
import { hex, utf8 } from './bytes.ts';
import type { Database, WriteTransaction } from './database.ts';
import type { BatchLimits } from './outbox.ts';
import type { OutboxFile } from './outbox_file.ts';
import { startingWith, type CarriedRow } from './schema.ts';

/** What was brought is remembered for so long, so that the same file, opened again, is not sent again. */
const REMEMBERED_MS = 7 * 24 * 60 * 60_000;

/** How far one colleague's records have come. */
export interface Carriage {
  device_id: string;
  waiting: number;
  taken: number;
  refused: number;
}

async function hashOf(...parts: (string | number)[]): Promise<string> {
  return hex(new Uint8Array(await crypto.subtle.digest('SHA-256', utf8(parts.join('|')))));
}

/** Takes over what a file holds and this phone does not have yet; resolves with how many that were. */
export async function takeOver(database: Database, file: OutboxFile, at: string): Promise<number> {
  const { device_id, program_id } = file;
  const rows = await Promise.all(
    file.records.map(async ({ op_id, seq, key_id, blob }): Promise<CarriedRow> => {
      const hash = await hashOf(device_id, program_id, op_id, seq, key_id, blob);
      return { hash, device_id, op_id, seq, program_id, key_id, blob, state: 'waiting', at };
    }),
  );
  return database.write(['carried'], async (transaction) => {
    const store = transaction.objectStore('carried');
    const known = new Set(await store.getAllKeys());
    const added = rows.filter(({ hash }) => !known.has(hash));
    for (const row of added) await store.put(row);
    return added.length;
  });
}

/** Every colleague of whom something is here, with the numbers. What was brought long ago is forgotten. */
export async function carriages(database: Database, now_ms: number): Promise<Carriage[]> {
  const rows = await database.write(['carried'], async (transaction) => {
    const store = transaction.objectStore('carried');
    const all = await store.getAll();
    const old = all.filter(({ state, at }) => state === 'taken' && now_ms - Date.parse(at) > REMEMBERED_MS);
    for (const { hash } of old) await store.delete(hash);
    return all.filter((row) => !old.includes(row));
  });
  const found = new Map<string, Carriage>();
  for (const { device_id, state } of rows) {
    const one = found.get(device_id) ?? { device_id, waiting: 0, taken: 0, refused: 0 };
    found.set(device_id, { ...one, [state]: one[state] + 1 });
  }
  return [...found.values()];
}

/** Those that wait and are not to be passed over, of one colleague, in the order of their numbers; at least one. */
export const nextCarried = (
  database: Database,
  device_id: string,
  limits: BatchLimits,
  passOver: ReadonlySet<string>,
): Promise<CarriedRow[]> =>
  database.read(['carried'], async (transaction) => {
    const rows = await transaction.objectStore('carried').index('by_device').getAll(startingWith(device_id));
    const batch: CarriedRow[] = [];
    let bytes = 0;
    for (const row of rows) {
      if (row.state !== 'waiting' || passOver.has(row.hash)) continue;
      if (batch.length === limits.operations || (batch.length > 0 && bytes + row.blob.length > limits.bytes)) break;
      batch.push(row);
      bytes += row.blob.length;
    }
    return batch;
  });

/** What the server said of each, in one transaction. What it has need not be kept. */
export async function settleCarried(transaction: WriteTransaction, row: CarriedRow, state: 'taken' | 'refused'): Promise<void> {
  await transaction.objectStore('carried').put({ ...row, state, blob: state === 'taken' ? '' : row.blob });
}

/** Removes what is here of one colleague: the person says so, who knows whether it was for nothing. */
export const dropCarried = (database: Database, device_id: string): Promise<void> =>
  database.write(['carried'], async (transaction) => {
    const store = transaction.objectStore('carried');
    for (const hash of await store.index('by_device').getAllKeys(startingWith(device_id))) await store.delete(hash);
  });
