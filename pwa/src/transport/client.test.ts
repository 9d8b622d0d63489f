import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { acknowledge, retryAcknowledgements } from './acknowledge.ts';
import { call, NotOurs, onProofNeeded, Problem, retryAfter, Unreachable } from './client.ts';
import { enrol } from './enrol.ts';
import { countTallies, sendTallies, storeTally } from './tallies.ts';
import { fetchFrom, problem, TestServer } from './testing.ts';
import { changeDevice, readDevice } from '../storage/devices.ts';
import { phone, type Phone } from '../storage/testing.ts';

let server: TestServer;
beforeEach(async () => {
  server = await TestServer.start();
  vi.stubGlobal('fetch', fetchFrom(server));
});
afterEach(async () => {
  vi.unstubAllGlobals();
  await server.stop();
});

describe('a call for which the server wants a fresh proof', () => {
  const wanted = (): void => void server.failures.push({ before: problem(403, 'proof-needed') });
  const asked = (): number => server.asked.filter(({ path }) => path === '/api/x').length;

  test('is sent once more when the proof was given', async () => {
    const prove = vi.fn(async () => true);
    onProofNeeded(prove);
    wanted();
    await expect(call('DELETE', '/api/x')).resolves.toBeDefined();
    expect([prove.mock.calls.length, asked()]).toEqual([1, 2]);
  });

  test('fails as it did when the person gives none', async () => {
    onProofNeeded(async () => false);
    wanted();
    await expect(call('DELETE', '/api/x')).rejects.toMatchObject({ code: 'proof-needed' });
    expect(asked()).toBe(1);
  });

  test('is not sent a third time', async () => {
    onProofNeeded(async () => true);
    wanted();
    wanted();
    await expect(call('DELETE', '/api/x')).rejects.toMatchObject({ code: 'proof-needed' });
    expect(asked()).toBe(2);
  });

  test('asks the person once for several at a time', async () => {
    const answers: ((given: boolean) => void)[] = [];
    const prove = vi.fn(() => new Promise<boolean>((resolve) => answers.push(resolve)));
    onProofNeeded(prove);
    wanted();
    wanted();
    const calls = [call('DELETE', '/api/x'), call('DELETE', '/api/x')];
    await vi.waitFor(() => expect(asked()).toBe(2));
    // Both refusals are known before the person answers.
    await vi.waitFor(() => expect(answers.length).toBe(1));
    await new Promise((resolve) => setTimeout(resolve));
    answers.forEach((answer) => answer(true));
    await Promise.all(calls);
    expect([prove.mock.calls.length, asked()]).toEqual([1, 4]);
  });

  test('is left alone by other refusals', async () => {
    const prove = vi.fn(async () => true);
    onProofNeeded(prove);
    server.failures.push({ before: problem(403, 'forbidden') });
    await expect(call('DELETE', '/api/x')).rejects.toMatchObject({ code: 'forbidden' });
    expect(prove).not.toHaveBeenCalled();
  });
});

describe('a call', () => {
  test('gives a problem with everything our server said', async () => {
    server.failures.push({
      before: {
        status: 422, type: 'application/problem+json', headers: { 'Retry-After': '3' },
        body: JSON.stringify({
          type: 'urn:handoff:problem:malformed', title: 'Not well formed', status: 422, detail: 'Correct it.',
          errors: [{ field: 'month', message: 'Give a month' }],
        }),
      },
    });
    const error = await call('POST', '/api/x', {}).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(Problem);
    expect(error).toMatchObject({
      status: 422, code: 'malformed', detail: 'Correct it.', errors: [{ field: 'month', message: 'Give a month' }], retry_after_s: 3,
    });
  });

  test('takes a problem of another status than its own for a stranger’s', async () => {
    server.failures.push({ before: { ...problem(401, 'sign-in-needed'), status: 403 } });
    await expect(call('GET', '/api/x')).rejects.toBeInstanceOf(NotOurs);
  });

  test.each([
    ['text/html', '{"ok":true}'],
    ['application/json', '"ok"'],
    ['application/json', 'null'],
    ['application/json', '{"ok":tr'],
    ['application/json', ''],
  ])('does not believe a 200 of %s that holds %j', async (type, body) => {
    server.failures.push({ before: { type, body } });
    await expect(call('GET', '/api/x')).rejects.toBeInstanceOf(NotOurs);
  });

  test('gives up in time, also in the middle of a body', async () => {
    vi.stubGlobal('fetch', (_path: string, init: RequestInit) => {
      const body = new ReadableStream({
        start(controller) {
          controller.enqueue(new TextEncoder().encode('{"a":'));
          init.signal?.addEventListener('abort', () => controller.error(new DOMException('', 'AbortError')));
        },
      });
      return Promise.resolve(new Response(body, { headers: { 'Content-Type': 'application/json' } }));
    });
    await expect(call('GET', '/api/x', undefined, { timeout_ms: 20 })).rejects.toBeInstanceOf(Unreachable);
  });

  test('is unreachable when nobody listens', async () => {
    await server.stop();
    await expect(call('GET', '/api/x')).rejects.toBeInstanceOf(Unreachable);
  });

  test('gives nothing for 204', async () => {
    vi.stubGlobal('fetch', () => Promise.resolve(new Response(null, { status: 204 })));
    expect(await call('DELETE', '/api/session')).toBeUndefined();
  });

  test.each([
    ['7', 7],
    ['0', 0],
    ['Thu, 30 Apr 2026 02:14:10 GMT', 10],
    ['Thu, 30 Apr 2026 02:13:00 GMT', 0],
    ['soon', null],
    ['', null],
    [null, null],
  ])('reads Retry-After %j', (header, seconds) => {
    expect(retryAfter(header, Date.parse('2026-04-30T02:14:00Z'))).toBe(seconds);
  });
});

describe('enrolling', () => {
  let officer: Phone;
  beforeEach(async () => {
    officer = await phone();
  });

  test('registers the public key and goes on above every number that the server has seen', async () => {
    const { database, device_id, device } = officer;
    vi.spyOn(server, 'known').mockReturnValue([[1, 118], [120, 131]]);
    expect(await enrol(database, device_id, 'Phone')).toMatchObject({ next_seq: 132, epoch: 'epoch-1' });
    expect(server.asked[0]!.body).toEqual({ device_id, public_key: device.public_key, label: 'Phone' });
  });

  test('never goes back below what this phone has given out', async () => {
    const { database, device_id } = officer;
    await database.write(['devices'], (transaction) => changeDevice(transaction, device_id, () => ({ next_seq: 40 })));
    expect((await enrol(database, device_id, 'Phone')).next_seq).toBe(40);
  });

  test('changes nothing when the id is somebody else’s or the answer is not ours', async () => {
    const { database, device_id } = officer;
    const before = await readDevice(database, device_id);
    server.failures.push({ before: problem(409, 'conflict') }, { changed: (answer) => ({ ...answer, device_id: 'other' }) });
    await expect(enrol(database, device_id, 'Phone')).rejects.toBeInstanceOf(Problem);
    await expect(enrol(database, device_id, 'Phone')).rejects.toBeInstanceOf(NotOurs);
    expect(await readDevice(database, device_id)).toEqual(before);
  });
});

describe('counts of declined offers', () => {
  const body = { agency_id: null, month: '2026-04', pathway: 'arrest_diversion', answer: 'declined' as const, reason: null, demographics: {} };

  test('leave the phone when the server names them, and only those', async () => {
    const { database, device_id } = await phone();
    await storeTally(database, device_id, body);
    await storeTally(database, device_id, body);
    server.failures.push(
      { before: { body: '<html></html>' } },
      { lost: true },
      { changed: ({ accepted }) => ({ accepted: (accepted as string[]).slice(1) }) },
    );
    expect(await sendTallies(database, device_id)).toBe(0);
    expect(await sendTallies(database, device_id)).toBe(0);
    expect(await countTallies(database, device_id)).toBe(2);
    expect(await sendTallies(database, device_id)).toBe(1);
    expect(await sendTallies(database, device_id)).toBe(1);
    expect(await countTallies(database, device_id)).toBe(0);
    const sent = server.asked[0]!.body['tallies'] as object[];
    expect(sent).toEqual([{ id: expect.any(String), ...body }, { id: expect.any(String), ...body }]);
  });
});

test('a count that the server does not understand keeps no other', async () => {
  const { database, device_id } = await phone();
  const body = { agency_id: null, month: '2026-04', pathway: 'social_contact', answer: 'walked_away' as const, reason: null, demographics: {} };
  for (const month of ['2026-04', 'April', '2026-04']) await storeTally(database, device_id, { ...body, month });
  const real = fetchFrom(server);
  vi.stubGlobal('fetch', async (path: string, init: RequestInit) => {
    if (!(init.body as string).includes('April')) return real(path, init);
    const { body: text, type } = problem(422, 'malformed');
    return new Response(text, { status: 422, headers: { 'Content-Type': type! } });
  });
  expect(await sendTallies(database, device_id)).toBe(2);
  expect(await countTallies(database, device_id)).toBe(1);
});

describe('an acknowledgement from the lock screen', () => {
  test('is done only when our server says so', async () => {
    const { database } = await phone();
    server.failures.push({ before: { body: '<html>Welcome</html>' } });
    expect(await acknowledge(database, 'page-1', 'token')).toEqual({ result: 'kept', by: '' });
    expect(await retryAcknowledgements(database)).toEqual([{ page: 'page-1', result: 'acknowledged', by: 'Somebody' }]);
    expect(server.asked.at(-1)).toMatchObject({ path: '/api/pages/page-1/acknowledge', body: { token: 'token' } });
    expect(await retryAcknowledgements(database)).toEqual([]);
  });

  test('is not kept for ever when its token is spent', async () => {
    const { database } = await phone();
    server.failures.push({ lost: true }, { before: problem(404, 'not-found') });
    expect(await acknowledge(database, 'page-1', 'token')).toEqual({ result: 'kept', by: '' });
    expect(await retryAcknowledgements(database)).toEqual([{ page: 'page-1', result: 'refused', by: '' }]);
    expect(await retryAcknowledgements(database)).toEqual([]);
  });

  test('says who was first', async () => {
    const { database } = await phone();
    server.failures.push({ changed: () => ({ result: 'already', by: 'Somebody' }) });
    expect(await acknowledge(database, 'page-1', 'token')).toEqual({ result: 'already', by: 'Somebody' });
  });
});
