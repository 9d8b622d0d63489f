/**
 * What a server's word does to an enrolment: a new epoch or lost operations move work back to waiting, a revocation
 * takes everything away that could be read.
 */
import type { Database, WriteTransaction } from './database.ts';
import { changeDevice } from './devices.ts';
import { requeueEverything, requeueMissing, type Ranges } from './outbox.ts';
import { startingWith, type DeviceRow } from './schema.ts';

/** What a server says about itself and about one device in every answer. */
export interface ServerWord {
  epoch: string;
  /** Null when the answer does not speak of this device. */
  known: Ranges | null;
}

/**
 * Whether another answer was settled since this one was asked for. Its server may have been put back to an earlier day meanwhile:
 * what it says to be in a backup must not leave the phone on its word.
 */
export const overtaken = (present: DeviceRow, asking: DeviceRow): boolean => (present.answers ?? 0) !== (asking.answers ?? 0);

/**
 * same: the answer counts. adopted: the server was restored or replaced; everything sent waits again, and the answer
 * must not be counted. former: the answer comes from a server this phone has left behind, or that there was in between; it
 * says nothing.
 */
export type Epoch = 'same' | 'adopted' | 'former';

/**
 * Compares the server's epoch and known ranges with what this phone believes, within a transaction on `devices` and
 * `outbox`. `asking` is the device as it was when the answer was asked for: one that was overtaken leads to no other server,
 * or the phone would follow one that is gone, and leave for ever the one that is there. `passOver` lists operations not to be
 * moved again. The operations moved back to waiting are counted.
 */
export async function meetServer(
  transaction: WriteTransaction,
  device: DeviceRow,
  asking: DeviceRow,
  word: ServerWord,
  passOver: ReadonlySet<string> = new Set(),
): Promise<{ epoch: Epoch; requeued: string[] }> {
  const first = device.epoch === null;
  const another = !first && device.epoch !== word.epoch;
  if (device.former_epochs.includes(word.epoch) || (another && overtaken(device, asking))) return { epoch: 'former', requeued: [] };
  await changeDevice(transaction, device.device_id, ({ answers = 0 }) => ({ answers: answers + 1 }));
  if (another) {
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
  // This browser profile was put back to an earlier day: a number that has been given out is not given out again.
  const highest = word.known.at(-1)?.[1] ?? 0;
  if (device.next_seq <= highest) await changeDevice(transaction, device.device_id, () => ({ next_seq: highest + 1 }));
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
