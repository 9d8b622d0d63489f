/**
 * When the browser has replaced this phone's push subscription: a new one, and the server told, if it can be.
 *
 * Only a session may register an address. Without one, or without a connection, a mark stays: this worker tries again
 * whenever it is woken, and the app registers at its next start in any case.
 */
import type { Database } from '../storage/database.ts';
import { readProgram } from '../storage/programs.ts';
import { readSetting, writeSetting } from '../storage/settings.ts';
import { isRecord } from '../transport/client.ts';
import { MOVED, register } from '../transport/subscription.ts';
import { languageOf } from './push.ts';
import { scope } from './worker.ts';

/** For the person who used this phone last: whose session its cookie is. */
async function registerAgain(database: Database): Promise<void> {
  const device_id = await readSetting(database, 'device');
  if (typeof device_id !== 'string') return;
  const device = await database.read(['devices'], (transaction) => transaction.objectStore('devices').get(device_id));
  const program = device && (await readProgram(database, device.program_id));
  const key = isRecord(program) ? program['vapid_public_key'] : null;
  if (typeof key !== 'string') return;
  await register(database, scope.registration.pushManager, key, { device_id, language: await languageOf(database) });
}

/** `pushsubscriptionchange`: the address that the server knows is dead from now on. */
export async function moved(database: Database): Promise<void> {
  await writeSetting(database, MOVED, true);
  await settleMove(database);
}

/** Tries again what `moved` could not do. Never throws: pages and acknowledgements do not depend on it. */
export async function settleMove(database: Database): Promise<void> {
  try {
    if ((await readSetting(database, MOVED)) === true) await registerAgain(database);
  } catch {
    // No session, no permission or no connection: the mark stays.
  }
}
