import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { uuidv7 } from '../domain/uuid.ts';
import { commitOperations } from '../storage/commit.ts';
import { changeDevice, readDevice } from '../storage/devices.ts';
import { createDraft, readDrafts } from '../storage/drafts.ts';
import { countOutbox, listOutbox } from '../storage/outbox.ts';
import { readCopies } from '../storage/records.ts';
import { MADE_AT, phone, unplaced, type Phone } from '../storage/testing.ts';
import { listen, type News } from './broadcast.ts';
import { flush, flushAll, type FlushResult } from './flush.ts';
import type { Envelope } from '../domain/operation.ts';
import { pull } from './pull.ts';
import { fetchFrom, problem, TestServer, type Failure, type Reply } from './testing.ts';

let server: TestServer;
let officer: Phone;

beforeEach(async () => {
  server = await TestServer.start();
  vi.stubGlobal('fetch', fetchFrom(server));
  officer = await phone();
});
afterEach(async () => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
  await server.stop();
});

async function write(count = 1, who = officer, fields: Parameters<typeof unplaced>[1] = {}): Promise<Envelope[]> {
  const { database, device, vault } = who;
  const operations = Array.from({ length: count }, () => unplaced(device.user_id, fields));
  return commitOperations(database, { device_id: device.device_id, vault, sealing_key: server.pair.key, operations });
}

/** The server hears what is asked at this path, and its answers arrive once the returned function is called. */
function keepBack(kept: string): () => void {
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  vi.stubGlobal('fetch', async (path: string, init: RequestInit) => {
    const response = await fetchFrom(server)(path, init);
    if (path === kept) await held;
    return response;
  });
  return () => release();
}

const send = (who = officer, options: object = { force: true }): Promise<FlushResult> =>
  flush(who.database, who.device_id, { app: 'test', ...options });

const states = async (who = officer): Promise<string[]> =>
  (await listOutbox(who.database, who.device_id)).map(({ state }) => state);

const fail = (...failures: Failure[]): number => server.failures.push(...failures);
const reply = (body: string, rest: Partial<Reply> = {}): Failure => ({ before: { body, ...rest } });

describe('sending the outbox', () => {
  test('hands everything over in order, in batches that double, and says how it stands', async () => {
    await write(9);
    const result = await send();
    expect(result).toMatchObject({ outcome: 'empty', sent: 9, waiting: 0, attention: 0, retry_at: null });
    expect(server.pushes().map(({ operations }) => operations.map(({ seq }) => seq))).toEqual([[1], [2, 3], [4, 5, 6, 7], [8, 9]]);
    expect(server.asked[0]!.headers).toMatchObject({ 'x-handoff': '1', 'content-type': 'application/json' });
    expect(server.pushes()[0]).toMatchObject({ protocol: 1, epoch: null, device: { pending: 9, oldest_pending_at: MADE_AT, app: 'test' } });
    const [row] = await listOutbox(officer.database, officer.device_id);
    expect(row).toMatchObject({ state: 'sent', position: 1, receipt: { status: 'applied', number: 4821, epoch: 'epoch-1' } });
    expect((await readDevice(officer.database, officer.device_id))?.epoch).toBe('epoch-1');
  });

  test('keeps a batch under the limit of bytes', async () => {
    const payload = { text: 'x'.repeat(60_000) } as object;
    await write(16, officer, { payload } as object);
    await send();
    const sizes = server.pushes().map((push) => JSON.stringify(push).length);
    expect(Math.max(...sizes)).toBeLessThan(512 * 1024);
    expect(Math.max(...server.pushes().map(({ operations }) => operations.length))).toBeGreaterThan(3);
    expect(server.operations.size).toBe(16);
  });

  test.each<[string, Failure]>([
    ['a captive portal’s page', reply('<html>Welcome to our network</html>')],
    ['a captive portal’s page that calls itself JSON', reply('<html></html>', { type: 'application/json' })],
    ['an empty 200', reply('', { type: 'application/json' })],
    ['somebody else’s JSON', reply('{"ok":true}', { type: 'application/json' })],
    ['an answer without an epoch', { changed: ({ epoch: _, ...rest }) => rest }],
    ['an answer without a protocol', { changed: ({ protocol: _, ...rest }) => rest }],
    ['an answer with a backup of no ranges', { changed: (answer) => ({ ...answer, durable: { device: [[2]] } }) }],
    ['an answer without ranges', { changed: (answer) => ({ ...answer, known: null }) }],
    ['a truncated answer', { changed: (answer) => JSON.stringify(answer).slice(0, -20) }],
    ['a portal’s redirect', reply('', { status: 302, headers: { Location: '/login' } })],
    ['a proxy’s error', reply('<html>Bad gateway</html>', { status: 502 })],
    ['a proxy’s refusal', reply('<html>Forbidden</html>', { status: 403 })],
    ['our server’s crash', { before: problem(500, 'crash') }],
    ['a lost response', { lost: true }],
  ])('learns nothing from %s and keeps everything', async (_name, failure) => {
    await write();
    fail(failure);
    expect(await send()).toMatchObject({ sent: 0, waiting: 1, sealing_key_unknown: false });
    expect(await states()).toEqual(['waiting']);
    expect(await send()).toMatchObject({ outcome: 'empty', sent: 1, waiting: 0 });
    expect(server.operations.size).toBe(1);
  });

  test('after a lost response the duplicate’s first receipt counts, number and all', async () => {
    const [operation] = await write();
    fail({ lost: true });
    await send();
    expect(server.operations.has(operation!.op_id)).toBe(true);
    await send();
    const [row] = await listOutbox(officer.database, officer.device_id);
    expect(row).toMatchObject({ state: 'sent', position: 1, receipt: { status: 'applied', number: 4821 } });
  });

  test.each<[string, (receipt: Record<string, unknown>) => object]>([
    ['another digest', (receipt) => ({ ...receipt, digest: '0'.repeat(64) })],
    ['no digest', (receipt) => ({ ...receipt, digest: null })],
    ['another epoch', (receipt) => ({ ...receipt, epoch: 'epoch-0' })],
    ['another operation', (receipt) => ({ ...receipt, op_id: uuidv7() })],
    ['no position', (receipt) => ({ ...receipt, position: null })],
    ['an unknown status', (receipt) => ({ ...receipt, status: 'splendid' })],
  ])('does not count a receipt with %s', async (_name, change) => {
    await write();
    fail({ changed: (answer) => ({ ...answer, receipts: (answer['receipts'] as Record<string, unknown>[]).map(change) }) });
    expect(await send()).toMatchObject({ outcome: 'waiting', sent: 0, attention: 0, waiting: 1 });
    expect(await send()).toMatchObject({ outcome: 'empty', sent: 1 });
  });

  test.each([401, 403, 404])('on %i keeps all and asks for a sign-in', async (status) => {
    await write(3);
    fail({ before: problem(status, 'sign-in-needed') });
    expect(await send()).toMatchObject({ outcome: 'sign_in', waiting: 3, sent: 0 });
    expect(server.pushes()).toHaveLength(1);
  });

  test('halves on 413, finds the one that is too large, and sends the others', async () => {
    const operations = await write(9);
    const large = operations[5]!.op_id;
    const real = fetchFrom(server);
    vi.stubGlobal('fetch', async (path: string, init: RequestInit) => {
      if (!(init.body as string).includes(large)) return real(path, init);
      return new Response('<html>Too large</html>', { status: 413, headers: { 'Content-Type': 'text/html' } });
    });
    expect(await send()).toMatchObject({ outcome: 'waiting', sent: 8, waiting: 1 });
    expect(server.operations.has(large)).toBe(false);
    expect(server.operations.size).toBe(8);
  });

  test('one operation that crashes the server delays no other', async () => {
    const operations = await write(4);
    const real = fetchFrom(server);
    vi.stubGlobal('fetch', async (path: string, init: RequestInit) => {
      if (!(init.body as string).includes(operations[1]!.op_id)) return real(path, init);
      const { body, type } = problem(500, 'crash');
      return new Response(body, { status: 500, headers: { 'Content-Type': type! } });
    });
    expect(await send()).toMatchObject({ sent: 3, waiting: 1 });
  });

  test('waits as long as Retry-After says, even when a person asks', async () => {
    await write();
    fail({ before: problem(429, 'too-many', { 'Retry-After': '30' }) });
    vi.useFakeTimers({ toFake: ['Date'] });
    const now = Date.now();
    expect(await send()).toMatchObject({ outcome: 'later', waiting: 1, retry_at: now + 30_000 });
    expect(await send()).toMatchObject({ outcome: 'later' });
    expect(server.pushes()).toHaveLength(1);
    vi.setSystemTime(now + 30_001);
    expect(await send()).toMatchObject({ outcome: 'empty', sent: 1, retry_at: null });
  });

  test('a clock that is put right waits no years for what a wrong one was told', async () => {
    const operations = await write(2);
    vi.useFakeTimers({ toFake: ['Date'] });
    const now = Date.now();
    vi.setSystemTime(now + 7 * 365 * 86_400_000);
    server.answers.set(operations[0]!.op_id, { status: 'retry', reason: 'later', detail: null, retry_after_s: 30 });
    expect(await send()).toMatchObject({ outcome: 'waiting', sent: 1, waiting: 1 });
    fail({ before: problem(429, 'too-many', { 'Retry-After': '30' }) });
    await write();
    expect(await send()).toMatchObject({ outcome: 'later', waiting: 2 });
    vi.setSystemTime(now);
    server.answers.clear();
    expect(await send()).toMatchObject({ outcome: 'empty', sent: 2, waiting: 0 });
  });

  test('backs off by itself without a connection, longer each time, unless a person asks', async () => {
    await write();
    await server.stop();
    vi.useFakeTimers({ toFake: ['Date'] });
    const first = await send();
    expect(first.outcome).toBe('offline');
    expect((await send(officer, {})).outcome).toBe('later');
    const second = await send();
    expect(second.outcome).toBe('offline');
    expect(second.retry_at!).toBeGreaterThan(Date.now() + 1_999);
    expect(second.retry_at!).toBeLessThan(Date.now() + 4_001);
  });

  test('moves held and rejected ones to a person’s attention, sealed as they were, and sends the rest', async () => {
    const operations = await write(4);
    server.answers.set(operations[0]!.op_id, { status: 'held', reason: 'unsigned', detail: 'A supervisor looks at it.' });
    server.answers.set(operations[2]!.op_id, { status: 'rejected', reason: 'cannot_open', digest: null });
    server.answers.set(operations[3]!.op_id, { status: 'merged', conflicts: ['name|a|b'] });
    const before = await listOutbox(officer.database, officer.device_id);
    expect(await send()).toMatchObject({ outcome: 'empty', sent: 2, attention: 2, waiting: 0 });
    const rows = await listOutbox(officer.database, officer.device_id);
    expect(rows.map(({ state }) => state)).toEqual(['attention', 'sent', 'attention', 'sent']);
    expect(rows.map(({ blob }) => blob)).toEqual(before.map(({ blob }) => blob));
    expect(rows[0]!.receipt).toMatchObject({ reason: 'unsigned', detail: 'A supervisor looks at it.', echoed: true });
    expect(rows[2]!.receipt).toMatchObject({ reason: 'cannot_open', echoed: false });
    expect(rows[3]!.receipt).toMatchObject({ status: 'merged', conflicts: ['name|a|b'] });
    // What the server could not log is not in its ranges, and is not sent for ever because of that.
    await write();
    expect(await send()).toMatchObject({ outcome: 'empty', sent: 1, attention: 0 });
  });

  test('leaves a retried operation waiting, keeps the wait it was told, and says when its key is unknown', async () => {
    const [one, two] = await write(2);
    server.answers.set(one!.op_id, { status: 'retry', reason: 'unknown_key', retry_after_s: 60 });
    vi.useFakeTimers({ toFake: ['Date'] });
    const result = await send();
    const now = Date.now();
    expect(result).toMatchObject({ outcome: 'waiting', sent: 1, waiting: 1, sealing_key_unknown: true, retry_at: now + 60_000 });
    expect(server.operations.has(two!.op_id)).toBe(true);
    const [row] = await listOutbox(officer.database, officer.device_id);
    expect(row).toMatchObject({ state: 'waiting', attempts: 1, receipt: { status: 'retry', reason: 'unknown_key' } });
    // Others are not kept waiting with it, and it is not sent before its time.
    await write();
    expect(await send()).toMatchObject({ sent: 1, waiting: 1 });
    server.answers.clear();
    vi.setSystemTime(now + 60_001);
    expect(await send()).toMatchObject({ outcome: 'empty', sent: 1, waiting: 0, retry_at: null });
    expect(server.pushes().flatMap(({ operations }) => operations.filter(({ op_id }) => op_id === one!.op_id))).toHaveLength(2);
  });

  test('sends an earlier operation again when the server lacks it', async () => {
    const referral_id = uuidv7();
    const [first] = await write(1, officer, { referral_id });
    await send();
    const [second] = await write(1, officer, { referral_id });
    // The server forgot it and its ranges still claim to know it.
    server.operations.delete(first!.op_id);
    vi.spyOn(server, 'known').mockReturnValue([[1, 2]]);
    expect(await send()).toMatchObject({ outcome: 'empty', sent: 2, waiting: 0 });
    expect([...server.operations.keys()]).toEqual([first!.op_id, second!.op_id]);
  });

  test('says which earlier operation is lost when it has it no more', async () => {
    const referral_id = uuidv7();
    const [first] = await write(1, officer, { referral_id });
    const [second] = await write(1, officer, { referral_id });
    await officer.database.write(['outbox'], (transaction) => transaction.objectStore('outbox').delete(first!.op_id));
    expect(await send()).toMatchObject({ outcome: 'empty', sent: 1, waiting: 0 });
    expect(server.pushes().map(({ lost }) => lost)).toEqual([[], [first!.op_id]]);
    expect(server.operations.has(second!.op_id)).toBe(true);
  });

  test('sends a greeting with nothing to send only when asked', async () => {
    expect(await send()).toMatchObject({ outcome: 'empty' });
    expect(server.pushes()).toHaveLength(0);
    expect(await send(officer, { greet: true, force: true })).toMatchObject({ outcome: 'empty' });
    expect(server.pushes()).toHaveLength(1);
  });

  test('tells every page what is on its way and how it ended', async () => {
    const heard: News[] = [];
    const ended = new Promise<void>((resolve) => {
      const stop = listen((news) => {
        heard.push(news);
        if (news.type !== 'flushed') return;
        stop();
        resolve();
      });
    });
    const [operation] = await write();
    const result = await send();
    await ended;
    const { device_id } = officer;
    expect(heard).toEqual([
      { type: 'sending', device_id, op_ids: [operation!.op_id] },
      { type: 'outbox', device_id },
      { type: 'flushed', result },
    ]);
  });
});

describe('a server that was restored', () => {
  test('with a new epoch gets everything again, and the answer that told of it counts for nothing', async () => {
    await write(3);
    await send();
    const restore = server.copy();
    await write(2);
    await send();
    restore();
    server.epoch = 'epoch-2';
    await write();
    const before = server.pushes().length;
    expect(await send()).toMatchObject({ outcome: 'empty', waiting: 0 });
    expect(server.operations.size).toBe(6);
    const again = server.pushes().slice(before).map(({ operations }) => operations.map(({ seq }) => seq));
    // The one that was under way is sent a second time, and so is all that the backup may or may not have held.
    expect([again[0], again.slice(1).flat()]).toEqual([[6], [1, 2, 3, 4, 5, 6]]);
    const device = await readDevice(officer.database, officer.device_id);
    expect(device).toMatchObject({ epoch: 'epoch-2', former_epochs: ['epoch-1'] });
    expect(await states()).toEqual(Array.from({ length: 6 }, () => 'sent'));
  });

  test('without saying so gets what its ranges lack', async () => {
    await write(2);
    await send();
    const restore = server.copy();
    await write(3);
    await send();
    restore();
    expect(server.operations.size).toBe(2);
    await write();
    expect(await send()).toMatchObject({ outcome: 'empty', waiting: 0 });
    expect(server.operations.size).toBe(6);
  });

  test('takes nothing from the phone by a word that it gave before', async () => {
    const restore = server.copy();
    const [operation] = await write();
    fail({ lost: true });
    await send();
    server.durable_position = 1;
    const release = keepBack('/api/sync/push');
    const late = send();
    await vi.waitFor(() => expect(server.pushes()).toHaveLength(2));
    // The backup that it spoke of is not the one that is put back, and the phone has heard so before that answer comes.
    restore();
    server.durable_position = 0;
    await pull(officer.database, officer.vault);
    release();
    await late;
    expect((await listOutbox(officer.database, officer.device_id)).map(({ op_id }) => op_id)).toEqual([operation!.op_id]);
    await send();
    expect([...server.operations.keys()]).toEqual([]);
    await pull(officer.database, officer.vault);
    await send();
    expect([...server.operations.keys()]).toEqual([operation!.op_id]);
  });

  test('is not left for one that was there in between', async () => {
    const [operation] = await write();
    await pull(officer.database, officer.vault);
    server.epoch = 'epoch-2';
    const release = keepBack('/api/sync/push');
    const late = send();
    await vi.waitFor(() => expect(server.pushes()).toHaveLength(1));
    Object.assign(server, { epoch: 'epoch-3', operations: new Map() });
    await pull(officer.database, officer.vault);
    release();
    await late;
    expect(await readDevice(officer.database, officer.device_id)).toMatchObject({ epoch: 'epoch-3', former_epochs: ['epoch-1'] });
    await send();
    expect([...server.operations.keys()]).toEqual([operation!.op_id]);
  });

  test('is never left for a former epoch', async () => {
    await write();
    await send();
    server.epoch = 'epoch-2';
    await write();
    await send();
    server.epoch = 'epoch-1';
    await write();
    expect(await send()).toMatchObject({ outcome: 'offline', waiting: 1, sent: 0 });
    expect((await readDevice(officer.database, officer.device_id))?.epoch).toBe('epoch-2');
    server.epoch = 'epoch-2';
    expect(await send()).toMatchObject({ outcome: 'empty', waiting: 0 });
  });

  test('finds sent operations on the phone until a verified backup has passed them', async () => {
    await write(3);
    server.durable_position = 2;
    await send();
    expect((await listOutbox(officer.database, officer.device_id)).map(({ seq }) => seq)).toEqual([3]);
    server.durable_position = 3;
    await send(officer, { force: true, greet: true });
    expect(await listOutbox(officer.database, officer.device_id)).toEqual([]);
    // Its number is not given out again.
    expect((await write())[0]!.seq).toBe(4);
  });

  test('finds on the phone what came to a restored server behind its back and is in no backup', async () => {
    const [first] = await write(2);
    const restore = server.copy();
    await send();
    const [one, other] = server.pushes();
    restore();
    // The network gives now what it had kept back, in another order: each stands where the other one stood.
    for (const late of [other, one]) {
      await fetchFrom(server)('/api/sync/push', { method: 'POST', body: JSON.stringify(late) });
    }
    server.durable_position = 1;
    await send(officer, { force: true, greet: true });
    expect((await listOutbox(officer.database, officer.device_id)).map(({ op_id }) => op_id)).toContain(first!.op_id);
    server.durable_position = 2;
    await send(officer, { force: true, greet: true });
    expect(await listOutbox(officer.database, officer.device_id)).toEqual([]);
  });
});

describe('several at once', () => {
  test('two tabs send each operation, and nothing twice', async () => {
    await write(6);
    const results = await Promise.all([send(), send()]);
    expect(results.map(({ outcome }) => outcome).toSorted()).toEqual(['busy', 'empty']);
    expect(server.pushes().flatMap(({ operations }) => operations)).toHaveLength(6);
  });

  test('two tabs without locks do no harm', async () => {
    await write(6);
    vi.stubGlobal('navigator', {});
    vi.resetModules();
    const other = await import('./flush.ts');
    await Promise.all([send(), other.flush(officer.database, officer.device_id, { app: 'test' })]);
    expect(await states()).toEqual(Array.from({ length: 6 }, () => 'sent'));
    expect(server.operations.size).toBe(6);
    expect(server.head).toBe(6);
  });

  test('what is finished while another tab sends is sent by that tab', async () => {
    await write();
    const real = fetchFrom(server);
    let result: FlushResult | undefined;
    vi.stubGlobal('fetch', async (path: string, init: RequestInit) => {
      const answer = await real(path, init);
      if (result === undefined) {
        result = { outcome: 'busy' } as FlushResult;
        await write();
        result = await send();
      }
      return answer;
    });
    expect(await send()).toMatchObject({ outcome: 'empty', sent: 2, waiting: 0 });
    expect(result?.outcome).toBe('busy');
  });

  test('what is finished in the last moment before the lock is given back is sent as well', async () => {
    await write();
    const real = navigator.locks;
    let other: FlushResult | undefined;
    const request = (name: string, ...rest: [LockOptions, LockGrantedCallback<unknown>]): Promise<unknown> => {
      if (other !== undefined || !name.startsWith('handoff-flush')) return (real.request as (...all: unknown[]) => Promise<unknown>)(name, ...rest);
      return real.request(name, rest[0], async (lock) => {
        const result = await rest[1](lock!);
        other = { outcome: 'busy' } as FlushResult;
        await write();
        other = await send();
        return result;
      });
    };
    vi.stubGlobal('navigator', { locks: { request } });
    expect(await send()).toMatchObject({ outcome: 'empty', sent: 2, waiting: 0 });
    expect(other?.outcome).toBe('busy');
  });

  test('two officers on one phone: each sends as its own device, whoever is signed in', async () => {
    const second = await phone(officer.name);
    await write(2);
    await write(3, second);
    server.failures.push({ before: problem(401, 'sign-in-needed') });
    const results = await flushAll(officer.database, { app: 'test', force: true });
    const outcomes = new Map(results.map(({ device_id, outcome }) => [device_id, outcome]));
    expect([...outcomes.values()].toSorted()).toEqual(['empty', 'sign_in']);
    for (const push of server.pushes()) expect(new Set(push.operations.map(({ device_id }) => device_id))).toEqual(new Set([push.device_id]));
    await flushAll(officer.database, { app: 'test', force: true });
    expect(server.operations.size).toBe(5);
    expect(await states(second)).toEqual(['sent', 'sent', 'sent']);
  });
});

describe('a revoked device', () => {
  test('loses everything readable and keeps its sealed operations until they have receipts', async () => {
    const colleague = await phone(officer.name);
    const draft = (): Parameters<typeof createDraft>[2] => ({ draft_id: uuidv7(), referral_id: uuidv7(), updated_at: MADE_AT, body: {} });
    await createDraft(officer.database, officer.vault, draft());
    await createDraft(colleague.database, colleague.vault, draft());
    const operations = await write(3);
    server.wipe = true;
    for (const { op_id } of operations) server.answers.set(op_id, { status: 'held', reason: 'device_revoked' });
    expect(await send()).toMatchObject({ wiped: true, attention: 3, waiting: 0 });
    expect(server.operations.size).toBe(3);
    const device = await readDevice(officer.database, officer.device_id);
    expect(device).toMatchObject({ wraps: [], signing: null, people: null });
    expect((await readDrafts(officer.database, officer.vault)).drafts).toEqual([]);
    expect((await readCopies(officer.database, officer.vault)).operations).toEqual([]);
    expect(await countOutbox(officer.database, officer.device_id)).toMatchObject({ attention: 3 });
    expect((await readDrafts(colleague.database, colleague.vault)).drafts).toHaveLength(1);
  });

  test('is not wiped by a server of a former epoch', async () => {
    await officer.database.write(['devices'], (transaction) =>
      changeDevice(transaction, officer.device_id, () => ({ epoch: 'epoch-9', former_epochs: ['epoch-1'] })),
    );
    await write();
    server.wipe = true;
    expect(await send()).toMatchObject({ wiped: false, waiting: 1 });
    expect((await readDevice(officer.database, officer.device_id))?.wraps).toHaveLength(1);
  });
});
