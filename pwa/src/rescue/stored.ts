/**
 * What lies in the app's database, read as it is: at whatever version, by whatever version of the app it was written.
 *
 * Nothing is written, nothing upgraded, and no connection kept that an upgrade would have to wait for. Of a row only the sealed
 * operation is looked at; one that lacks something of it is left out and not the whole with it.
 */
import type { FiledRecord, OutboxFile } from '../storage/outbox_file.ts';

/** One person's records on this phone. */
export interface Found extends OutboxFile {
  /** Empty where the enrolment is gone. */
  login: string;
  /** How many the server is not known to have. */
  waiting: number;
}

const NAME = 'handoff';

type Row = Record<string, unknown>;

/** The database as it is; null where there is none, and none is made. */
function open(name: string): Promise<IDBDatabase | null> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(name);
    let absent = false;
    request.onupgradeneeded = () => {
      // Without a version it is only made where there was none: that is taken back.
      absent = true;
      request.transaction?.abort();
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => (absent ? resolve(null) : reject(request.error));
  });
}

function rowsOf(database: IDBDatabase, store: string): Promise<Row[]> {
  if (!database.objectStoreNames.contains(store)) return Promise.resolve([]);
  return new Promise((resolve, reject) => {
    const request = database.transaction(store, 'readonly').objectStore(store).getAll();
    request.onsuccess = () => resolve(request.result as Row[]);
    request.onerror = () => reject(request.error);
  });
}

const isText = (value: unknown): value is string => typeof value === 'string';

function recordOf({ op_id, seq, key_id, digest, blob }: Row): FiledRecord | null {
  const whole = isText(op_id) && typeof seq === 'number' && isText(key_id) && isText(digest) && isText(blob);
  return whole ? { op_id, seq, key_id, digest, blob } : null;
}

/** Everything of everybody on this phone, the sent ones included; null where nothing of the app is stored. */
export async function stored(made_at: string, name: string = NAME): Promise<Found[] | null> {
  const database = await open(name);
  if (database === null) return null;
  try {
    const [rows, devices] = [await rowsOf(database, 'outbox'), await rowsOf(database, 'devices')];
    const found = new Map<string, Found>();
    for (const row of rows) {
      const record = recordOf(row);
      const { device_id, program_id, state } = row;
      if (record === null || !isText(device_id) || !isText(program_id)) continue;
      const login = devices.find((device) => device['device_id'] === device_id)?.['login'];
      const one = found.get(device_id) ?? { device_id, program_id, made_at, login: isText(login) ? login : '', waiting: 0, records: [] };
      if (state === 'waiting') one.waiting += 1;
      one.records.push(record);
      found.set(device_id, one);
    }
    for (const { records } of found.values()) records.sort((before, after) => before.seq - after.seq);
    return [...found.values()];
  } finally {
    database.close();
  }
}
