/** Registering this phone for pushes at each start: when, how often, and for which key. The browser's part is played here. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { toBase64url } from '../storage/bytes.ts';
import { fetchFrom, problem, TestServer } from '../transport/testing.ts';

const PRESENT = new Uint8Array(65).fill(4);
const FORMER = new Uint8Array(65).fill(9);

let server: TestServer;
let permission: NotificationPermission;
let held: { key: Uint8Array; endpoint: string } | null;
let calls: string[];
let hear: (event: { data: unknown }) => void;

function subscriptionOf({ key, endpoint }: NonNullable<typeof held>): object {
  return {
    options: { applicationServerKey: key.slice().buffer },
    unsubscribe: async () => {
      calls.push('unsubscribe');
      held = null;
    },
    toJSON: () => ({ endpoint, keys: { p256dh: 'p', auth: 'a' } }),
  };
}

const pushManager = {
  getSubscription: async () => held && subscriptionOf(held),
  subscribe: async ({ applicationServerKey }: { applicationServerKey: Uint8Array }) => {
    calls.push('subscribe');
    held = { key: applicationServerKey, endpoint: `https://push.example/${calls.length}` };
    return subscriptionOf(held);
  },
};

let state: typeof import('./notifications.ts');
let phases: typeof import('./phase.ts');
let line: typeof import('./connection.ts').line;

beforeEach(async () => {
  indexedDB = new IDBFactory();
  [permission, held, calls] = ['granted', null, []];
  server = await TestServer.start();
  vi.stubGlobal('fetch', fetchFrom(server));
  vi.stubGlobal('Notification', { get permission() { return permission; }, requestPermission: async () => permission });
  vi.stubGlobal('PushManager', class {});
  const registration = { pushManager };
  vi.stubGlobal('navigator', {
    ...navigator,
    serviceWorker: {
      ready: Promise.resolve(registration),
      getRegistration: async () => registration,
      addEventListener: (_type: string, listener: typeof hear) => void (hear = listener),
    },
  });
  vi.stubGlobal('location', { hash: '' });
  const goTo = (_state: unknown, _title: string, url: string): void => void (location.hash = url);
  vi.stubGlobal('history', { state: null, pushState: goTo, replaceState: goTo });
  vi.resetModules();
  state = await import('./notifications.ts');
  phases = await import('./phase.ts');
  ({ line } = await import('./connection.ts'));
});
afterEach(async () => {
  vi.unstubAllGlobals();
  await server.stop();
});

function person(role: 'coordinator' | 'sergeant'): void {
  const { write } = phases;
  write.me.value = { user_id: 'u', login: 'l', name: 'n', role, program_id: 'demo', agency_id: null, device_id: 'device-1' };
  write.program.value = { vapid_public_key: toBase64url(PRESENT) } as never;
  write.phase.value = 'open';
}

function signIn(): void {
  phases.write.signedIn.value = true;
  line.reached.value = true;
}

const registered = (): unknown[] => server.asked.filter(({ path }) => path === '/api/push-subscriptions').map(({ body }) => body);
const settled = async (times: number): Promise<void> => {
  await vi.waitFor(() => expect(registered()).toHaveLength(times));
};

test('each start registers this phone once it is open and the session is known, with the language', async () => {
  state.keepRegistered();
  person('coordinator');
  expect(calls).toEqual([]);
  signIn();
  await settled(1);
  expect(registered()).toMatchObject([{ device_id: 'device-1', endpoint: held!.endpoint, language: 'en', keys: { p256dh: 'p', auth: 'a' } }]);
  await vi.waitFor(() => expect(state.notifications.value).toBe('on'));
  // Losing and finding the connection is no new start.
  line.reached.value = false;
  line.reached.value = true;
  (await import('./language.ts')).language.value = 'es';
  await settled(2);
  expect(registered()[1]).toMatchObject({ language: 'es' });
  expect(calls).toEqual(['subscribe']);
});

test('what is subscribed already is told again, and not made again', async () => {
  held = { key: PRESENT, endpoint: 'https://push.example/kept' };
  state.keepRegistered();
  person('coordinator');
  signIn();
  await settled(1);
  expect(registered()).toMatchObject([{ endpoint: 'https://push.example/kept' }]);
  expect(calls).toEqual([]);
});

test('a subscription to a former key of the server is made anew', async () => {
  held = { key: FORMER, endpoint: 'https://push.example/former' };
  state.keepRegistered();
  person('coordinator');
  signIn();
  await settled(1);
  expect(calls).toEqual(['unsubscribe', 'subscribe']);
  expect(held!.key).toEqual(PRESENT);
});

test('what failed is tried again when the connection has come back, not at once', async () => {
  server.failures.push({ before: problem(503, 'unavailable') });
  state.keepRegistered();
  person('coordinator');
  signIn();
  await settled(1);
  expect(state.notifications.value).toBe('off');
  await vi.waitFor(() => {
    line.reached.value = false;
    line.reached.value = true;
    expect(registered().length).toBe(2);
  });
});

test.each([
  ['without permission, which only a tap may ask for', (): void => void (permission = 'default'), 'coordinator'],
  ['for a role that nobody notifies', (): void => undefined, 'sergeant'],
] as const)('nothing is registered %s', async (_name, prepare, role) => {
  prepare();
  state.keepRegistered();
  person(role);
  signIn();
  await new Promise((resolve) => setImmediate(resolve));
  expect([calls, server.asked]).toEqual([[], []]);
});

test('a tap asks; a refusal is said to be one', async () => {
  person('coordinator');
  permission = 'denied';
  expect(await state.enableNotifications()).toBe('denied');
  permission = 'granted';
  expect(await state.enableNotifications()).toBe('on');
  server.failures.push({ lost: true });
  expect(await state.enableNotifications()).toBe('failed');
});

test('a tap on a notification while the app is open shows that page', async () => {
  const router = await import('./router.ts');
  state.followTaps();
  hear({ data: 'hello' });
  expect(router.paged.value).toBe(null);
  hear({ data: { page: 'page-1', token: 'token-1', text: 'referral_waiting' } });
  expect(router.paged.value).toEqual({ page: 'page-1', token: 'token-1', text: 'referral_waiting' });
  expect([location.hash, router.route.value.name]).toEqual(['#/answer', 'answer']);
});
