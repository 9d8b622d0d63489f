/**
 * Which referrals somebody opened on this phone: told to the server for the audit, with or without a connection at that moment.
 *
 * A lost answer sends the same again: an opening told twice is better than one never told.
 */
import type { Database } from '../storage/database.ts';
import type { OpeningRow } from '../storage/schema.ts';
import { call, NotOurs, Problem, Unreachable } from './client.ts';

const AT_ONCE = 100;

export const storeOpening = (database: Database, device_id: string, referral_id: string, at: string): Promise<void> =>
  database.write(['openings'], async (transaction) => {
    await transaction.objectStore('openings').add({ id: crypto.randomUUID(), device_id, referral_id, at });
  });

/** Sends what waits, as the person who is signed in on this device. What the server does not take stays. */
export async function sendOpenings(database: Database, device_id: string): Promise<void> {
  for (;;) {
    const rows = await database.read(['openings'], (transaction) =>
      transaction.objectStore('openings').index('by_device').getAll(device_id, AT_ONCE),
    );
    if (rows.length === 0 || !(await taken(rows))) return;
    await database.write(['openings'], async (transaction) => {
      for (const { id } of rows) await transaction.objectStore('openings').delete(id);
    });
  }
}

async function taken(rows: OpeningRow[]): Promise<boolean> {
  try {
    // The answer to this is empty: anything else that says 200 is not our server.
    return (await call('POST', '/api/openings', { openings: rows.map(({ referral_id, at }) => ({ referral_id, at })) })) === undefined;
  } catch (error) {
    if (error instanceof Unreachable || error instanceof NotOurs || error instanceof Problem) return false;
    throw error;
  }
}
