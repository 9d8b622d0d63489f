/**
 * The service worker's registration, its updates, and Background Sync.
 *
 * A new version waits until the person says yes; the old one keeps serving. Nothing here ever waits without a limit:
 * `serviceWorker.ready` does not settle where registration failed.
 */
const WORKER_URL = '/sw.js';
const READY_TIMEOUT_MS = 10_000;
const SYNC_TAG = 'handoff-flush';
/** What the worker is told; the twins of the words in `service-worker/index.ts`. */
const SKIP = 'skip';
const SEND = 'send';

/** ready: works offline from now on. slow: not yet. failed, unsupported: needs the network for every start. */
export type WorkerState = 'ready' | 'slow' | 'failed' | 'unsupported';

interface ScriptUrlPolicy {
  createScriptURL(url: string): string;
}
interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL: (url: string) => string }): ScriptUrlPolicy;
}
interface SyncRegistration extends ServiceWorkerRegistration {
  readonly sync?: { register(tag: string): Promise<void> };
}

let policy: ScriptUrlPolicy | null = null;

/** The one script address that the policy of the page lets through. */
function workerUrl(): string {
  const factory = (globalThis as { trustedTypes?: TrustedTypes }).trustedTypes;
  if (factory === undefined) return WORKER_URL;
  policy ??= factory.createPolicy('handoff-sw', {
    createScriptURL: (url) => {
      if (url !== WORKER_URL) throw new TypeError('Only the app’s own worker may be registered.');
      return url;
    },
  });
  return policy.createScriptURL(WORKER_URL);
}

function watch(registration: ServiceWorkerRegistration, onWaiting: () => void): void {
  // Without a controller this is the first version, and nobody runs an older one.
  const report = (): void => {
    if (registration.waiting !== null && navigator.serviceWorker.controller !== null) onWaiting();
  };
  report();
  registration.addEventListener('updatefound', () => {
    registration.installing?.addEventListener('statechange', report);
  });
}

/** Registers the worker. `onWaiting` is called when a new version has been fetched and waits for `applyUpdate`. */
export async function registerWorker(onWaiting: () => void): Promise<WorkerState> {
  const workers = (navigator as Partial<Navigator>).serviceWorker;
  if (workers === undefined) return 'unsupported';
  try {
    watch(await workers.register(workerUrl(), { updateViaCache: 'none' }), onWaiting);
  } catch {
    return 'failed';
  }
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<'slow'>((resolve) => {
    timer = setTimeout(() => resolve('slow'), READY_TIMEOUT_MS);
  });
  const ready = workers.ready.then((): 'ready' => 'ready');
  return Promise.race([ready, late]).finally(() => clearTimeout(timer));
}

/** Looks for a new version now; what comes of it is told through `onWaiting`. */
export async function checkForUpdate(): Promise<void> {
  try {
    await (await navigator.serviceWorker?.getRegistration())?.update();
  } catch {
    // Offline. The next start looks again.
  }
}

/** The person said yes: the waiting version takes over, then `reload` is called. */
export async function applyUpdate(reload: () => void = () => location.reload()): Promise<void> {
  const waiting = (await navigator.serviceWorker.getRegistration())?.waiting;
  if (waiting === null || waiting === undefined) return;
  navigator.serviceWorker.addEventListener('controllerchange', () => reload(), { once: true });
  waiting.postMessage(SKIP);
}

/** True where the worker can send with the app closed (Chromium; not iOS). */
export const canSendClosed: boolean =
  typeof ServiceWorkerRegistration !== 'undefined' && 'sync' in ServiceWorkerRegistration.prototype;

/** Asks the browser to wake the worker when there is a connection. False where it cannot or will not. */
export async function sendWhenConnected(): Promise<boolean> {
  if (!canSendClosed) return false;
  try {
    const registration = (await navigator.serviceWorker.getRegistration()) as SyncRegistration | undefined;
    await registration?.sync?.register(SYNC_TAG);
    return registration?.sync !== undefined;
  } catch {
    return false;
  }
}

/** Has the worker send everything that waits, kept acknowledgements included. For the start of the app. */
export function sendThroughWorker(): void {
  (navigator as Partial<Navigator>).serviceWorker?.controller?.postMessage(SEND);
}
