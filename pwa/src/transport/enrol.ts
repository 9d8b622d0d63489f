/**
 * Enrolling a device: the server learns its public key, and the phone what the server already has of it.
 *
 * The device's row must be stored first. A vault that was made anew for a known device never gives out a sequence
 * number twice: it goes on above everything that the server has seen.
 */
import type { Database } from '../storage/database.ts';
import { changeDevice, NoSuchDevice, readDevice } from '../storage/devices.ts';
import type { DeviceRow } from '../storage/schema.ts';
import { meetServer } from '../storage/server_word.ts';
import { call } from './client.ts';
import { checkedEnrolment } from './protocol.ts';

/**
 * Registers the device with the session's user and returns its row as it now stands. Harmless when repeated.
 *
 * @throws Unreachable, NotOurs, Problem (404 or 409: the id belongs to somebody else or to another key)
 */
export async function enrol(database: Database, device_id: string, label: string): Promise<DeviceRow> {
  const device = await readDevice(database, device_id);
  if (device === undefined) throw new NoSuchDevice();
  const request = { device_id, public_key: device.public_key, label };
  const answer = checkedEnrolment(await call('POST', '/api/devices', request), device_id);
  const highest = Math.max(0, ...answer.known.map(([, high]) => high));
  return database.write(['devices', 'outbox'], async (transaction) => {
    const present = await changeDevice(transaction, device_id, () => ({}));
    await meetServer(transaction, present, device, answer);
    return changeDevice(transaction, device_id, (row) => ({
      next_seq: Math.max(row.next_seq, answer.next_seq, highest + 1),
    }));
  });
}
