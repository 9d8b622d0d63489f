/** The time as screens show it: one signal that ticks every second while somebody can see it. */
import { computed, signal, type ReadonlySignal } from '@preact/signals';
import { correctionMs } from '../domain/times.ts';

const TICK_MS = 1000;
const time = signal(Date.now());
const behind = signal(0);

/** This phone's own clock, in epoch milliseconds, right or wrong. */
export const phoneTime: ReadonlySignal<number> = time;

/** By how much that clock is corrected: 0 where it is right. */
export const clockOff: ReadonlySignal<number> = behind;

/** Epoch milliseconds by the phone's clock as corrected. */
export const now: ReadonlySignal<number> = computed(() => time.value + behind.value);

/** The same at the beginning of its minute, for what need not be drawn each second. */
export const minute: ReadonlySignal<number> = computed(() => now.value - (now.value % 60_000));

/** The same at this very moment. */
export const present = (): number => Date.now() + behind.peek();

/** What was last measured of this phone's clock; null where nothing was. */
export function correctClock(clock_off_ms: number | null): void {
  behind.value = correctionMs(clock_off_ms);
}

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
