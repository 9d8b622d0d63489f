/**
 * Room on the phone: the reserve, what the browser says is left, and what follows from both.
 *
 * Arrives after everything that somebody waits for. Colleagues' records that wait here are sent from here too: whatever
 * tells that there is a connection tells it.
 */
import { openDatabase, type Store } from '../storage/database.ts';
import { layAside, makeRoom } from '../storage/reserve.ts';
import { listen } from '../transport/broadcast.ts';
import { me } from './phase.ts';
import { storageLevel, type StorageLevel } from './storage_level.ts';

export const HIGH = 0.8;
export const FULL = 0.95;
const LOOK_EVERY_MS = 10 * 60_000;
/** What can be fetched again, and what is somebody else's, must not use up what the referral in hand may need. */
const SPARED = new Set<Store>(['views', 'carried', 'ballast']);

/** Asks for no room itself: what makes room must not wait for it. */
const spare = openDatabase();

/** Pure, for tests. `used` is the share of what the browser grants. */
export function levelOf(reserve: boolean, used: number): StorageLevel {
  if (!reserve) return 'spent';
  return used >= FULL ? 'full' : used >= HIGH ? 'high' : 'fine';
}

/** The share that is used; 0 where the browser does not say. Chromium names a quota that hardly moves: see `levelOf`. */
export async function usedShare(): Promise<number> {
  const { usage = 0, quota = 0 } = (await navigator.storage?.estimate?.().catch(() => undefined)) ?? {};
  return quota > 0 ? usage / quota : 0;
}

/** Lays the reserve aside again where there is room, and says how it stands. */
export async function look(): Promise<void> {
  const reserve = await layAside(spare);
  storageLevel.value = levelOf(reserve, await usedShare());
}

/** A write to these stores found no room. True if it is worth trying again. */
export async function free(stores: readonly Store[], times: number): Promise<boolean> {
  if (stores.some((store) => SPARED.has(store))) return false;
  storageLevel.value = 'spent';
  return makeRoom(spare, times);
}

async function carryWaiting(): Promise<void> {
  const device_id = me.peek()?.device_id;
  const here = await spare.read(['carried'], (transaction) => transaction.objectStore('carried').count());
  if (device_id === undefined || here === 0) return;
  const { carry } = await import('../transport/carry.ts');
  await carry(spare, device_id);
}

const quietly = (work: () => Promise<void>): void => void work().catch(() => undefined);

/** Call once. */
export function watch(): void {
  listen((news) => {
    const met = (news.type === 'flushed' && news.result.sent > 0) || (news.type === 'pulled' && news.result.outcome === 'current');
    if (!met) return;
    if (storageLevel.peek() !== 'fine') quietly(look);
    quietly(carryWaiting);
  });
  setInterval(() => quietly(look), LOOK_EVERY_MS);
  quietly(look);
  // The first meeting with the server may have been before anybody listened here.
  quietly(carryWaiting);
}
