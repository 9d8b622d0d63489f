/**
 * One at a time, across tabs and the service worker (Web Locks) or, where those are missing, within this context.
 *
 * A lock here only saves work. What must hold even without it is checked again inside a transaction.
 */
const queues = new Map<string, Promise<unknown>>();

const manager = (): LockManager | undefined =>
  (globalThis.navigator as { locks?: LockManager } | undefined)?.locks;

/** Runs `work` when everyone who asked before has finished. */
export async function inTurn<T>(name: string, work: () => Promise<T>): Promise<T> {
  const locks = manager();
  if (locks !== undefined) return locks.request(name, work) as Promise<T>;
  return inTurnHere(name, work);
}

/** The same within this context only. */
export function inTurnHere<T>(name: string, work: () => Promise<T>): Promise<T> {
  const before = queues.get(name) ?? Promise.resolve();
  const mine = before.then(work, work);
  queues.set(name, mine);
  const forget = (): void => {
    if (queues.get(name) === mine) queues.delete(name);
  };
  mine.then(forget, forget);
  return mine;
}

/** Runs `work` if nobody else does; null if somebody does. */
export async function ifNobodyElse<T>(name: string, work: () => Promise<T>): Promise<T | null> {
  const locks = manager();
  if (locks !== undefined) {
    return (await locks.request(name, { ifAvailable: true }, (lock) => (lock === null ? null : work()))) as T | null;
  }
  return queues.has(name) ? null : inTurnHere(name, work);
}
