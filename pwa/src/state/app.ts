/** The app as a thing installed: its version, an update that waits for a yes, the home screen, and lasting storage. */
import { signal, type ReadonlySignal } from '@preact/signals';
import { version } from '../../package.json';
import { applyUpdate, checkForUpdate, registerWorker } from '../transport/update.ts';
import { settle } from './phase.ts';

export const appVersion: string = version;

const UPDATE_CHECK_MS = 60 * 60_000;

const waitingVersion = signal(false);
const storagePersisted = signal<boolean | null>(null);
const prompt = signal<InstallPrompt | null>(null);

/** A new version is on the phone and waits. */
export const updateReady: ReadonlySignal<boolean> = waitingVersion;
/** Null while the browser has not said. */
export const persisted: ReadonlySignal<boolean | null> = storagePersisted;
/** The browser offers to install. */
export const installPrompt: ReadonlySignal<InstallPrompt | null> = prompt;

interface InstallPrompt extends Event {
  prompt(): Promise<unknown>;
}

/** The manifest, which the browser would otherwise fetch while the first visit waits for the script. */
function offerInstall(): void {
  const link = document.createElement('link');
  link.rel = 'manifest';
  link.href = '/manifest.webmanifest';
  document.head.append(link);
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
  offerInstall();
  storagePersisted.value = (await navigator.storage?.persisted?.().catch(() => false)) ?? false;
  if (!import.meta.env.PROD) return;
  await registerWorker(() => {
    waitingVersion.value = true;
  });
  setInterval(() => void checkForUpdate(), UPDATE_CHECK_MS);
}

/** Starts the waiting version; what is being written is on the phone first. */
export async function startUpdate(): Promise<void> {
  await settle();
  await applyUpdate();
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
