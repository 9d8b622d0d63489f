import { openDB, type IDBPDatabase } from 'idb';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openDatabase } from '../storage/database.ts';
import { createStores, type HandoffSchema, type OpeningRow } from '../storage/schema.ts';
import { freshName, MADE_AT, phone, type Phone } from '../storage/testing.ts';
import { sendOpenings, storeOpening } from './openings.ts';

let asked: { path: string; body: { openings: { referral_id: string; at: string }[] } }[];
let answers: (() => Response)[];
let officer: Phone;

const none = (): Response => new Response(null, { status: 204 });
const portal = (): Response => new Response('<html>', { status: 200, headers: { 'Content-Type': 'text/html' } });
const other = (): Response => new Response('{}', { status: 200, headers: { 'Content-Type': 'application/json' } });
const refused = (status: number) => (): Response =>
  new Response(JSON.stringify({ type: 'urn:handoff:problem:x', title: 'x', status, detail: '' }), {
    status,
    headers: { 'Content-Type': 'application/problem+json' },
  });
const lost = (): Response => {
  throw new TypeError('no network');
};

beforeEach(async () => {
  asked = [];
  answers = [];
  vi.stubGlobal('fetch', async (path: string, init: RequestInit) => {
    asked.push({ path, body: JSON.parse(init.body as string) });
    return (answers.shift() ?? none)();
  });
  officer = await phone();
});
afterEach(() => vi.unstubAllGlobals());

const waiting = (whose: Phone): Promise<OpeningRow[]> =>
  whose.database.read(['openings'], (transaction) =>
    transaction.objectStore('openings').index('by_device').getAll(whose.device_id),
  );

test('what was opened is told with its time, and goes once the server has it', async () => {
  await storeOpening(officer.database, officer.device_id, 'referral-1', MADE_AT);
  await sendOpenings(officer.database, officer.device_id);
  expect(asked).toEqual([{ path: '/api/openings', body: { openings: [{ referral_id: 'referral-1', at: MADE_AT }] } }]);
  expect(await waiting(officer)).toEqual([]);
});

test('nothing is sent when nothing was opened', async () => {
  await sendOpenings(officer.database, officer.device_id);
  expect(asked).toEqual([]);
});

test.each([
  ['no connection', lost],
  ['a captive portal', portal],
  ['something else that answers 200', other],
  ['an ended session', refused(401)],
  ['a server that is not ready', refused(503)],
])('it stays on the phone after %s, and is told later', async (_, answer) => {
  await storeOpening(officer.database, officer.device_id, 'referral-1', MADE_AT);
  answers = [answer];
  await sendOpenings(officer.database, officer.device_id);
  expect(await waiting(officer)).toHaveLength(1);
  await sendOpenings(officer.database, officer.device_id);
  expect(asked.map(({ body }) => body.openings.length)).toEqual([1, 1]);
  expect(await waiting(officer)).toEqual([]);
});

test('after a long time without a connection they go a hundred at a time', async () => {
  for (let count = 0; count < 201; count += 1) await storeOpening(officer.database, officer.device_id, `referral-${count}`, MADE_AT);
  await sendOpenings(officer.database, officer.device_id);
  expect(asked.map(({ body }) => body.openings.length)).toEqual([100, 100, 1]);
  expect(new Set(asked.flatMap(({ body }) => body.openings.map(({ referral_id }) => referral_id))).size).toBe(201);
});

test('one person never tells what another one on the same phone has opened', async () => {
  const second = await phone(officer.name);
  await storeOpening(second.database, second.device_id, 'referral-2', MADE_AT);
  await sendOpenings(officer.database, officer.device_id);
  expect(asked).toEqual([]);
  expect(await waiting(second)).toHaveLength(1);
});

test('ids and a time are all that is kept', async () => {
  await storeOpening(officer.database, officer.device_id, 'referral-1', MADE_AT);
  const [row] = await waiting(officer);
  expect(Object.keys(row!).toSorted()).toEqual(['at', 'device_id', 'id', 'referral_id']);
});

test('a phone whose database is from before keeps what it holds', async () => {
  const name = freshName();
  const older = await openDB(name, 1, {
    upgrade(database) {
      createStores(database as unknown as IDBPDatabase<HandoffSchema>, 0);
      for (const later of ['openings', 'carried', 'ballast'] as const) database.deleteObjectStore(later);
    },
  });
  await older.put('tallies', { id: 'tally-1', device_id: 'device-1', body: {} });
  older.close();
  const database = openDatabase({}, name);
  await storeOpening(database, 'device-1', 'referral-1', MADE_AT);
  const kept = await database.read(['tallies'], (transaction) => transaction.objectStore('tallies').getAll());
  expect(kept.map(({ id }) => id)).toEqual(['tally-1']);
});
