/**
 * Wrong passphrases in a row, counted on the phone; the tenth takes the wraps, the drafts and everything readable away.
 *
 * A guard for the screen only: whoever copies the profile's files tries as often as they like, and a copy put back forgets the
 * count. What holds against them is the passphrase's length and the 600 000 rounds. A finished operation is never touched.
 */
import type { Database } from './database.ts';
import { changeDevice } from './devices.ts';
import type { DeviceRow } from './schema.ts';
import { wipeDevice } from './server_word.ts';
import { openVault, type OpenVault } from './vault.ts';

export const WRONG_LIMIT = 10;

/** The vault, or how many more tries there are; with none left, the vault is gone for good. */
export type Tried = { vault: OpenVault } | { vault: null; left: number };

/** Counted before it is tried, so that reloading the page in the middle is no free try. */
export async function tryPassphrase(database: Database, device_id: string, passphrase: string): Promise<Tried> {
  const device = await count(database, device_id, (wrong) => wrong + 1);
  const vault = device.wraps.length === 0 ? null : await openVault(device, passphrase);
  if (vault !== null) {
    await count(database, device_id, () => 0);
    return { vault };
  }
  const left = Math.max(0, WRONG_LIMIT - (device.wrong_passphrases ?? 0));
  if (left === 0) await wipeDevice(database, device_id);
  return { vault, left };
}

const count = (database: Database, device_id: string, next: (wrong: number) => number): Promise<DeviceRow> =>
  database.write(['devices'], (transaction) =>
    changeDevice(transaction, device_id, ({ wrong_passphrases = 0 }) => ({ wrong_passphrases: next(wrong_passphrases) })),
  );
