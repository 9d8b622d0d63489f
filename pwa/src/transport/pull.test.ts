import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { View } from '../domain/records.ts';
import { uuidv7 } from '../domain/uuid.ts';
import { commitOperations } from '../storage/commit.ts';
import { openDatabase } from '../storage/database.ts';
import { readDevice } from '../storage/devices.ts';
import { wipeDevice } from '../storage/server_word.ts';
import { storePage, type FeedItem } from '../storage/feed.ts';
import { listOutbox } from '../storage/outbox.ts';
import { readCopies, readPeople, readViews, type PageStatus } from '../storage/records.ts';
import { deviceFields, MADE_AT, PASSPHRASE, PROGRAM, phone, unplaced, type Phone } from '../storage/testing.ts';
import { createVault } from '../storage/new_vault.ts';
import { flush } from './flush.ts';
import { pull } from './pull.ts';
import { fetchFrom, problem, TestServer } from './testing.ts';

let server: TestServer;
let officer: Phone;

beforeEach(async () => {
  server = await TestServer.start();
  vi.stubGlobal('fetch', fetchFrom(server));
  officer = await phone();
});
afterEach(async () => {
  vi.unstubAllGlobals();
  await server.stop();
});

const view = (referral_id: string, text = ''): View => ({
  referral_id, program_id: PROGRAM, registers: {}, strikes: {}, consent: {}, conflicts: {}, vector: {}, blocked: false, consented: true,
  entries: text === '' ? {} : { [uuidv7()]: { kind: 'note.add', payload: { text }, by: 'a', role: 'officer', device: 'd', seq: 1, at: MADE_AT } },
});

const put = (id: string = uuidv7(), text = ''): FeedItem => ({
  t: 'put', id, number: 4821, received_at: MADE_AT, view: view(id, text),
});

const status: PageStatus = {
  state: 'acknowledged', opened_at: MADE_AT, step: 0, next_step_at: null, acknowledged_by: 'u', eta_at: null,
  ack_expires_at: null, calling: 'coordinator',
};

async function write(referral_id: string = uuidv7()): Promise<string> {
  const { database, device, device_id, vault } = officer;
  const operations = [unplaced(device.user_id, { referral_id })];
  const [operation] = await commitOperations(database, { device_id, vault, sealing_key: server.pair.key, operations });
  return operation!.op_id;
}

const send = (): ReturnType<typeof flush> => flush(officer.database, officer.device_id, { app: 'test', force: true });
const read = (who = officer): ReturnType<typeof pull> => pull(who.database, who.vault);
const seen = async (who = officer): Promise<string[]> =>
  (await readViews(who.database, who.vault)).views.map(({ referral_id }) => referral_id).toSorted();

describe('reading the feed', () => {
  test('pages through it and stores every view encrypted', async () => {
    const items = Array.from({ length: 8 }, () => put(uuidv7(), 'CANARY'));
    items.forEach((item) => server.give(item));
    server.people = { u: { name: 'CANARY Smith', role: 'coordinator' } };
    expect(await read()).toMatchObject({ outcome: 'current', items: 8, requeued: 0 });
    expect(server.asked).toHaveLength(3);
    expect(await seen()).toEqual(items.map(({ id }) => id).toSorted());
    const { views } = await readViews(officer.database, officer.vault);
    expect(Object.values(views[0]!.view!.entries)[0]).toMatchObject({ payload: { text: 'CANARY' } });
    expect((await readPeople(officer.database, officer.vault)).people).toEqual(server.people);
    const stored = await officer.database.read(['views', 'devices'], async (transaction) => [
      ...(await transaction.objectStore('views').getAll()),
      ...(await transaction.objectStore('devices').getAll()),
    ]);
    const bytes = JSON.stringify(stored, (_key, value: unknown) => (ArrayBuffer.isView(value) ? new TextDecoder('latin1').decode(value) : value));
    expect(bytes).not.toContain('CANARY');
  });

  test('goes on from its cursor, takes what left the scope away, and changes a page without its view', async () => {
    const [kept, gone] = [put(), put()];
    server.give(kept);
    server.give(gone);
    await read();
    server.give({ t: 'drop', id: gone.id, why: 'left_scope' });
    server.give({ t: 'page', id: kept.id, page: status });
    expect(await read()).toMatchObject({ outcome: 'current', items: 2 });
    const { views } = await readViews(officer.database, officer.vault);
    const shown = { referral_id: kept.id, view: view(kept.id), number: 4821, received_at: MADE_AT, page: status, gave_way: [] };
    expect(views).toEqual([shown]);
    // A referral that comes again comes without its page, as it came at first.
    const again = { ...put(kept.id), number: 4822 };
    server.give(again);
    await read();
    expect((await readViews(officer.database, officer.vault)).views).toMatchObject([{ number: 4822, page: status }]);
  });

  test('leaves nothing of an expunged referral on the phone, and nothing else goes', async () => {
    const item = put();
    const other = await write();
    const sent = await write(item.id);
    const held = await write(item.id);
    server.answers.set(held, { status: 'held', reason: 'unsigned' });
    server.give(item);
    await send();
    await read();
    const waiting = await write(item.id);
    server.give({ t: 'drop', id: item.id, why: 'expunged' });
    await read();
    const left = async (): Promise<string[]> => (await listOutbox(officer.database, officer.device_id)).map((row) => row.op_id);
    expect(await seen()).toEqual([]);
    expect(await left()).toEqual([other, waiting]);
    server.answers.set(waiting, { status: 'rejected', reason: 'expunged' });
    await send();
    expect(await left(), 'a person is told').toEqual([other, waiting]);
    server.give({ t: 'op', id: waiting, referral_id: item.id, status: 'rejected', reason: 'expunged', detail: null });
    await read();
    expect(await left()).toEqual([other]);
    const copies = await officer.database.read(['copies'], (transaction) => transaction.objectStore('copies').getAllKeys());
    for (const gone of [sent, held, waiting]) expect(copies).not.toContain(gone);
  });

  test('what left one’s scope for another reason takes no own operation with it', async () => {
    const item = put();
    const op_id = await write(item.id);
    server.give(item);
    await send();
    await read();
    server.give({ t: 'drop', id: item.id, why: 'left_scope' });
    await read();
    expect((await listOutbox(officer.database, officer.device_id)).map((row) => row.op_id)).toEqual([op_id]);
  });

  test('counts a view that does not open, and does not put a page’s status in its place', async () => {
    const item = put();
    server.give(item);
    await read();
    const { vault } = await createVault(PASSPHRASE, deviceFields({ device_id: officer.device_id }));
    expect(await readViews(officer.database, vault)).toEqual({ views: [], unreadable: 1 });
    server.give({ t: 'page', id: item.id, page: status });
    expect(await pull(officer.database, vault)).toMatchObject({ outcome: 'current', items: 1 });
    expect(await readViews(officer.database, vault)).toEqual({ views: [], unreadable: 1 });
    expect((await readViews(officer.database, officer.vault)).views).toHaveLength(1);
  });

  test('keeps an own operation’s copy until the feed has passed its position', async () => {
    const op_id = await write();
    await read();
    expect((await readCopies(officer.database, officer.vault)).operations.map(({ state }) => state)).toEqual(['waiting']);
    await send();
    expect((await readCopies(officer.database, officer.vault)).operations.map(({ state }) => state)).toEqual(['sent']);
    for (let index = 0; index < 4; index += 1) server.give(put());
    // Cut off after the first page: the head is known by then, and yet the view has not been read.
    server.failures.push({ changed: (answer) => answer }, { before: { body: '<html></html>' } });
    expect(await read()).toMatchObject({ outcome: 'offline', items: 3 });
    expect((await readCopies(officer.database, officer.vault)).operations).toHaveLength(1);
    expect(await read()).toMatchObject({ outcome: 'current', items: 1 });
    expect((await readCopies(officer.database, officer.vault)).operations).toEqual([]);
    expect((await listOutbox(officer.database, officer.device_id)).map((row) => row.op_id)).toEqual([op_id]);
  });

  test('keeps the copy of what needs attention, and follows what a person decided about it', async () => {
    const op_id = await write();
    server.answers.set(op_id, { status: 'held', reason: 'unsigned' });
    await send();
    await read();
    expect((await readCopies(officer.database, officer.vault)).operations).toMatchObject([{ state: 'attention', receipt: { reason: 'unsigned' } }]);
    server.give({ t: 'op', id: op_id, referral_id: uuidv7(), status: 'applied', reason: null, detail: null });
    await read();
    const [row] = await listOutbox(officer.database, officer.device_id);
    expect(row).toMatchObject({ state: 'sent', receipt: { status: 'applied', reason: null, number: 4821 } });
    expect((await readCopies(officer.database, officer.vault)).operations).toEqual([]);
  });

  test.each<[string, Parameters<typeof server.failures.push>[0], string]>([
    ['a captive portal', { before: { body: '<html></html>' } }, 'offline'],
    ['an empty answer', { before: { body: '', type: 'application/json' } }, 'offline'],
    ['an answer without an epoch', { changed: ({ epoch: _, ...rest }) => rest }, 'offline'],
    ['a lost answer', { lost: true }, 'offline'],
    ['an ended session', { before: problem(401, 'sign-in-needed') }, 'sign_in'],
    ['a busy server', { before: problem(503, 'unavailable', { 'Retry-After': '7' }) }, 'later'],
  ])('changes nothing on %s', async (_name, failure, outcome) => {
    server.give(put());
    await read();
    const before = await readDevice(officer.database, officer.device_id);
    server.give(put());
    server.failures.push(failure);
    expect(await read()).toMatchObject({ outcome, items: 0, retry_after_s: outcome === 'later' ? 7 : null });
    expect(await readDevice(officer.database, officer.device_id)).toEqual(before);
    expect(await seen()).toHaveLength(1);
    expect(await read()).toMatchObject({ outcome: 'current', items: 1 });
  });

  test('stores nothing of what the server gives to somebody else who signed in meanwhile', async () => {
    server.give(put());
    // The server speaks of a device's numbers only to the person it belongs to.
    server.failures.push({ changed: (answer) => ({ ...answer, known: {} }) });
    expect(await read()).toMatchObject({ outcome: 'sign_in', items: 0 });
    expect(await seen()).toEqual([]);
  });

  test('stores nothing for a vault that was closed or a device that was wiped meanwhile', async () => {
    server.give(put());
    const real = fetchFrom(server);
    vi.stubGlobal('fetch', async (path: string, init: RequestInit) => {
      const answer = await real(path, init);
      await wipeDevice(officer.database, officer.device_id);
      return answer;
    });
    expect((await read()).outcome).toBe('locked');
    expect(await officer.database.read(['views'], (transaction) => transaction.objectStore('views').count())).toBe(0);
    const other = await phone(officer.name);
    vi.stubGlobal('fetch', async (path: string, init: RequestInit) => {
      const answer = await real(path, init);
      other.vault.close();
      return answer;
    });
    expect((await read(other)).outcome).toBe('locked');
  });

  test('two tabs without locks store each page once and end at the head', async () => {
    vi.stubGlobal('navigator', {});
    vi.resetModules();
    const other = await import('./pull.ts');
    const items = Array.from({ length: 10 }, () => put());
    items.forEach((item) => server.give(item));
    const results = await Promise.all([read(), other.pull(openDatabase({}, officer.name), officer.vault)]);
    expect(results.map(({ outcome }) => outcome)).toEqual(['current', 'current']);
    expect(await seen()).toHaveLength(10);
  });
});

test('a page that was under way while another tab went on does not bring old views back', async () => {
  const id = uuidv7();
  const asked = (await readDevice(officer.database, officer.device_id))!;
  server.give(put(id, 'old'));
  server.give(put(id, 'new'));
  await read();
  const late = {
    epoch: 'epoch-1', known: [], durable: [], items: [put(id, 'old')], cursor: 'epoch-1:1', more: false, head: 1, durable_position: 0,
    people: {}, clock_off_ms: null,
  };
  const after = await readDevice(officer.database, officer.device_id);
  expect(await storePage(officer.database, officer.vault, asked, late)).toEqual({ stored: 'moved', requeued: 0 });
  expect(await readDevice(officer.database, officer.device_id)).toEqual(after);
  const { views } = await readViews(officer.database, officer.vault);
  expect(JSON.stringify(views)).toContain('"new"');
});

describe('reading anew', () => {
  test('sweeps what does not come again, but not while own operations wait on it', async () => {
    const [kept, gone, mine] = [put(), put(), put()];
    [kept, gone, mine].forEach((item) => server.give(item));
    await read();
    await write(mine.id);
    server.items = server.items.filter(({ item }) => item.id === kept.id);
    // Ahead of the head: the server was restored.
    server.head = 1;
    expect(await read()).toMatchObject({ outcome: 'current', items: 1 });
    expect(await seen()).toEqual([kept.id, mine.id].toSorted());
    server.durable_position = 99;
    await send();
    await read();
    expect(await seen()).toEqual([kept.id]);
    expect((await readDevice(officer.database, officer.device_id))?.sweeping).toBe(false);
  });

  test('sweeps although it was interrupted half way', async () => {
    const items = Array.from({ length: 6 }, () => put());
    items.forEach((item) => server.give(item));
    const gone = put();
    server.give(gone);
    await read();
    server.items = server.items.filter(({ item }) => item.id !== gone.id);
    server.head = 6;
    server.failures.push({ changed: (answer) => answer }, { changed: (answer) => answer }, { lost: true });
    expect((await read()).outcome).toBe('offline');
    expect(await seen()).toContain(gone.id);
    expect((await read()).outcome).toBe('current');
    expect(await seen()).toEqual(items.map(({ id }) => id).toSorted());
  });

  test('at a new epoch moves what was sent back to waiting and reads from the beginning', async () => {
    const op_id = await write();
    await send();
    server.give(put());
    await read();
    const [again] = [put()];
    Object.assign(server, { epoch: 'epoch-2', head: 0, items: [], operations: new Map() });
    server.give(again);
    expect(await read()).toMatchObject({ outcome: 'current', requeued: 1, items: 1 });
    expect(await seen()).toEqual([again.id]);
    expect(await send()).toMatchObject({ sent: 1, waiting: 0 });
    expect(server.operations.has(op_id)).toBe(true);
  });

  test('ignores an answer from a former epoch', async () => {
    server.epoch = 'epoch-2';
    await read();
    await officer.database.write(['devices'], async (transaction) => {
      const device = (await transaction.objectStore('devices').get(officer.device_id))!;
      await transaction.objectStore('devices').put({ ...device, former_epochs: ['epoch-1'] });
    });
    const before = await readDevice(officer.database, officer.device_id);
    server.epoch = 'epoch-1';
    server.give(put());
    expect((await read()).outcome).toBe('offline');
    expect(await readDevice(officer.database, officer.device_id)).toEqual(before);
  });
});
