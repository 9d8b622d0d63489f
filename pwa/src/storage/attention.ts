/**
 * One's own entries that were not accepted: reading them, and sealing one anew that did not arrive whole.
 *
 * Looks at every enrolment of the person on this phone: what a former one wrote is theirs as well. Nothing here deletes.
 */
import type { Envelope } from '../domain/operation.ts';
import { utf8 } from './bytes.ts';
import { canonical } from '../domain/operation.ts';
import { copyData, sealedRow } from './commit.ts';
import type { Database } from './database.ts';
import { opened } from './records.ts';
import { startingWith, type OutboxRow } from './schema.ts';
import type { SealingKey } from './sealing.ts';
import type { OpenVault } from './vault.ts';

/** `operation` is null where this phone cannot read it: written without a key, or the copy is gone. */
export interface Unaccepted {
  row: OutboxRow;
  operation: Envelope | null;
}

/** Those that need attention and those that somebody has looked after, the newest first. */
export async function readUnaccepted(database: Database, vault: OpenVault, user_id: string): Promise<Unaccepted[]> {
  const found = await database.read(['devices', 'outbox', 'copies'], async (transaction) => {
    const devices = (await transaction.objectStore('devices').getAll()).filter((device) => device.user_id === user_id);
    const index = transaction.objectStore('outbox').index('by_device_state');
    const ranges = devices.flatMap(({ device_id }) => [startingWith(device_id, 'attention'), startingWith(device_id, 'settled')]);
    const rows = (await Promise.all(ranges.map((range) => index.getAll(range)))).flat();
    const copies = transaction.objectStore('copies');
    return Promise.all(rows.map(async (row) => ({ row, copy: await copies.get(row.op_id) })));
  });
  const read = await Promise.all(
    found.map(async ({ row, copy }): Promise<Unaccepted> => {
      const operation = copy && (await opened<Envelope>(vault, copyData(row.op_id, row.device_id), copy));
      return { row, operation: operation ?? null };
    }),
  );
  return read.sort((one, other) => other.row.created_at.localeCompare(one.row.created_at));
}

/**
 * The same operation, sealed anew: what was damaged on the way, or on this phone, then arrives whole. False if it needs
 * attention no longer, and nothing was written then.
 */
export async function sealAnew(database: Database, operation: Envelope, key: SealingKey): Promise<boolean> {
  const sealed = await sealedRow(operation, utf8(canonical(operation)), key);
  return database.write(['outbox'], async (transaction) => {
    const store = transaction.objectStore('outbox');
    const row = await store.get(operation.op_id);
    if (row?.state !== 'attention') return false;
    const { key_id, blob, size } = sealed;
    await store.put({ ...row, key_id, blob, size, state: 'waiting', position: null });
    return true;
  });
}
