/**
 * Declined and walked-away offers: counts without a person, kept until the server has counted them.
 *
 * Each has a random id, so that sending one twice counts once.
 */
import type { Database } from '../storage/database.ts';
import type { TallyRow } from '../storage/schema.ts';
import { call, isRecord, NotOurs, Problem, Unreachable } from './client.ts';
import { PROTOCOL } from './protocol.ts';

export interface TallyBody {
  agency_id: string | null;
  /** YYYY-MM */
  month: string;
  pathway: string;
  answer: 'declined' | 'walked_away';
  reason: string | null;
  demographics: Record<string, string>;
}

const AT_ONCE = 50;

export const storeTally = (database: Database, device_id: string, body: TallyBody): Promise<void> =>
  database.write(['tallies'], async (transaction) => {
    await transaction.objectStore('tallies').add({ id: crypto.randomUUID(), device_id, body });
  });

export const countTallies = (database: Database, device_id: string): Promise<number> =>
  database.read(['tallies'], (transaction) => transaction.objectStore('tallies').index('by_device').count(device_id));

/** Sends what waits and returns how many were counted. Those the server did not name stay. */
export async function sendTallies(database: Database, device_id: string): Promise<number> {
  const rows = await database.read(['tallies'], (transaction) =>
    transaction.objectStore('tallies').index('by_device').getAll(device_id, AT_ONCE),
  );
  if (rows.length === 0) return 0;
  try {
    return await offer(database, device_id, rows);
  } catch (error) {
    if (!(error instanceof Problem) || error.status !== 422 || rows.length === 1) return none(error);
  }
  // One of them is not understood; it shall not keep the others.
  let counted = 0;
  for (const row of rows) counted += await offer(database, device_id, [row]).catch(none);
  return counted;
}

function none(error: unknown): 0 {
  if (error instanceof Unreachable || error instanceof NotOurs || error instanceof Problem) return 0;
  throw error;
}

async function offer(database: Database, device_id: string, rows: TallyRow[]): Promise<number> {
  const tallies = rows.map(({ id, body }) => ({ id, ...body }));
  const answer = await call('POST', '/api/sync/tally', { protocol: PROTOCOL, device_id, tallies });
  const accepted: unknown = isRecord(answer) ? answer['accepted'] : [];
  const counted = rows.filter(({ id }) => Array.isArray(accepted) && accepted.includes(id));
  await database.write(['tallies'], async (transaction) => {
    for (const { id } of counted) await transaction.objectStore('tallies').delete(id);
  });
  return counted.length;
}
