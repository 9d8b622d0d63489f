/**
 * What is known of the connection, as signals, and the two wishes that screens have of it.
 *
 * When and how to exchange is `exchange.ts`, which arrives after the first screen and alone writes these signals.
 */
import { computed, signal, type ReadonlySignal } from '@preact/signals';
import { refused } from './phase.ts';

export type Connection = 'connected' | 'offline' | 'sign_in';

const reached = signal<boolean | null>(null);
const count = signal(0);
const syncedAt = signal<number | null>(null);
const underWay = signal(false);

/** For `exchange.ts` alone. */
export const line = { reached, waiting: count, syncedAt, sending: underWay };

/** Nothing more than the last answer allows. */
export const connection: ReadonlySignal<Connection> = computed(() => {
  if (!reached.value) return 'offline';
  return refused.value ? 'sign_in' : 'connected';
});
/** Operations of everyone on this phone that the server does not have yet. */
export const waiting: ReadonlySignal<number> = count;
/** False from the start until the first attempt has ended: nothing can be said of the connection yet. */
export const lookedOnce: ReadonlySignal<boolean> = computed(() => reached.value !== null);
/** Something is on its way now. */
export const sending: ReadonlySignal<boolean> = underWay;
/** Epoch milliseconds of the last answer that counted. */
export const lastSyncAt: ReadonlySignal<number | null> = syncedAt;
/** Background Sync: the service worker sends what waits when the connection returns (Chromium; not iOS). */
export const canSendClosed: boolean =
  typeof ServiceWorkerRegistration !== 'undefined' && 'sync' in ServiceWorkerRegistration.prototype;

const exchange = (): Promise<typeof import('./later.ts')> => import('./later.ts');

/** Sends and fetches now; resolves when it is done, whatever came of it. */
export async function syncNow(): Promise<void> {
  await exchange().then((module) => module.run({ force: true }), () => undefined);
}

/** After a submission: send now, and have the browser send later if that fails. */
export function exchangeSoon(): void {
  void exchange().then((module) => module.soon(), () => undefined);
}
