/**
 * The connection to IndexedDB: the one way to read and write on the phone.
 *
 * A write settles only when its transaction completed or aborted, always with `durability: 'strict'`: "Saved on this
 * phone" may be said when `write` resolved, and never before. WebKit loses its connection now and then; the work is
 * then done once more on a new one, so `work` must have no effect outside its transaction. Inside `work`, await
 * nothing but the transaction's own requests: IndexedDB commits as soon as none is open.
 */
import { openDB, type IDBPDatabase, type IDBPTransaction, type StoreNames } from 'idb';
import { SCHEMA_VERSION, createStores, type HandoffSchema } from './schema.ts';

export type Store = StoreNames<HandoffSchema>;
export type ReadTransaction = IDBPTransaction<HandoffSchema, Store[], 'readonly'>;
export type WriteTransaction = IDBPTransaction<HandoffSchema, Store[], 'readwrite'>;

/** Another tab runs a newer version of the app: reload before writing. */
export class StorageOutdated extends Error {
  override readonly name = 'StorageOutdated';

  constructor() {
    super('A newer version of the app is open on this phone. Reload this page.');
  }
}

export interface DatabaseEvents {
  /** An older tab keeps the database from being upgraded: ask to close it. */
  onBlocked?: () => void;
  /** This tab is the older one and has let go: ask to reload it. */
  onOutdated?: () => void;
  /** There was no room for a write to these stores. True once something was freed: it is then tried again. */
  onFull?: (stores: Store[], times: number) => Promise<boolean>;
}

const CONNECTION_LOST = new Set(['InvalidStateError', 'UnknownError']);

const named = (error: unknown): string => (error instanceof Error ? error.name : '');

export class Database {
  readonly #name: string;
  readonly #events: DatabaseEvents;
  #connection: Promise<IDBPDatabase<HandoffSchema>> | null = null;
  #outdated = false;

  constructor(name: string, events: DatabaseEvents) {
    this.#name = name;
    this.#events = events;
  }

  read<T>(stores: Store[], work: (transaction: ReadTransaction) => Promise<T>): Promise<T> {
    return this.#run((connection) => settled(connection.transaction(stores, 'readonly'), work));
  }

  async write<T>(stores: Store[], work: (transaction: WriteTransaction) => Promise<T>): Promise<T> {
    for (let times = 0; ; times += 1) {
      try {
        return await this.#run((connection) =>
          settled(connection.transaction(stores, 'readwrite', { durability: 'strict' }), work),
        );
      } catch (error) {
        if (named(error) !== 'QuotaExceededError' || !(await this.#events.onFull?.(stores, times))) throw error;
      }
    }
  }

  async close(): Promise<void> {
    const connection = this.#connection;
    this.#connection = null;
    (await connection)?.close();
  }

  async #run<T>(attempt: (connection: IDBPDatabase<HandoffSchema>) => Promise<T>): Promise<T> {
    const connecting = this.#connect();
    try {
      return await attempt(await connecting);
    } catch (error) {
      if (this.#outdated || !CONNECTION_LOST.has(named(error))) throw error;
      if (this.#connection === connecting) this.#connection = null;
      void connecting.then((connection) => connection.close());
      return attempt(await this.#connect());
    }
  }

  #connect(): Promise<IDBPDatabase<HandoffSchema>> {
    if (this.#outdated) return Promise.reject(new StorageOutdated());
    this.#connection ??= this.#open();
    return this.#connection;
  }

  async #open(): Promise<IDBPDatabase<HandoffSchema>> {
    try {
      const connection = await openDB<HandoffSchema>(this.#name, SCHEMA_VERSION, {
        upgrade: createStores,
        blocked: () => this.#events.onBlocked?.(),
        blocking: (_present, wanted) => {
          this.#connection = null;
          connection.close();
          // Null means that the database is being deleted, not that this code is too old for it.
          if (wanted !== null) this.#letGo();
        },
        terminated: () => {
          this.#connection = null;
        },
      });
      return connection;
    } catch (error) {
      this.#connection = null;
      if (named(error) !== 'VersionError') throw error;
      this.#letGo();
      throw new StorageOutdated();
    }
  }

  #letGo(): void {
    this.#outdated = true;
    this.#events.onOutdated?.();
  }
}

interface Transaction {
  readonly done: Promise<void>;
  readonly error: DOMException | null;
  abort(): void;
}

async function settled<Tx extends Transaction, T>(transaction: Tx, work: (transaction: Tx) => Promise<T>): Promise<T> {
  const outcome = transaction.done.then(
    () => null,
    (error: unknown) => ({ error }),
  );
  let result: T;
  try {
    result = await work(transaction);
  } catch (error) {
    try {
      transaction.abort();
    } catch {
      // It has ended already; the first error says why.
    }
    await outcome;
    // Why the browser ended it says more than that it had ended.
    throw transaction.error ?? error;
  }
  const failure = await outcome;
  if (failure !== null) throw failure.error;
  return result;
}

/** Opens (at first use) the phone's database. One per page or worker is enough. */
export function openDatabase(events: DatabaseEvents = {}, name = 'handoff'): Database {
  return new Database(name, events);
}
