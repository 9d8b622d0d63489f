/**
 * What a tab finds around it: the globals of a browser, each under the control of the simulation.
 *
 * Storage is the profile's, the network the test's, the clock the phone's own, chance a seed's. Once the tab is dead nothing
 * arrives any more: no answer, no step of storage, no timer, no lock; and nothing that it still asks for is done.
 */
import { hex } from '../src/storage/bytes.ts';
import type { Profile } from './profile.ts';
import type { Tasks } from './tasks.ts';

/** What all tabs of a world share. */
export interface World {
  tasks: Tasks;
  random: () => number;
  now_ms: number;
  say: (event: object) => void;
}

interface Timer {
  at_ms: number;
  work: () => void;
}

interface Asked {
  resolve: (response: object) => void;
  reject: (error: Error) => void;
}

/** The connections and transactions that fake-indexeddb keeps behind its API. */
interface Connection {
  _rawDatabase: { transactions: { db: unknown; _state: string; _abort: (why: string | null) => void }[] };
  close: () => void;
}

export class Tab {
  readonly name: string;
  readonly profile: Profile;
  readonly #world: World;
  readonly #asked = new Map<number, Asked>();
  #timers: Timer[] = [];
  #connections: Connection[] = [];
  alive = true;

  constructor(name: string, profile: Profile, world: World) {
    this.name = name;
    this.profile = profile;
    this.#world = world;
  }

  /** By the names under which the script asks for them, in the order of `GLOBALS`. */
  globals(): unknown[] {
    const crypto = this.#crypto();
    const navigator = { locks: this.profile.locks.of(this), language: 'en-US', userAgent: 'Simulation' };
    const around: Record<string, unknown> = {
      navigator, crypto,
      indexedDB: this.#storage(),
      fetch: (path: string, init: RequestInit) => this.#fetch(path, init),
      Date: this.#date(),
      Math: Object.create(Math, { random: { value: () => this.#world.random() } }) as object,
      setTimeout: (work: () => void, after_ms = 0) => this.#later(work, after_ms),
      clearTimeout: (timer: Timer) => void (this.#timers = this.#timers.filter((one) => one !== timer)),
      BroadcastChannel: Silence,
      note: (what: object) => this.alive && this.#world.say(what),
    };
    const descriptors = Object.entries(around).map(([name, value]) => [name, { value }] as const);
    around['globalThis'] = Object.create(globalThis, Object.fromEntries(descriptors)) as object;
    return GLOBALS.map((name) => around[name]);
  }

  /** Nothing reaches the tab's code any more. `keep` lets a transaction that was about to be written be written. */
  kill(keep: boolean): void {
    if (!this.alive) return;
    this.alive = false;
    this.#timers = [];
    this.#asked.clear();
    for (const connection of this.#connections) {
      for (const transaction of connection._rawDatabase.transactions.slice()) {
        const committing = transaction._state === 'committing';
        if (transaction.db === connection && transaction._state !== 'finished' && !(committing && keep)) transaction._abort('AbortError');
      }
      connection.close();
    }
    this.profile.locks.release(this);
  }

  answer(id: number, status: number, headers: Record<string, string>, body: string): boolean {
    const asked = this.#taken(id);
    asked?.resolve({ ok: status >= 200 && status < 300, status, headers: new Headers(headers), text: () => Promise.resolve(body) });
    return asked !== undefined;
  }

  fail(id: number): boolean {
    const asked = this.#taken(id);
    asked?.reject(new TypeError('Failed to fetch'));
    return asked !== undefined;
  }

  /** Timers whose time has come. */
  ring(): void {
    const due = this.#timers.filter(({ at_ms }) => at_ms <= this.#world.now_ms);
    this.#timers = this.#timers.filter((timer) => !due.includes(timer));
    for (const { work } of due) this.#world.tasks.add(() => this.alive && work());
  }

  get waiting(): number[] {
    return [...this.#asked.keys()];
  }

  #taken(id: number): Asked | undefined {
    const asked = this.#asked.get(id);
    this.#asked.delete(id);
    return asked;
  }

  #later(work: () => void, after_ms: number): Timer {
    const timer = { at_ms: this.#world.now_ms + after_ms, work };
    if (this.alive) this.#timers.push(timer);
    return timer;
  }

  #fetch(path: string, { method = 'GET', headers, body, signal }: RequestInit): Promise<object> {
    if (!this.alive) return new Promise(() => undefined);
    const id = nextRequest();
    return new Promise((resolve, reject) => {
      this.#asked.set(id, { resolve, reject });
      signal?.addEventListener('abort', () => this.fail(id) && this.#world.say({ event: 'gave_up', id }));
      this.#world.say({ event: 'request', id, tab: this.name, method, path, headers, body: body ?? null });
    });
  }

  #storage(): object {
    const open = (name: string, version?: number): IDBOpenDBRequest => {
      const request = this.alive ? this.profile.factory.open(name, version) : (new EventTarget() as IDBOpenDBRequest);
      request.addEventListener('upgradeneeded', () => this.#connected(request));
      request.addEventListener('success', () => this.#connected(request));
      return request;
    };
    return { open };
  }

  #connected(request: IDBOpenDBRequest): void {
    const connection = request.result as unknown as Connection;
    if (!this.#connections.includes(connection)) this.#connections.push(connection);
    if (!this.alive) connection.close();
  }

  #date(): DateConstructor {
    const now = (): number => Math.floor(this.#world.now_ms + this.profile.clock_off_ms);
    const here = class extends Date {
      constructor(given?: number | string) {
        super(given ?? now());
      }
      static override now(): number {
        return now();
      }
    };
    return here as unknown as DateConstructor;
  }

  #crypto(): object {
    const { tasks } = this.#world;
    const open = (): boolean => this.alive;
    const subtle = new Proxy(globalThis.crypto.subtle, {
      get: (real, name) => {
        const work = Reflect.get(real, name) as ((...given: unknown[]) => Promise<unknown>) | undefined;
        if (work === undefined) return undefined;
        return (...given: unknown[]) => tasks.gated(work.apply(real, given), open);
      },
    });
    const getRandomValues = (into: Uint8Array): Uint8Array => {
      for (let at = 0; at < into.length; at += 1) into[at] = Math.floor(this.#world.random() * 256);
      return into;
    };
    const randomUUID = (): string => {
      const bytes = getRandomValues(new Uint8Array(16));
      bytes[6] = 0x40 | (bytes[6]! & 0x0f);
      bytes[8] = 0x80 | (bytes[8]! & 0x3f);
      return hex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
    };
    return { subtle, getRandomValues, randomUUID };
  }
}

/** The tab's script is compiled as a function of these. */
export const GLOBALS = [
  'globalThis', 'navigator', 'crypto', 'indexedDB', 'fetch', 'Date', 'Math', 'setTimeout', 'clearTimeout', 'BroadcastChannel', 'note',
];

/** Nobody listens: what tabs tell one another only hurries what happens anyhow. */
class Silence {
  postMessage(): void {}
  close(): void {}
}

let requests = 0;
const nextRequest = (): number => (requests += 1);
export const forgetRequests = (): void => void (requests = 0);
