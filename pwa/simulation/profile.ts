/**
 * One browser profile: what lies in its IndexedDB, its locks, its clock; and copying all that as a backup of a phone does.
 *
 * Looked at from outside, past the API: the test must neither disturb the phone's code nor believe it.
 */
import { IDBFactory } from 'fake-indexeddb';
import { openDB } from 'idb';
import { opened, viewData, type ViewContent } from '../src/storage/records.ts';
import { createStores, SCHEMA_VERSION, type DeviceRow, type HandoffSchema, type OutboxRow, type ViewRow } from '../src/storage/schema.ts';
import { openVault, type OpenVault } from '../src/storage/vault.ts';
import { ProfileLocks } from './locks.ts';
import { proofOf } from './proof.ts';

const NAME = 'handoff';

export type Rows = Record<string, unknown[]>;

interface RawStore {
  records: { values: () => Iterable<{ value: unknown }> };
}
interface RawDatabase {
  version: number;
  rawObjectStores: Map<string, RawStore>;
}

export class Profile {
  readonly factory = new IDBFactory();
  readonly locks = new ProfileLocks();
  /** How far this phone's clock is ahead of the world's. */
  clock_off_ms = 0;

  get #raw(): RawDatabase | undefined {
    return (this.factory as unknown as { _databases: Map<string, RawDatabase> })._databases.get(NAME);
  }

  rows<T>(store: string): T[] {
    const found = this.#raw?.rawObjectStores.get(store);
    return found === undefined ? [] : [...found.records.values()].map(({ value }) => value as T);
  }

  /** Everything that is stored, as it is on disk at this moment. */
  copy(): { version: number; rows: Rows } {
    const stores = [...(this.#raw?.rawObjectStores.keys() ?? [])];
    const rows = Object.fromEntries(stores.map((store) => [store, structuredClone(this.rows(store))]));
    return { version: this.#raw?.version ?? SCHEMA_VERSION, rows };
  }

  /** A profile that holds a copy. */
  static async from({ version, rows }: { version: number; rows: Rows }, clock_off_ms: number): Promise<Profile> {
    const made = new Profile();
    made.clock_off_ms = clock_off_ms;
    const before = globalThis.indexedDB;
    globalThis.indexedDB = made.factory;
    const database = await openDB<HandoffSchema>(NAME, version, {
      upgrade: (opened_, oldVersion) => {
        createStores(opened_, oldVersion);
        for (const store of Object.keys(rows)) {
          // Of a version that only the simulation has.
          if (!opened_.objectStoreNames.contains(store as never)) opened_.createObjectStore(store as never, { keyPath: 'id' });
        }
      },
    });
    globalThis.indexedDB = before;
    const stores = Object.keys(rows).filter((store) => rows[store]!.length > 0);
    if (stores.length > 0) {
      const transaction = database.transaction(stores as never[], 'readwrite');
      for (const store of stores) for (const row of rows[store]!) void transaction.objectStore(store as never).put(row as never);
      await transaction.done;
    }
    database.close();
    return made;
  }

  devices(): DeviceRow[] {
    return this.rows<DeviceRow>('devices');
  }

  outbox(): OutboxRow[] {
    return this.rows<OutboxRow>('outbox');
  }

  /** The views of one device, opened. A view that does not open is null. */
  async views(vault: OpenVault): Promise<Record<string, ViewContent | null>> {
    const found: Record<string, ViewContent | null> = {};
    for (const row of this.rows<ViewRow>('views')) {
      if (row.device_id !== vault.device_id) continue;
      found[row.referral_id] = (await opened<ViewContent>(vault, viewData(row.referral_id, vault.device_id), row)) ?? null;
    }
    return found;
  }
}

const vaults = new Map<string, OpenVault>();

/** The vault of a device, for looking into what it stored. Null where its keys are gone. */
export async function vaultFor(device: DeviceRow): Promise<OpenVault | null> {
  const known = vaults.get(device.public_key);
  if (known !== undefined) return known;
  const made = await openVault(device, proofOf(device.device_id));
  if (made !== null) vaults.set(device.public_key, made);
  return made;
}
