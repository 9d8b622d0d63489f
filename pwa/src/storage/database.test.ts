import { openDB } from 'idb';
import { describe, expect, test, vi } from 'vitest';
import { openDatabase, StorageOutdated } from './database.ts';
import { SCHEMA_VERSION } from './schema.ts';
import { readSetting, writeSetting } from './settings.ts';
import { freshName } from './testing.ts';

const lost = (name: string): DOMException => new DOMException('Connection to Indexed Database server lost.', name);

describe('the database', () => {
  test('writes strictly, always', async () => {
    const begun = vi.spyOn(IDBDatabase.prototype, 'transaction');
    const database = openDatabase({}, freshName());
    await writeSetting(database, 'language', 'es');
    expect(await readSetting(database, 'language')).toBe('es');
    const writes = begun.mock.calls.filter(([, mode]) => mode === 'readwrite');
    expect(writes.length).toBeGreaterThan(0);
    for (const [, , options] of writes) expect(options).toEqual({ durability: 'strict' });
  });

  test('has written nothing when the work fails half way', async () => {
    const database = openDatabase({}, freshName());
    const failing = database.write(['settings'], async (transaction) => {
      await transaction.objectStore('settings').put({ name: 'theme', value: 'night' });
      throw new Error('half way');
    });
    await expect(failing).rejects.toThrow('half way');
    expect(await readSetting(database, 'theme')).toBeUndefined();
  });

  test('says so when a transaction aborts at its commit, after every request succeeded', async () => {
    const database = openDatabase({}, freshName());
    const aborted = database.write(['settings'], async (transaction) => {
      await transaction.objectStore('settings').put({ name: 'theme', value: 'night' });
      transaction.abort();
    });
    await expect(aborted).rejects.toThrow();
    expect(await readSetting(database, 'theme')).toBeUndefined();
  });

  test.each(['InvalidStateError', 'UnknownError'])('opens a new connection once after an %s', async (name) => {
    const database = openDatabase({}, freshName());
    await writeSetting(database, 'theme', 'night');
    vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementationOnce(() => {
      throw lost(name);
    });
    await writeSetting(database, 'theme', 'day');
    expect(await readSetting(database, 'theme')).toBe('day');
  });

  test('does not try a third time', async () => {
    const database = openDatabase({}, freshName());
    await writeSetting(database, 'theme', 'night');
    const begun = vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementation(() => {
      throw lost('UnknownError');
    });
    await expect(writeSetting(database, 'theme', 'day')).rejects.toThrow('lost');
    expect(begun).toHaveBeenCalledTimes(2);
  });

  test('lets go when a newer version wants the database, says so, and writes no more', async () => {
    const name = freshName();
    const onOutdated = vi.fn<() => void>();
    const database = openDatabase({ onOutdated }, name);
    await writeSetting(database, 'theme', 'day');
    const newer = await openDB(name, SCHEMA_VERSION + 1);
    expect(onOutdated).toHaveBeenCalledOnce();
    await expect(writeSetting(database, 'theme', 'night')).rejects.toBeInstanceOf(StorageOutdated);
    newer.close();
    await expect(writeSetting(openDatabase({}, name), 'theme', 'night')).rejects.toBeInstanceOf(StorageOutdated);
  });

  test('asks to close an older tab that keeps it from opening', async () => {
    const name = freshName();
    // A tab of the present version that does not hear `versionchange`, and a later release of this code.
    const older = await openDB(name, SCHEMA_VERSION);
    vi.doMock('./schema.ts', async (original) => ({ ...(await original<object>()), SCHEMA_VERSION: SCHEMA_VERSION + 1 }));
    vi.resetModules();
    const later = await import('./database.ts');
    vi.doUnmock('./schema.ts');
    const asked = new Promise<string>((resolve) => {
      const database = later.openDatabase({ onBlocked: () => resolve('asked') }, name);
      void database.read(['settings'], async () => undefined).catch(() => undefined);
    });
    expect(await asked).toBe('asked');
    older.close();
  });
});
