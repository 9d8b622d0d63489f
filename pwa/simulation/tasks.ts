/**
 * Everything that happens on the phones of a world, one thing at a time, in an order that a seed decides.
 *
 * Whatever code awaits (a step of a transaction, a key derived, an answer) ends here as a task. After each, all that follows from
 * it by promises alone is run; between two, a tab may be killed. The same seed gives the same order, whatever the machine does.
 */
export type Task = () => void;

/** Before fake-indexeddb asks for it: its tasks are ours (see `takeImmediates`). */
const turn = globalThis.setImmediate;

/** A small generator (mulberry32): numbers in [0, 1) that depend on the seed alone. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}

/** More than any honest command takes: whoever needs more never ends. */
const LIMIT = 200_000;

export class Tasks {
  /** In the order they were asked for: IndexedDB relies on it. */
  readonly #plain: Task[] = [];
  /** Work of other threads: taken in the order begun, so that their speed decides nothing. */
  readonly #awaited: Promise<Task>[] = [];
  #random = randomFrom(0);
  /** How many were done since the last `run` began. */
  done = 0;

  add(task: Task): void {
    this.#plain.push(task);
  }

  /** A promise that settles as the given one does, when its turn comes. */
  gated<T>(real: Promise<T>, open: () => boolean): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const settled = real.then(
        (value): Task => () => open() && resolve(value),
        (error: unknown): Task => () => open() && reject(error),
      );
      this.#awaited.push(settled);
    });
  }

  /** Does everything there is to do; `between` is called after each task with the number of those done. */
  async run(seed: number, between: (done: number) => void): Promise<void> {
    this.#random = randomFrom(seed);
    this.done = 0;
    await new Promise((resolve) => turn(resolve));
    for (let task = await this.#next(); task !== undefined; task = await this.#next()) {
      task();
      await new Promise((resolve) => turn(resolve));
      this.done += 1;
      if (this.done > LIMIT) throw new Error('The phones never come to rest.');
      between(this.done);
    }
  }

  /** Leaves nothing to do. */
  clear(): void {
    this.#plain.length = 0;
    this.#awaited.length = 0;
  }

  async #next(): Promise<Task | undefined> {
    const other = this.#awaited.length > 0 && (this.#plain.length === 0 || this.#random() < 0.5);
    return other ? this.#awaited.shift() : this.#plain.shift();
  }
}

/** From now on `setImmediate`, which fake-indexeddb asks at every step, adds to these tasks. */
export function takeImmediates(tasks: Tasks): void {
  globalThis.setImmediate = ((task: Task) => tasks.add(task)) as unknown as typeof setImmediate;
}
