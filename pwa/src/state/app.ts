/**
 * The app as a thing installed: its version, an update that waits for a yes, the home screen, and lasting storage.
 *
 * Answers for registering the service worker under Trusted Types. What the worker does is its own affair.
 */
import { signal, type ReadonlySignal } from '@preact/signals';
import { version } from '../../package.json';
import { settle } from './phase.ts';

export const appVersion: string = version;

const WORKER_URL = '/sw.js';
const UPDATE_CHECK_MS = 60 * 60_000;

const waitingWorker = signal<ServiceWorker | null>(null);
const storagePersisted = signal<boolean | null>(null);
const prompt = signal<InstallPrompt | null>(null);

/** A new version is on the phone and waits. */
export const updateReady: ReadonlySignal<ServiceWorker | null> = waitingWorker;
/** Null while the browser has not said. */
export const persisted: ReadonlySignal<boolean | null> = storagePersisted;
/** The browser offers to install. */
export const installPrompt: ReadonlySignal<InstallPrompt | null> = prompt;

interface InstallPrompt extends Event {
  prompt(): Promise<unknown>;
}

interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): { createScriptURL(url: string): string };
}

/** The one policy of the app: it lets through one constant address. */
function workerUrl(): string {
  const rules = {
    createScriptURL(url: string): string {
      if (url !== WORKER_URL) throw new TypeError('Only the app’s own service worker may be registered.');
      return url;
    },
  };
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
  return (trustedTypes?.createPolicy('handoff-sw', rules) ?? rules).createScriptURL(WORKER_URL);
}

function follow(registration: ServiceWorkerRegistration): void {
  const look = (): void => {
    // Without a controller it is the first version, and nobody has to be asked.
    waitingWorker.value = navigator.serviceWorker.controller ? registration.waiting : null;
  };
  look();
  registration.addEventListener('updatefound', () => {
    registration.installing?.addEventListener('statechange', look);
  });
  setInterval(() => void registration.update().catch(() => undefined), UPDATE_CHECK_MS);
}

/** Registers the worker and follows its updates. Without one the app works while open, and says what waits. */
export async function startApp(): Promise<void> {
  globalThis.addEventListener('beforeinstallprompt', (event) => {
    event.preventDefault();
    prompt.value = event as InstallPrompt;
  });
  globalThis.addEventListener('appinstalled', () => {
    prompt.value = null;
  });
  storagePersisted.value = (await navigator.storage?.persisted?.().catch(() => false)) ?? false;
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return;
  try {
    follow(await navigator.serviceWorker.register(workerUrl()));
  } catch (error) {
    console.warn('The service worker could not be registered; the app works only while it is open.', error);
  }
}

/** Starts the waiting version; what is being written is on the phone first. */
export async function useUpdate(): Promise<void> {
  const worker = waitingWorker.peek();
  if (!worker) return;
  await settle();
  navigator.serviceWorker.addEventListener('controllerchange', () => globalThis.location.reload(), { once: true });
  worker.postMessage({ type: 'skip' });
}

/** Asks the browser to keep what is stored; browsers decide by their own rules, so the answer is shown, not relied on. */
export async function askPersistence(): Promise<boolean> {
  const kept = (await navigator.storage?.persist?.().catch(() => false)) ?? false;
  storagePersisted.value = kept;
  return kept;
}

export async function install(): Promise<void> {
  await prompt.peek()?.prompt();
  prompt.value = null;
}

export const standalone = (): boolean =>
  globalThis.matchMedia('(display-mode: standalone)').matches || (navigator as { standalone?: boolean }).standalone === true;

/** iPhones and iPads install by hand and have no prompt. */
export const isApple = (): boolean =>
  /iPhone|iPad|iPod/.test(navigator.userAgent) || (/Macintosh/.test(navigator.userAgent) && navigator.maxTouchPoints > 1);
