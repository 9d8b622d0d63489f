/**
 * Unlocking: the passphrase opens the vault. Needs no network.
 *
 * The same passphrase renews a session that has ended, in the background.
 */
import { readDevice } from '../storage/devices.ts';
import { openVault } from '../storage/vault.ts';
import { renewSession } from './access.ts';
import { enter } from './opening.ts';
import { me, phase } from './phase.ts';
import { database } from './phone.ts';

/** See `session.unlock`. */
export async function unlock(passphrase: string): Promise<boolean> {
  const who = me.peek();
  const row = who && (await readDevice(database, who.device_id));
  const vault = row && (await openVault(row, passphrase));
  if (!row || !vault) return false;
  if (phase.peek() === 'open') {
    vault.close();
    return true;
  }
  await enter(row, vault);
  void renewSession(row, passphrase);
  return true;
}
