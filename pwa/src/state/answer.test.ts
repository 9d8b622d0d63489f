/** Answering a page before the lock, against a server over real HTTP and a real database. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { fetchFrom, problem, TestServer } from '../transport/testing.ts';

const asked = { page: 'page-1', token: 'token-1', text: 'officer_waiting' };

let server: TestServer;
let state: typeof import('./answer.ts');

beforeEach(async () => {
  indexedDB = new IDBFactory();
  server = await TestServer.start();
  vi.stubGlobal('fetch', fetchFrom(server));
  vi.resetModules();
  state = await import('./answer.ts');
});
afterEach(async () => {
  vi.unstubAllGlobals();
  await server.stop();
});

const steps = async (work: () => Promise<void>): Promise<string[]> => {
  const seen = [state.standing('page-1').step];
  const working = work();
  seen.push(state.standing('page-1').step);
  await working;
  return [...seen, state.standing('page-1').step];
};

describe('an answer', () => {
  test('stands when the server has it, and not before', async () => {
    expect(await steps(() => state.answer(asked))).toEqual(['asked', 'sending', 'acknowledged']);
    expect(server.asked).toMatchObject([{ path: '/api/pages/page-1/acknowledge', body: { token: 'token-1' } }]);
  });

  test('that comes second says who was first', async () => {
    server.failures.push({ changed: () => ({ result: 'already', by: 'Maya Example' }) });
    await state.answer(asked);
    expect(state.standing('page-1')).toEqual({ step: 'already', by: 'Maya Example' });
  });

  test('to a page that has ended says so', async () => {
    server.failures.push({ before: problem(404, 'not-found') });
    await state.answer(asked);
    expect(state.standing('page-1').step).toBe('refused');
  });

  test.each([
    ['no connection', { lost: true } as const],
    ['a captive portal', { before: { body: '<html>Welcome</html>' } }],
    ['a server in trouble', { before: problem(503, 'unavailable') }],
    ['an answer of somebody else', { changed: () => ({ result: 'splendid' }) }],
  ])('that meets %s is kept, says that it is not yet done, and is sent later by whoever can', async (_name, failure) => {
    const { retryAcknowledgements } = await import('../transport/acknowledge.ts');
    const { database } = await import('./phone.ts');
    server.failures.push(failure);
    expect(await steps(() => state.answer(asked))).toEqual(['asked', 'sending', 'kept']);
    const stop = state.followAnswers();
    await retryAcknowledgements(database);
    await vi.waitFor(() => expect(state.standing('page-1').step).toBe('acknowledged'));
    stop();
    expect(await retryAcknowledgements(database)).toEqual([]);
  });

  test('that can neither be sent nor kept is not said to be tried again', async () => {
    const { database } = await import('./phone.ts');
    vi.spyOn(database, 'write').mockRejectedValue(new Error('No storage.'));
    server.failures.push({ lost: true });
    await state.answer(asked);
    expect(state.standing('page-1').step).toBe('lost');
  });

  test('is sent once for two quick taps', async () => {
    await Promise.all([state.answer(asked), state.answer(asked)]);
    expect(server.asked).toHaveLength(1);
  });
});

test('the token leaves the address before anything else is done', async () => {
  vi.resetModules();
  const location = { hash: '#/answer/page-1/token-1/officer_waiting' };
  vi.stubGlobal('location', location);
  vi.stubGlobal('history', { state: null, replaceState: (_: unknown, __: string, url = location.hash) => void (location.hash = url) });
  const router = await import('./router.ts');
  expect(location.hash).toBe('#/answer');
  expect(router.route.value).toEqual({ name: 'answer', params: [] });
  expect(router.paged.value).toEqual(asked);
});

test('an address that has lost its token leads to no page', async () => {
  vi.resetModules();
  vi.stubGlobal('location', { hash: '#/answer' });
  const router = await import('./router.ts');
  expect(router.paged.value).toBe(null);
});
