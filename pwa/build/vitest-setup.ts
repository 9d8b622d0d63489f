/**
 * What a browser has and Node 20 lacks, for tests of logic: IndexedDB in memory, `navigator` with Web Locks.
 *
 * Real screens, workers, storage on disk and signals between tabs are tested in a real browser (tests/browser).
 */
import 'fake-indexeddb/auto';

type Waiting = { mode: LockMode; start: () => void };

/** Web Locks within one process, in the order asked for: shared ones together, an exclusive one alone. */
class LocksInMemory {
  readonly #held = new Map<string, LockMode[]>();
  readonly #waiting = new Map<string, Waiting[]>();

  async request<T>(
    name: string,
    optionsOrCallback: LockOptions | ((lock: Lock | null) => T | Promise<T>),
    maybeCallback?: (lock: Lock | null) => T | Promise<T>,
  ): Promise<T> {
    const options = typeof optionsOrCallback === 'function' ? {} : optionsOrCallback;
    const callback = typeof optionsOrCallback === 'function' ? optionsOrCallback : maybeCallback;
    if (callback === undefined) throw new TypeError('A lock is asked for with a callback.');
    const mode = options.mode ?? 'exclusive';
    if (options.steal === true) throw new DOMException('Stealing is not offered in tests.', 'NotSupportedError');
    options.signal?.throwIfAborted();
    if (!this.#free(name, mode)) {
      if (options.ifAvailable === true) return callback(null);
      await this.#turn(name, mode, options.signal);
    } else {
      this.#take(name, mode);
    }
    try {
      return await callback({ name, mode });
    } finally {
      this.#release(name, mode);
    }
  }

  async query(): Promise<LockManagerSnapshot> {
    const held = [...this.#held].flatMap(([name, modes]) => modes.map((mode) => ({ name, mode })));
    const pending = [...this.#waiting].flatMap(([name, all]) => all.map(({ mode }) => ({ name, mode })));
    return { held, pending };
  }

  #free(name: string, mode: LockMode): boolean {
    const held = this.#held.get(name) ?? [];
    if ((this.#waiting.get(name) ?? []).length > 0) return false;
    return mode === 'shared' ? !held.includes('exclusive') : held.length === 0;
  }

  #take(name: string, mode: LockMode): void {
    this.#held.set(name, [...(this.#held.get(name) ?? []), mode]);
  }

  #turn(name: string, mode: LockMode, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const queue = this.#waiting.get(name) ?? [];
      this.#waiting.set(name, queue);
      const waiting: Waiting = { mode, start: resolve };
      queue.push(waiting);
      signal?.addEventListener('abort', () => {
        const at = queue.indexOf(waiting);
        if (at < 0) return;
        queue.splice(at, 1);
        reject(signal.reason);
      });
    });
  }

  #release(name: string, mode: LockMode): void {
    const held = this.#held.get(name) ?? [];
    held.splice(held.indexOf(mode), 1);
    this.#held.set(name, held);
    const queue = this.#waiting.get(name) ?? [];
    for (let next = queue[0]; next !== undefined; next = queue[0]) {
      if (next.mode === 'exclusive' ? held.length > 0 : held.includes('exclusive')) break;
      queue.shift();
      held.push(next.mode);
      next.start();
    }
  }
}

const node = globalThis.navigator as Navigator | undefined;
Object.defineProperty(globalThis, 'navigator', {
  configurable: true,
  value: {
    userAgent: node?.userAgent ?? 'Node.js',
    language: 'en-US',
    languages: ['en-US', 'en'],
    onLine: true,
    locks: new LocksInMemory(),
  },
});
