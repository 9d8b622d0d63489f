/**
 * Enrolments: who uses this browser profile, how far each is synchronised, and what a revocation takes away.
 *
 * Answers for the device rows. Keys are `vault.ts`'s, operations `outbox.ts`'s.
 */
import type { Database, WriteTransaction } from './database.ts';
import { requeueEverything, requeueMissing, type Ranges } from './outbox.ts';
import { startingWith, type DeviceRow } from './schema.ts';

/** The enrolment is not on this phone (any more): sign in again. */
export class NoSuchDevice extends Error {
  override readonly name = 'NoSuchDevice';

  constructor() {
    super('This person is not enrolled on this phone. Sign in again.');
  }
}

/** Stores a device. Where the row exists, numbers already given out and epochs already left stay so. */
export const storeDevice = (database: Database, device: DeviceRow): Promise<void> =>
  database.write(['devices'], async (transaction) => {
    const store = transaction.objectStore('devices');
    const before = await store.get(device.device_id);
    const next_seq = Math.max(device.next_seq, before?.next_seq ?? 1);
    const { epoch, former_epochs } = before ?? device;
    await store.put({ ...device, next_seq, epoch, former_epochs });
  });

export const readDevice = (database: Database, device_id: string): Promise<DeviceRow | undefined> =>
  database.read(['devices'], (transaction) => transaction.objectStore('devices').get(device_id));

export const listDevices = (database: Database): Promise<DeviceRow[]> =>
  database.read(['devices'], (transaction) => transaction.objectStore('devices').getAll());

/** Changes fields of a device within a transaction on `devices`, never over what another tab has written meanwhile. */
export async function changeDevice(
  transaction: WriteTransaction,
  device_id: string,
  change: (device: DeviceRow) => Partial<DeviceRow>,
): Promise<DeviceRow> {
  const store = transaction.objectStore('devices');
  const device = await store.get(device_id);
  if (device === undefined) throw new NoSuchDevice();
  const changed = { ...device, ...change(device) };
  await store.put(changed);
  return changed;
}

/** What a server says about itself and about one device in every answer. */
export interface ServerWord {
  epoch: string;
  /** Null when the answer does not speak of this device. */
  known: Ranges | null;
}

/**
 * same: the answer counts. adopted: the server was restored or replaced; everything sent waits again, and the answer
 * must not be counted. former: the answer comes from a server this phone has left behind; it says nothing.
 */
export type Epoch = 'same' | 'adopted' | 'former';

/**
 * Compares the server's epoch and known ranges with what this phone believes, within a transaction on `devices` and
 * `outbox`. `passOver` lists operations not to be moved again. The operations moved back to waiting are counted.
 */
export async function meetServer(
  transaction: WriteTransaction,
  device: DeviceRow,
  word: ServerWord,
  passOver: ReadonlySet<string> = new Set(),
): Promise<{ epoch: Epoch; requeued: string[] }> {
  if (device.former_epochs.includes(word.epoch)) return { epoch: 'former', requeued: [] };
  const first = device.epoch === null;
  if (!first && device.epoch !== word.epoch) {
    const requeued = await requeueEverything(transaction, device.device_id);
    await changeDevice(transaction, device.device_id, (row) => ({
      epoch: word.epoch,
      former_epochs: row.epoch === null ? row.former_epochs : [...row.former_epochs, row.epoch],
      durable_position: 0,
    }));
    return { epoch: 'adopted', requeued };
  }
  if (first) await changeDevice(transaction, device.device_id, () => ({ epoch: word.epoch }));
  if (word.known === null) return { epoch: 'same', requeued: [] };
  return { epoch: 'same', requeued: await requeueMissing(transaction, device.device_id, word.known, passOver) };
}

/**
 * The device was revoked: everything on it that could be read goes, keys included. The sealed outbox stays until it
 * has receipts; what it still sends goes to a person.
 */
export const wipeDevice = (database: Database, device_id: string): Promise<void> =>
  database.write(['devices', 'drafts', 'copies', 'views'], async (transaction) => {
    await changeDevice(transaction, device_id, () => ({ wraps: [], signing: null, people: null, cursor: null }));
    await transaction.objectStore('views').delete(startingWith(device_id));
    for (const key of await transaction.objectStore('drafts').index('by_device').getAllKeys(device_id)) {
      await transaction.objectStore('drafts').delete(key);
    }
    const copies = transaction.objectStore('copies');
    for (const key of await copies.index('by_device_seq').getAllKeys(startingWith(device_id))) {
      await copies.delete(key);
    }
  });
