/**
 * Sending with the app closed: the outboxes of every device, the counts, and acknowledgements that found no connection.
 *
 * The browser is asked to wake this worker again for as long as something waits that a connection would help.
 */
import type { Database } from '../storage/database.ts';
import { retryAcknowledgements } from '../transport/acknowledge.ts';
import { flushAll } from '../transport/flush.ts';
import { tellResult } from './push.ts';
import { scope } from './worker.ts';

export const SYNC_TAG = 'handoff-flush';

/** Where there is no Background Sync, the pages send when they are next open. */
export async function wakeAgain(): Promise<void> {
  try {
    await scope.registration.sync?.register(SYNC_TAG);
  } catch {
    // Refused by the browser, for instance in a private window.
  }
}

async function settleAcknowledgements(database: Database): Promise<boolean> {
  let kept = false;
  for (const { page, result } of await retryAcknowledgements(database)) {
    if (result === 'kept') kept = true;
    else await tellResult(database, page, result, null);
  }
  return kept;
}

/** Sends everything. True if something is left that another try may send; what waits for a sign-in is not. */
export async function sendEverything(database: Database, app: string): Promise<boolean> {
  const kept = await settleAcknowledgements(database);
  // Forced: the browser woke this worker because there is a connection, and would not do so again for minutes.
  const results = await flushAll(database, { app, force: true });
  return kept || results.some(({ outcome, waiting }) => waiting > 0 && outcome !== 'sign_in' && outcome !== 'busy');
}

/**
 * One `sync` event. Throwing makes the browser try again, each time after a longer while; on its last try a new
 * registration begins anew. (Registering every time would fire at once while the server is down, without a pause.)
 */
export async function synchronise(database: Database, app: string, lastChance: boolean): Promise<void> {
  if (!(await sendEverything(database, app))) return;
  if (lastChance) await wakeAgain();
  throw new Error('Something still waits to be sent.');
}
