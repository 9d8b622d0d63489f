/** Work that can wait until the phone has nothing better to do, but not for ever. */
const AT_LATEST_MS = 500;

export function whenIdle(work: () => unknown): void {
  // WebKit has no such callback; there it waits for what is under way only.
  if (typeof requestIdleCallback === 'function') requestIdleCallback(work, { timeout: AT_LATEST_MS });
  else setTimeout(work);
}
