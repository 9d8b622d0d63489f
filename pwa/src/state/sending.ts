/** Whether something is on its way, and what this platform can do with the app closed. */
import { signal, type Signal } from '@preact/signals';

/** Written by `connection.ts` alone. */
export const sending: Signal<boolean> = signal(false);

/** Background Sync: the service worker sends what waits when the connection returns (Chromium). */
export const sendsClosed: boolean = 'SyncManager' in globalThis && 'serviceWorker' in (globalThis.navigator ?? {});
