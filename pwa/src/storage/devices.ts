/**
 * Enrolments: who uses this browser profile, and how far each is synchronised.
 *
 * Answers for the device rows. Keys are `vault.ts`'s, operations `outbox.ts`'s, what a server's answer does to a device
 * `server_word.ts`'s.
 */
import type { Database, WriteTransaction } from './database.ts';
import type { DeviceRow } from './schema.ts';

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
