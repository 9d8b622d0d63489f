import { openDB } from 'idb';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { commitOperations } from '../storage/commit.ts';
import { readFile, writeFile } from '../storage/outbox_file.ts';
import { freshName, phone, sealingPair, unplaced } from '../storage/testing.ts';
import { stored } from './stored.ts';
import { fill, spoken, wordsIn } from './words.ts';

const AT = '2026-04-30T02:14:00Z';

afterEach(() => vi.restoreAllMocks());

async function withRecords(count: number): Promise<Awaited<ReturnType<typeof phone>>> {
  const here = await phone();
  const { key } = await sealingPair();
  for (let number = 0; number < count; number += 1) {
    const operations = [unplaced(here.device.user_id)];
    await commitOperations(here.database, { device_id: here.device_id, vault: here.vault, sealing_key: key, operations });
  }
  return here;
}

describe('the rescue page', () => {
  test('finds what waits, and what was sent, and makes the file that the app reads', async () => {
    const { name, database, device_id } = await withRecords(3);
    await database.write(['outbox'], async (transaction) => {
      const store = transaction.objectStore('outbox');
      const [first] = await store.getAll();
      await store.put({ ...first!, state: 'sent' });
    });
    const found = await stored(AT, name);
    expect(found).toMatchObject([{ device_id, login: 'officer.example', waiting: 2 }]);
    expect(found![0]!.records.map(({ seq }) => seq)).toEqual([1, 2, 3]);
    const { login: _, waiting: __, ...file } = found![0]!;
    expect(await readFile(await writeFile(file))).toEqual(file);
  });

  test('reads a database that a newer version of the app has written', async () => {
    const { name, database, device_id } = await withRecords(1);
    await database.close();
    const newer = await openDB(name, 99, {
      upgrade: (upgraded, _old, _new, transaction) => {
        upgraded.createObjectStore('something_new');
        upgraded.deleteObjectStore('settings');
        void transaction.objectStore('outbox').put({ op_id: 'of a kind that nobody knows yet', device_id });
      },
    });
    newer.close();
    const found = await stored(AT, name);
    expect(found?.map(({ records }) => records.length)).toEqual([1]);
    expect((await indexedDB.databases()).find((each) => each.name === name)?.version).toBe(99);
  });

  test('tells whose they are apart, and knows those whose enrolment is gone', async () => {
    const { name, database } = await withRecords(1);
    const other = await phone(name, { login: 'second.example' });
    const { key } = await sealingPair();
    await commitOperations(database, { device_id: other.device_id, vault: null, sealing_key: key, operations: [unplaced(other.device.user_id)] });
    await database.write(['devices'], (transaction) => transaction.objectStore('devices').delete(other.device_id));
    expect((await stored(AT, name))?.map(({ login }) => login).toSorted()).toEqual(['', 'officer.example']);
  });

  test('makes no database where there is none, nor keeps one that the app wants to upgrade', async () => {
    const name = freshName();
    expect(await stored(AT, name)).toBeNull();
    expect((await indexedDB.databases()).map((each) => each.name)).not.toContain(name);
    const { name: mine, database } = await withRecords(1);
    await stored(AT, mine);
    await database.close();
    const upgraded = await openDB(mine, 50, { blocked: () => expect.unreachable('a connection was kept') });
    upgraded.close();
  });

  test('finds nothing in an empty one, and says so apart from none', async () => {
    const { name } = await phone();
    expect(await stored(AT, name)).toEqual([]);
  });

  test('speaks both languages, with the same places to fill', () => {
    expect([spoken('es-US'), spoken('es'), spoken('en-US'), spoken('est')]).toEqual(['es', 'es', 'en', 'en']);
    const places = (sentence: string): string[] => [...sentence.matchAll(/\{\w+\}/g)].map(([place]) => place);
    const [en, es] = [wordsIn('en'), wordsIn('es')];
    for (const key of Object.keys(en) as (keyof typeof en)[]) expect([key, places(es[key])]).toEqual([key, places(en[key])]);
    expect(fill(en.records, { all: 3, waiting: 2 })).toBe('3 records, 2 of them not yet known to be sent');
  });
});
