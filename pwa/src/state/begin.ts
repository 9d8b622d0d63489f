/** What begins after the first screen is there: the clock, the cover and the lock, the exchange, the worker. */
import { startApp } from './app.ts';
import { startClock } from './clock.ts';
import { startConnection } from './exchange.ts';
import { followTaps, keepRegistered } from './notifications.ts';
import { startProofs } from './proof.ts';
import { startTimers } from './timers.ts';

/** The reserve is half a megabyte to write: not while somebody waits for the first screens. */
const ROOM_AFTER_MS = 5000;

let begun = false;

/** Harmless when repeated. */
export function begin(): void {
  if (begun) return;
  begun = true;
  startClock();
  startTimers();
  startProofs();
  startConnection();
  keepRegistered();
  followTaps();
  void startApp();
  setTimeout(() => void import('./room.ts').then((room) => room.watch(), () => undefined), ROOM_AFTER_MS);
}
