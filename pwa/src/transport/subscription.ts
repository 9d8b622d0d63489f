/**
 * The push subscription of this browser: made for the server's key, and told to the server.
 *
 * The page does this at each start and after a tap; the service worker when the browser has replaced the subscription.
 * Repeating it changes nothing. Without permission it throws: asking for that is `state/notifications.ts`'s affair.
 */
import { fromBase64url } from '../storage/bytes.ts';
import type { Database } from '../storage/database.ts';
import { writeSetting } from '../storage/settings.ts';
import { call } from './client.ts';

/** The setting that is true while the server may still push to an address that the browser has given up. */
export const MOVED = 'push_moved';

/** Whose phone it is, and the language in which the server may have to speak for it. */
export interface Owner {
  device_id: string;
  language: string;
}

const LIMIT_MS = 20_000;

/** Without a connection, or behind a firewall, subscribing never settles. */
async function within<T>(work: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('It took too long.')), LIMIT_MS);
  });
  return Promise.race([work, limit]).finally(() => clearTimeout(timer));
}

/** An older browser does not say which key it subscribed with: believed to be this one. */
function isFor(key: Uint8Array, { options }: PushSubscription): boolean {
  const held = (options as PushSubscriptionOptions | undefined)?.applicationServerKey;
  if (!held) return true;
  const bytes = new Uint8Array(held);
  return bytes.length === key.length && bytes.every((byte, at) => byte === key[at]);
}

/** The subscription to this key; one to a former key of the server could never be reached again, and makes room. */
async function subscribed(pushManager: PushManager, publicKey: string): Promise<PushSubscription> {
  const applicationServerKey = fromBase64url(publicKey);
  const present = await pushManager.getSubscription();
  if (present !== null && isFor(applicationServerKey, present)) return present;
  await present?.unsubscribe();
  return pushManager.subscribe({ userVisibleOnly: true, applicationServerKey });
}

/**
 * Subscribes if need be, and tells the server where this phone is pushed to.
 *
 * @throws Unreachable, NotOurs, Problem, and whatever the browser refuses with
 */
export async function register(
  database: Database,
  pushManager: PushManager,
  publicKey: string,
  { device_id, language }: Owner,
): Promise<void> {
  const { endpoint, keys } = (await within(subscribed(pushManager, publicKey))).toJSON();
  const held = { p256dh: keys?.['p256dh'], auth: keys?.['auth'] };
  await call('POST', '/api/push-subscriptions', { device_id, endpoint, keys: held, language });
  await writeSetting(database, MOVED, false);
}
