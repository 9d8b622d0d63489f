/**
 * Opening the phone: the passphrase opens the vault, what it holds is read, then the screens open.
 *
 * Needs no network. The same passphrase renews a session that has ended, in the background.
 */
import { readDevice } from '../storage/devices.ts';
import { readProgram } from '../storage/programs.ts';
import type { DeviceRow } from '../storage/schema.ts';
import { writeSetting } from '../storage/settings.ts';
import { openVault, type OpenVault } from '../storage/vault.ts';
import { openDrafts } from './drafts.ts';
import { begin } from './later.ts';
import { me, phase, write } from './phase.ts';
import { database, holdVault } from './phone.ts';
import { people, reloadRecords } from './records.ts';
import { personOf } from './session.ts';
import type { ProgramDocument } from './types.ts';

/** Puts an open vault to use. */
export async function enter(row: DeviceRow, vault: OpenVault): Promise<void> {
  // Covering, locking and sending must be at work before there is anything to protect or to send.
  begin();
  holdVault(vault);
  write.me.value = personOf(row);
  const [document] = await Promise.all([readProgram(database, row.program_id), openDrafts(vault), reloadRecords()]);
  write.program.value = (document ?? null) as ProgramDocument | null;
  const name = people.peek()[row.user_id]?.name ?? row.login;
  write.me.value = { ...personOf(row), name };
  write.phase.value = 'open';
  await writeSetting(database, 'device', row.device_id);
}

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
  void import('./access.ts').then(({ renewSession }) => renewSession(row, passphrase), () => undefined);
  return true;
}
