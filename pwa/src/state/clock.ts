/** The time as screens show it: one signal that ticks every second while somebody can see it. */
import { signal, type ReadonlySignal } from '@preact/signals';

const TICK_MS = 1000;
const time = signal(Date.now());

/** Epoch milliseconds. */
export const now: ReadonlySignal<number> = time;

const tick = (): void => {
  if (globalThis.document?.visibilityState !== 'hidden') time.value = Date.now();
};

/** Starts the clock; the returned function stops it. */
export function startClock(): () => void {
  const timer = setInterval(tick, TICK_MS);
  globalThis.document?.addEventListener('visibilitychange', tick);
  return () => {
    clearInterval(timer);
    globalThis.document?.removeEventListener('visibilitychange', tick);
  };
}
