/**
 * The reserve: bytes that say nothing, stored while there is room, and freed when there is none, so that the referral in hand
 * can be finished. Outbox and drafts are never evicted; views are, last, because they can be fetched again.
 *
 * Each piece is larger than 64 KiB: Chromium keeps such values as files of their own, which go at once when they are deleted.
 * Smaller ones lie in its log, and deleting them frees nothing until it is tidied (tried on Chromium 156: eight pieces of 64 kB
 * gave back nothing, four of 128 KiB all of it). The bytes are random, because what compresses takes no room.
 */
import { random } from './bytes.ts';
import type { Database } from './database.ts';

const PIECES = 4;
const PIECE_BYTES = 128 * 1024;
/** So many bytes come from the browser's source of randomness at once. */
const RANDOM_BYTES = 64 * 1024;
export const RESERVE_BYTES = PIECES * PIECE_BYTES;

function piece(): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(PIECE_BYTES);
  for (let at = 0; at < PIECE_BYTES; at += RANDOM_BYTES) bytes.set(random(RANDOM_BYTES), at);
  return bytes;
}

/**
 * Lays aside what is missing of the reserve. False if there is no room for it; what had gone in before is then let go again, so
 * that nobody is told of a reserve that is none.
 */
export async function layAside(database: Database): Promise<boolean> {
  const present = await database.read(['ballast'], (transaction) => transaction.objectStore('ballast').count());
  if (present === PIECES) return true;
  const pieces = Array.from({ length: PIECES }, (_, id) => ({ id, bytes: piece() }));
  try {
    await database.write(['ballast'], async (transaction) => {
      await Promise.all(pieces.map((each) => transaction.objectStore('ballast').put(each)));
    });
    return true;
  } catch {
    return false;
  }
}

/** How `makeRoom` frees something, in turn. */
const STEPS = [
  (database: Database): Promise<boolean> =>
    database.write(['ballast'], async (transaction) => {
      const store = transaction.objectStore('ballast');
      const present = await store.count();
      await store.clear();
      return present > 0;
    }),
  (database: Database): Promise<boolean> =>
    database.write(['views', 'devices'], async (transaction) => {
      const present = await transaction.objectStore('views').count();
      await transaction.objectStore('views').clear();
      const devices = transaction.objectStore('devices');
      // The next pull begins anew, and brings what fits.
      for (const device of await devices.getAll()) await devices.put({ ...device, cursor: null });
      return present > 0;
    }),
];

/**
 * Frees what can be spared. `database` must be one that does not ask for room itself.
 *
 * @param times how often the same write has failed for want of room: from the second time on, views go as well
 */
export async function makeRoom(database: Database, times: number): Promise<boolean> {
  for (const step of STEPS.slice(times)) if (await step(database).catch(() => false)) return true;
  return false;
}
