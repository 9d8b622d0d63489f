/**
 * The cover and the automatic lock.
 *
 * Times are compared, not counted: a phone that slept, or a throttled tab, locks the moment it is seen again, before
 * the cover lifts. A call or a text message begun in the app locks nothing: its time away does not count.
 */
import { phase } from './phase.ts';
import { lock } from './session.ts';
import { mustSignIn } from './since.ts';

export const LOCK_AFTER_HIDDEN_MS = 5 * 60_000;
export const LOCK_AFTER_IDLE_MS = 10 * 60_000;
/** How long a call may take before being away counts again. */
export const CALL_GRACE_MS = 60 * 60_000;
const CHECK_MS = 10_000;

/** Pure, for tests: whether a phone in this situation must be locked at `now`. */
export function mustLock(
  now: number,
  { activeAt, hiddenAt, calledAt }: { activeAt: number; hiddenAt: number | null; calledAt: number | null },
): boolean {
  if (calledAt !== null && now - calledAt < CALL_GRACE_MS) return false;
  if (hiddenAt !== null && now - hiddenAt >= LOCK_AFTER_HIDDEN_MS) return true;
  return now - activeAt >= LOCK_AFTER_IDLE_MS;
}

let activeAt = Date.now();
let hiddenAt: number | null = null;
let calledAt: number | null = null;

async function check(): Promise<void> {
  if (phase.peek() !== 'open' && phase.peek() !== 'write_only') return;
  const now = Date.now();
  if (mustLock(now, { activeAt, hiddenAt, calledAt }) || (calledAt === null && mustSignIn(now))) await lock();
}

async function seen(): Promise<void> {
  await check();
  // Back from a call: the time away was the call's, and both clocks begin again.
  if (calledAt !== null) activeAt = Date.now();
  calledAt = null;
  hiddenAt = null;
  delete document.documentElement.dataset['cover'];
}

function unseen(): void {
  hiddenAt ??= Date.now();
  document.documentElement.dataset['cover'] = '';
}

function touched(event: Event): void {
  activeAt = Date.now();
  const target = event.target;
  if (event.type === 'click' && target instanceof Element && target.closest('a[href^="tel:"], a[href^="sms:"]')) calledAt = activeAt;
}

/** The page may be kept in memory and come back: not open. What is being written is stored before the key goes. */
function left(): void {
  unseen();
  if (calledAt === null) void lock();
}

/** Starts covering and locking. Call once. */
export function startTimers(): void {
  const follow = (): void => (document.visibilityState === 'hidden' ? unseen() : void seen());
  document.addEventListener('visibilitychange', follow);
  globalThis.addEventListener('pagehide', left);
  globalThis.addEventListener('pageshow', follow);
  for (const kind of ['pointerdown', 'keydown', 'input', 'click', 'scroll']) {
    globalThis.addEventListener(kind, touched, { capture: true, passive: true });
  }
  setInterval(() => void check(), CHECK_MS);
  follow();
}
