/** What is left to the person at the lock: wrong passphrases that may still follow, and the PIN where one is set. */
import { signal, type Signal } from '@preact/signals';
import type { PinLock } from '../storage/pin.ts';

/** Null where nothing wrong has been typed. Written by `unlocking.ts`. */
export const triesLeft: Signal<number | null> = signal(null);

/** Of one enrolment, in this page's memory alone. Written by `pin.ts`. */
export const pinned: Signal<PinLock | null> = signal(null);

/** The PIN and the secret beside it are gone for good. */
export function forgetPin(): void {
  pinned.peek()?.destroy();
  pinned.value = null;
}
