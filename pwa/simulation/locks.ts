/** Web Locks of one browser profile: exclusive ones, across its tabs, let go when a tab dies. */
interface Waiting {
  tab: object;
  start: () => void;
}
interface Options {
  ifAvailable?: boolean;
}
type Callback = (lock: object | null) => unknown;

export class ProfileLocks {
  readonly #held = new Map<string, object>();
  readonly #waiting = new Map<string, Waiting[]>();

  /** `navigator.locks` as one tab sees it. */
  of(tab: object): { request: (name: string, options: Options | Callback, callback?: Callback) => Promise<unknown> } {
    return {
      request: (name, options, callback) =>
        typeof options === 'function' ? this.#request(tab, name, {}, options) : this.#request(tab, name, options, callback!),
    };
  }

  /** The tab is gone: whoever waits for what it held goes on. */
  release(tab: object): void {
    for (const queue of this.#waiting.values()) queue.splice(0, queue.length, ...queue.filter((one) => one.tab !== tab));
    for (const [name, holder] of this.#held) if (holder === tab) this.#free(name, tab);
  }

  async #request(tab: object, name: string, { ifAvailable = false }: Options, callback: Callback): Promise<unknown> {
    if (this.#held.has(name)) {
      if (ifAvailable) return callback(null);
      const queue = this.#waiting.get(name) ?? [];
      this.#waiting.set(name, queue);
      await new Promise<void>((start) => queue.push({ tab, start }));
    } else {
      this.#held.set(name, tab);
    }
    try {
      return await callback({ name });
    } finally {
      this.#free(name, tab);
    }
  }

  #free(name: string, tab: object): void {
    if (this.#held.get(name) !== tab) return;
    const next = this.#waiting.get(name)?.shift();
    if (next === undefined) {
      this.#held.delete(name);
      return;
    }
    this.#held.set(name, next.tab);
    next.start();
  }
}
