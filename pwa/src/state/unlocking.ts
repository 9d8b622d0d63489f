/**
 * Unlocking: the passphrase, the PIN or a passkey opens the vault. Needs no network.
 *
 * The same passphrase, or the same passkey's answer, renews a session that has ended, in the background.
 */
import { tryPassphrase } from '../storage/attempts.ts';
import { readDevice } from '../storage/devices.ts';
import type { DeviceRow } from '../storage/schema.ts';
import { openVault, type OpenVault } from '../storage/vault.ts';
import { readOfficers } from './enrolments.ts';
import { enter } from './opening.ts';
import { me, phase } from './phase.ts';
import { database } from './phone.ts';
import { renewSession, renewWithPasskey } from './renewal.ts';
import { lock } from './session.ts';
import { forgetPin, pinned, triesLeft } from './tries.ts';
import { tapKey, type Used } from './passkeys.ts';

/** See `session.unlock`. */
export async function unlock(passphrase: string): Promise<boolean> {
  const row = await present();
  if (!row) return false;
  if (phase.peek() === 'open') return stillThem(row, passphrase);
  const tried = await tryPassphrase(database, row.device_id, passphrase);
  triesLeft.value = tried.vault === null ? tried.left : null;
  if (tried.vault === null) {
    if (tried.left === 0) await wrapsGone();
    return false;
  }
  await putToUse(row, tried.vault);
  void renewSession(row, passphrase);
  return true;
}

/** Wrong ones while the phone is open: in somebody else's hands, who is not to cost the officer their drafts. */
const WRONG_WHILE_OPEN = 5;
let wrongWhileOpen = 0;

/** A phone handed over and taken back: says whether the passphrase is right, and locks when it was wrong too often. */
async function stillThem(row: DeviceRow, passphrase: string): Promise<boolean> {
  const vault = await openVault(row, passphrase);
  vault?.close();
  wrongWhileOpen = vault === null ? wrongWhileOpen + 1 : 0;
  if (wrongWhileOpen === WRONG_WHILE_OPEN) {
    wrongWhileOpen = 0;
    await lock();
  }
  return vault !== null;
}

/** With the PIN of this page's memory; false for a wrong one. The fifth wrong one destroys it. */
export async function unlockByPin(pin: string): Promise<boolean> {
  const [row, lock] = [await present(), pinned.peek()];
  if (!row || lock?.device_id !== row.device_id) return false;
  const vault = await lock.open(row, pin);
  if (lock.left === 0) pinned.value = null;
  if (vault === null) return false;
  await putToUse(row, vault);
  return true;
}

/** One tap. Asks at once, before anything is awaited; see `passkeys.ts`. */
export async function unlockByPasskey(device_id: string, credential_ids: readonly string[]): Promise<Used> {
  const used = await tapKey(credential_ids);
  if (used.how !== 'used') return used;
  const row = await readDevice(database, device_id);
  const vault = row && used.secret && (await openVault(row, used.secret));
  used.secret?.secret.fill(0);
  if (!row || !vault) return { how: 'no_secret' };
  triesLeft.value = null;
  await putToUse(row, vault);
  void renewWithPasskey(row, used.answer);
  return used;
}

async function present(): Promise<DeviceRow | null> {
  const who = me.peek();
  return (who && (await readDevice(database, who.device_id))) ?? null;
}

/** While the phone is open already this only said that the proof is right. */
async function putToUse(row: DeviceRow, vault: OpenVault): Promise<void> {
  if (phase.peek() === 'open') vault.close();
  else await enter(row, vault);
}

async function wrapsGone(): Promise<void> {
  forgetPin();
  await readOfficers();
}
