/**
 * Reading the feed: what changed for this person since the cursor, one page after another, into encrypted views.
 *
 * It needs a session and an open vault. What each page does to the phone is `storage/feed.ts`'s affair.
 */
import type { Database } from '../storage/database.ts';
import { readDevice } from '../storage/devices.ts';
import { beginResync, storePage } from '../storage/feed.ts';
import { ifNobodyElse } from '../storage/locks.ts';
import type { OpenVault } from '../storage/vault.ts';
import { tell } from './broadcast.ts';
import { call, NotOurs, Problem, Unreachable } from './client.ts';
import { PROTOCOL, checkedPull, clockOffMs } from './protocol.ts';

export type PullOutcome = 'current' | 'offline' | 'sign_in' | 'later' | 'busy' | 'locked';

export interface PullResult {
  device_id: string;
  outcome: PullOutcome;
  /** Items that were stored. */
  items: number;
  /** Operations that the server turned out not to have: flush next. */
  requeued: number;
  retry_after_s: number | null;
}

const PAGE_ITEMS = 200;
const TIMEOUT_MS = 30_000;
/** Pages of one run; the next one goes on from the cursor. */
const PAGES = 1000;

/** Brings the phone up to the feed's head. Never throws for what the network or the server does. */
export async function pull(database: Database, vault: OpenVault): Promise<PullResult> {
  const { device_id } = vault;
  const result: PullResult = { device_id, outcome: 'busy', items: 0, requeued: 0, retry_after_s: null };
  const outcome = await ifNobodyElse(`handoff-pull-${device_id}`, async () => {
    try {
      return await pullPages(database, vault, result);
    } catch (error) {
      return afterFailure(error, result);
    }
  });
  if (outcome === null) return result;
  const done = { ...result, outcome };
  tell({ type: 'pulled', result: done });
  return done;
}

async function pullPages(database: Database, vault: OpenVault, result: PullResult): Promise<PullOutcome> {
  let resynced = false;
  for (let page = 0; page < PAGES; page += 1) {
    const device = await readDevice(database, vault.device_id);
    // A wiped device has no wraps: nothing readable may be stored for it again.
    if (device === undefined || device.wraps.length === 0) return 'locked';
    const { epoch, cursor, device_id } = device;
    const sent_ms = Date.now();
    const request = { protocol: PROTOCOL, epoch, cursor, limit: PAGE_ITEMS, device_id };
    const answer = checkedPull(await call('POST', '/api/sync/pull', request, { timeout_ms: TIMEOUT_MS }));
    const known = answer.known[device_id];
    // Somebody else has signed in meanwhile, perhaps in another tab: what came is theirs, not this vault's.
    if (known === undefined) return 'sign_in';
    const former = device.former_epochs.includes(answer.epoch);
    if (answer.resync && cursor !== null && !former && (epoch === null || epoch === answer.epoch)) {
      // Twice in one run: the server cannot follow its own cursor. The next run tries again.
      if (resynced) return 'later';
      resynced = true;
      await beginResync(database, device_id);
      continue;
    }
    const { stored, requeued } = await storePage(database, vault, device, {
      ...answer,
      known,
      durable: answer.durable?.[device_id] ?? [],
      clock_off_ms: clockOffMs(answer.server_time, sent_ms, Date.now()),
    });
    result.requeued += requeued;
    if (stored === 'ignored') return 'offline';
    if (stored !== 'stored') continue;
    result.items += answer.items.length;
    if (!answer.more) return 'current';
  }
  return 'later';
}

function afterFailure(error: unknown, result: PullResult): PullOutcome {
  if (error instanceof Unreachable) return 'offline';
  if (error instanceof Problem || error instanceof NotOurs) {
    result.retry_after_s = error.retry_after_s;
    // Signed in, but not far enough to read: asking to sign in again would lead nowhere.
    if (error.status === 429 || error.status === 503 || (error instanceof Problem && error.code === 'second-factor-needed')) return 'later';
    return error instanceof Problem && (error.status === 401 || error.status === 403) ? 'sign_in' : 'offline';
  }
  if (error instanceof Error && error.name === 'VaultClosed') return 'locked';
  throw error;
}
