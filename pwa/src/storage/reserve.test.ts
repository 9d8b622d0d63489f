import { openDB } from 'idb';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { openDatabase, type Database, type Store } from './database.ts';
import { layAside, makeRoom, RESERVE_BYTES } from './reserve.ts';
import { createStores, SCHEMA_VERSION, type HandoffSchema } from './schema.ts';
import { readSetting, writeSetting } from './settings.ts';
import { freshName, phone } from './testing.ts';

/** A browser that grants so many bytes of ballast: the writes that would take more fail as Chromium's do, at the end. */
function fullAt(bytes: () => number): void {
  const put = IDBObjectStore.prototype.put;
  vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function refuse(this: IDBObjectStore, ...args) {
    const request = put.apply(this, args);
    request.addEventListener('success', () => {
      if (bytes() > 0) return;
      Object.defineProperty(this.transaction, 'error', { configurable: true, value: new DOMException('full', 'QuotaExceededError') });
      this.transaction.abort();
    });
    return request;
  });
}

const pieces = (database: Database): Promise<number> => database.read(['ballast'], (transaction) => transaction.objectStore('ballast').count());

afterEach(() => vi.restoreAllMocks());

describe('the reserve', () => {
  test('is laid aside once, of bytes that do not compress, in pieces that Chromium keeps as files', async () => {
    const database = openDatabase({}, freshName());
    expect(await layAside(database)).toBe(true);
    const rows = await database.read(['ballast'], (transaction) => transaction.objectStore('ballast').getAll());
    expect(rows.reduce((sum, { bytes }) => sum + bytes.length, 0)).toBe(RESERVE_BYTES);
    for (const { bytes } of rows) {
      expect(bytes.length).toBeGreaterThan(64 * 1024);
      expect(new Set(bytes.subarray(-4096)).size).toBeGreaterThan(200);
    }
    expect(await layAside(database)).toBe(true);
    expect(await pieces(database)).toBe(rows.length);
  });

  test('is whole or is none', async () => {
    const database = openDatabase({}, freshName());
    let room = 2;
    fullAt(() => room--);
    expect(await layAside(database)).toBe(false);
    expect(await pieces(database)).toBe(0);
  });
});

describe('a write that finds no room', () => {
  test('is tried again once the reserve was freed, and what it writes is there', async () => {
    const name = freshName();
    const spare = openDatabase({}, name);
    await layAside(spare);
    const asked: [Store[], number][] = [];
    const database = openDatabase({ onFull: (stores, times) => (asked.push([stores, times]), makeRoom(spare, times)) }, name);
    let room = 0;
    fullAt(() => room++);
    await writeSetting(database, 'theme', 'night');
    expect(await readSetting(database, 'theme')).toBe('night');
    expect(asked).toEqual([[['settings'], 0]]);
    expect(await pieces(spare)).toBe(0);
  });

  test('is known as such also where the browser ends it while the work still waits for its parts', async () => {
    const name = freshName();
    const spare = openDatabase({}, name);
    await layAside(spare);
    const database = openDatabase({ onFull: (_, times) => makeRoom(spare, times) }, name);
    let room = 0;
    fullAt(() => room++);
    await database.write(['settings'], async (transaction) => {
      await Promise.all(['one', 'two', 'three'].map((each) => transaction.objectStore('settings').put({ name: each, value: true })));
    });
    expect(await readSetting(database, 'three')).toBe(true);
  });

  test('takes the views as well when that was not enough, and then no more: outbox and drafts stay', async () => {
    const { name, database: spare, device_id } = await phone();
    await layAside(spare);
    await spare.write(['views', 'drafts', 'devices'], async (transaction) => {
      const sealed = { device_id, iv: new Uint8Array(12), ct: new Uint8Array(40) };
      await transaction.objectStore('views').put({ ...sealed, referral_id: 'r', generation: 0 });
      await transaction.objectStore('drafts').put({ ...sealed, draft_id: 'd', updated_at: '' });
      await transaction.objectStore('devices').put({ ...(await transaction.objectStore('devices').get(device_id))!, cursor: 'far' });
    });
    const database = openDatabase({ onFull: (_, times) => makeRoom(spare, times) }, name);
    const whole = vi.fn(() => Promise.reject(new DOMException('full', 'QuotaExceededError')));
    await expect(database.write(['settings'], whole)).rejects.toThrow('full');
    expect(whole).toHaveBeenCalledTimes(3);
    await spare.read(['views', 'drafts', 'devices', 'ballast'], async (transaction) => {
      expect(await transaction.objectStore('ballast').count()).toBe(0);
      expect(await transaction.objectStore('views').count()).toBe(0);
      expect(await transaction.objectStore('drafts').count()).toBe(1);
      expect((await transaction.objectStore('devices').get(device_id))?.cursor).toBeNull();
    });
  });

  test('fails as before where nobody can make room, and for every other reason', async () => {
    const database = openDatabase({}, freshName());
    fullAt(() => 0);
    await expect(writeSetting(database, 'theme', 'night')).rejects.toMatchObject({ name: 'QuotaExceededError' });
    vi.restoreAllMocks();
    const onFull = vi.fn(async () => true);
    const other = openDatabase({ onFull }, freshName());
    await expect(other.write(['settings'], () => Promise.reject(new Error('something else')))).rejects.toThrow('something else');
    expect(onFull).not.toHaveBeenCalled();
  });
});

test('a phone of the version before keeps everything and gains the two stores', async () => {
  const name = freshName();
  const old = await openDB<HandoffSchema>(name, 2, {
    upgrade: (database) => {
      // As version 2 made it: the stores of this version are the ones that it lacks.
      createStores(database, 0);
      database.deleteObjectStore('carried');
      database.deleteObjectStore('ballast');
    },
  });
  await old.put('settings', { name: 'theme', value: 'day' });
  old.close();
  const database = openDatabase({}, name);
  expect(await readSetting(database, 'theme')).toBe('day');
  expect(await layAside(database)).toBe(true);
  expect(SCHEMA_VERSION).toBe(3);
});
