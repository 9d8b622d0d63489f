/** Putting an open vault to use: what it holds is read, then the screens open. Needs no network. */
import { readProgram } from '../storage/programs.ts';
import type { DeviceRow } from '../storage/schema.ts';
import { writeSetting } from '../storage/settings.ts';
import type { OpenVault } from '../storage/vault.ts';
import { openDrafts } from './drafts.ts';
import { begin } from './begin.ts';
import { personOf } from './enrolments.ts';
import { write } from './phase.ts';
import { database, holdVault } from './phone.ts';
import { people, reloadRecords } from './records.ts';
import { began } from './since.ts';
import type { ProgramDocument } from './types.ts';

/** Puts an open vault to use. */
export async function enter(row: DeviceRow, vault: OpenVault): Promise<void> {
  // Covering, locking and sending must be at work before there is anything to protect or to send.
  begin();
  holdVault(vault);
  began(row);
  write.me.value = personOf(row);
  const [document] = await Promise.all([readProgram(database, row.program_id), openDrafts(vault), reloadRecords()]);
  write.program.value = (document ?? null) as ProgramDocument | null;
  const name = people.peek()[row.user_id]?.name ?? row.login;
  write.me.value = { ...personOf(row), name };
  write.phase.value = 'open';
  await writeSetting(database, 'device', row.device_id);
}
