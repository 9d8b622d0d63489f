/** The time as screens show it: one signal that ticks every second while somebody can see it. */
import { computed, signal, type ReadonlySignal } from '@preact/signals';

const TICK_MS = 1000;
const time = signal(Date.now());

/** Epoch milliseconds. */
export const now: ReadonlySignal<number> = time;

/** The same at the beginning of its minute, for what need not be drawn each second. */
export const minute: ReadonlySignal<number> = computed(() => time.value - (time.value % 60_000));

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
