/**
 * The service worker: offline files, sending in the background, notifications. Only the wiring is here.
 *
 * `__BUILD__`, `__PRECACHE__` and `__LOCK__` are written in by the build (`build/service-worker-plugin.ts`).
 */
import { openDatabase } from '../storage/database.ts';
import { SYNC_TAG, sendEverything, synchronise, wakeAgain } from './flush.ts';
import { clean, install, serve, serves, type PrecacheEntry } from './precache.ts';
import { clicked, notify } from './push.ts';
import { moved, settleMove } from './resubscribe.ts';
import { scope, type SyncEvent } from './worker.ts';

declare const __BUILD__: string;
declare const __PRECACHE__: readonly PrecacheEntry[];
/** What opening a phone needs and a first visit does not. */
declare const __LOCK__: readonly string[];

const BUILD = __BUILD__;
/** The twins of the words in `transport/update.ts`. */
const SKIP = 'skip';
const SEND = 'send';

const database = openDatabase();

scope.addEventListener('install', (event) => {
  // No skipWaiting: an update waits for the person's yes.
  event.waitUntil(install(BUILD, __PRECACHE__));
});

scope.addEventListener('activate', (event) => {
  // Claimed, so that the very first page works offline without a reload. An update has its pages already.
  event.waitUntil(clean(BUILD).then(() => scope.clients.claim()));
});

scope.addEventListener('message', (event) => {
  if (event.data === SKIP) event.waitUntil(scope.skipWaiting());
  if (event.data === SEND) event.waitUntil(sendEverything(database, BUILD));
});

scope.addEventListener('fetch', (event) => {
  if (serves(event.request)) event.respondWith(serve(BUILD, __LOCK__, event.request));
});

scope.addEventListener('push', (event) => {
  event.waitUntil(
    notify(database, event).finally(async () => {
      // A push proves a connection: use it for what waits here.
      if (await sendEverything(database, BUILD)) await wakeAgain();
      await settleMove(database);
    }),
  );
});

scope.addEventListener('notificationclick', (event) => {
  event.waitUntil(
    clicked(database, event).then(async (kept) => {
      if (kept) await wakeAgain();
    }),
  );
});

scope.addEventListener('pushsubscriptionchange' as keyof ServiceWorkerGlobalScopeEventMap, (event) => {
  (event as ExtendableEvent).waitUntil(moved(database).then(() => wakeAgain()));
});

scope.addEventListener('sync' as keyof ServiceWorkerGlobalScopeEventMap, (event) => {
  const sync = event as unknown as SyncEvent;
  if (sync.tag !== SYNC_TAG) return;
  sync.waitUntil(Promise.all([synchronise(database, BUILD, sync.lastChance), settleMove(database)]));
});
