/** Pushes and taps with notifications in memory, against a server over real HTTP; a real browser shows them in tests/browser. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { openDatabase, type Database } from '../storage/database.ts';
import { readSetting, writeSetting } from '../storage/settings.ts';
import { freshName } from '../storage/testing.ts';
import { toBase64url } from '../storage/bytes.ts';
import { fetchFrom, problem, TestServer } from '../transport/testing.ts';
import type { PushNews } from './payload.ts';
import { TEXTS } from './texts.ts';

interface Shown {
  title: string;
  options: NotificationOptions & { actions?: object[]; navigate?: string };
}

const KEY = new Uint8Array(65).fill(4);

let shown: Shown[];
let opened: string[];
let told: unknown[];
let windows: { postMessage: (data: unknown) => void; focus: () => Promise<void> }[];
let subscription: { options: { applicationServerKey: ArrayBuffer }; unsubscribe: () => Promise<void>; toJSON: () => object } | null;
let database: Database;
let server: TestServer;

beforeEach(async () => {
  [shown, opened, told, windows] = [[], [], [], []];
  subscription = null;
  database = openDatabase({}, freshName());
  server = await TestServer.start();
  vi.stubGlobal('fetch', fetchFrom(server));
  vi.stubGlobal('self', {
    location: { origin: 'https://handoff.example' },
    clients: { matchAll: async () => windows, openWindow: async (url: string) => opened.push(url) },
    registration: {
      showNotification: async (title: string, options: Shown['options']) => void shown.push({ title, options }),
      pushManager: { getSubscription: async () => subscription, subscribe: async (options: PushSubscriptionOptionsInit) => subscribe(options) },
    },
  });
  vi.resetModules();
});
afterEach(async () => {
  vi.unstubAllGlobals();
  await server.stop();
});

let serial = 0;
function subscribe({ applicationServerKey }: PushSubscriptionOptionsInit): NonNullable<typeof subscription> {
  serial += 1;
  const endpoint = `https://push.example/${serial}`;
  subscription = {
    options: { applicationServerKey: (applicationServerKey as Uint8Array).slice().buffer as ArrayBuffer },
    unsubscribe: async () => void (subscription = null),
    toJSON: () => ({ endpoint, keys: { p256dh: 'p', auth: 'a' } }),
  };
  return subscription;
}

const page = { v: 2, kind: 'page', text: 'officer_waiting', page: 'page-1', token: 'token-1', by: '', eta_minutes: null };

const push = (value: unknown): PushNews => ({
  data: { json: () => JSON.parse(typeof value === 'string' ? value : JSON.stringify(value)) as unknown },
});

/** As the server sends it. */
const declared = (data: object, more: object = {}): object => ({
  web_push: 8030,
  notification: { title: 'Officer waiting', body: 'Open the app to see it', lang: 'en', tag: 'page-1', data, ...more },
  mutable: true,
  pad: '000',
});

describe('a payload is read', () => {
  test.each<[string, PushNews]>([
    ['within a declarative message', push(declared(page))],
    ['without the declarative parts, where the server does not know its own address', push({ notification: { data: page, tag: 'page-1' }, pad: '' })],
    ['as the browser’s own notification, where the browser has read the message', { data: null, notification: { data: page, tag: 'page-1' } }],
    ['in its first version, from a server not yet updated', push({ v: 1, kind: 'page', text: 'officer_waiting', page: 'page-1', token: 'token-1', pad: '' })],
  ])('%s', async (_name, news) => {
    const { readPayload } = await import('./payload.ts');
    expect(readPayload(news)).toEqual({
      kind: 'page', text: 'officer_waiting', page: 'page-1', token: 'token-1', by: '', eta_minutes: null, tag: 'page-1',
    });
  });

  test.each<[string, PushNews]>([
    ['no data', { data: null }],
    ['text that is no JSON', push('hello')],
    ['another application’s JSON', push('[1]')],
    ['a bare null', push('null')],
    ['an unknown kind', push(declared({ ...page, kind: 'splendid' }))],
    ['a declarative message that is not ours', push({ web_push: 8030, notification: { title: 'Hello', navigate: '/' } })],
    ['the browser’s notification without data of ours', { data: null, notification: { data: 'text' } }],
    ['an inherited name as its kind', push(declared({ ...page, kind: 'constructor' }))],
  ])('or shown as something unknown: %s', async (_name, news) => {
    const { notify } = await import('./push.ts');
    await notify(database, news);
    expect(shown).toMatchObject([{ title: 'Something is waiting for you', options: { requireInteraction: true, renotify: true } }]);
    expect(shown[0]!.options.actions).toBeUndefined();
    expect(server.asked).toEqual([]);
  });

  test('without believing anything of it', async () => {
    const { readPayload } = await import('./payload.ts');
    const odd = { ...page, kind: 'acknowledged', text: 'toString', page: 7, token: '', by: 'x'.repeat(500), eta_minutes: 1e9 };
    expect(readPayload(push(declared(odd, { tag: {} })))).toEqual({
      kind: 'acknowledged', text: 'unknown', page: null, token: null, by: 'x'.repeat(12), eta_minutes: null, tag: 'acknowledged',
    });
  });
});

describe('a push', () => {
  test('shows a constant sentence, offers to acknowledge, and reports that it was shown', async () => {
    const { notify } = await import('./push.ts');
    await notify(database, push(declared(page)));
    expect(shown).toMatchObject([
      {
        title: 'Officer waiting',
        options: {
          body: 'Open the app to see it', tag: 'page-1', requireInteraction: true, renotify: true,
          actions: [{ action: 'acknowledge', title: 'I have it' }],
          navigate: 'https://handoff.example/#/answer/page-1/token-1/officer_waiting',
        },
      },
    ]);
    expect(server.asked).toMatchObject([{ path: '/api/pages/page-1/seen', body: { token: 'token-1' } }]);
  });

  test('is shown, too, when storage does not answer', async () => {
    const { notify } = await import('./push.ts');
    const silent = { read: () => new Promise(() => undefined) } as unknown as Database;
    await notify(silent, push(declared(page)));
    expect(shown).toMatchObject([{ title: 'Officer waiting' }]);
  });

  test('is shown, too, when nobody can be told of it', async () => {
    server.failures.push({ lost: true });
    const { notify } = await import('./push.ts');
    await notify(database, push(declared(page)));
    expect(shown).toHaveLength(1);
  });

  test('speaks the language chosen in the app, and cannot be answered once somebody has it', async () => {
    await writeSetting(database, 'language', 'es');
    const { notify } = await import('./push.ts');
    await notify(database, push(declared({ ...page, kind: 'taken', text: 'taken_by', by: 'M. E.' })));
    expect(shown).toMatchObject([{ title: 'La tiene M. E.', options: { renotify: false, requireInteraction: false, data: { page: 'page-1' } } }]);
    expect(shown[0]!.options.actions).toBeUndefined();
    expect(shown[0]!.options.navigate).toBeUndefined();
  });

  test.each([
    ['taken', { text: 'taken', by: 'M. E.' }, 'Taken by M. E.', 'Open the app to see it'],
    ['taken', { text: 'taken_by', by: '' }, 'Somebody else has it', 'Open the app to see it'],
    ['acknowledged', { text: 'seen', by: '' }, 'A coordinator has your referral', 'Open the app to see it'],
    ['acknowledged', { text: 'seen_by', by: 'M. E.', eta_minutes: 20 }, 'M. E. has your referral', 'Arriving in 20 min'],
    ['acknowledged', { text: 'seen_by', by: '$&{n}', eta_minutes: 20 }, '$&{n} has your referral', 'Arriving in 20 min'],
    ['notice', { text: 'cover_asked', page: null, token: null }, 'You are asked to take a shift', 'Open the app to see it'],
    ['page', { text: 'officer_waiting', eta_minutes: 20 }, 'Officer waiting', 'Open the app to see it'],
  ])('of kind %s with %o says %s', async (kind, words, title, body) => {
    const { notify } = await import('./push.ts');
    await notify(database, push(declared({ ...page, kind, ...words })));
    expect(shown).toMatchObject([{ title, options: { body } }]);
  });

  test('has both languages of every sentence, with the same gaps', () => {
    const gaps = (text: string): string[] => [...text.matchAll(/\{\w+\}/g)].map(([gap]) => gap);
    expect(Object.keys(TEXTS.es)).toEqual(Object.keys(TEXTS.en));
    for (const [key, text] of Object.entries(TEXTS.en)) {
      expect([key, gaps(TEXTS.es[key as keyof typeof TEXTS.es])]).toEqual([key, gaps(text)]);
    }
  });
});

describe('a tap', () => {
  const tap = (action: string, data: unknown = { page: 'page-1', token: 'token-1', text: 'officer_waiting' }): NotificationEvent =>
    ({ action, notification: { close: () => undefined, data } }) as unknown as NotificationEvent;

  test('on the button acknowledges from the lock screen', async () => {
    const { clicked } = await import('./push.ts');
    expect(await clicked(database, tap('acknowledge'))).toBe(false);
    expect(server.asked).toMatchObject([{ path: '/api/pages/page-1/acknowledge', body: { token: 'token-1' } }]);
    expect(shown).toMatchObject([{ title: 'You have it', options: { tag: 'page-1', data: { page: 'page-1' } } }]);
    expect(opened).toEqual([]);
  });

  test('on the button without a connection says that it is not yet acknowledged, and is when there is one', async () => {
    const { clicked } = await import('./push.ts');
    const { sendEverything } = await import('./flush.ts');
    server.failures.push({ lost: true });
    expect(await clicked(database, tap('acknowledge'))).toBe(true);
    expect(shown).toMatchObject([{ title: 'Not yet acknowledged', options: { requireInteraction: true, data: { token: 'token-1' } } }]);
    expect(await sendEverything(database, 'test')).toBe(false);
    expect(shown.at(-1)).toMatchObject({ title: 'You have it', options: { tag: 'page-1' } });
  });

  test('on a page that has ended says so', async () => {
    server.failures.push({ before: problem(404, 'not-found') });
    const { clicked } = await import('./push.ts');
    expect(await clicked(database, tap('acknowledge'))).toBe(false);
    expect(shown).toMatchObject([{ title: 'Not acknowledged. Open the app' }]);
  });

  test('on the page itself opens where it can be answered, before anything is unlocked', async () => {
    const { clicked } = await import('./push.ts');
    await clicked(database, tap(''));
    expect(opened).toEqual(['/#/answer/page-1/token-1/officer_waiting']);
    expect(server.asked).toEqual([]);
  });

  test('while the app is open tells it which page, and loads nothing anew', async () => {
    let focused = 0;
    windows = [{ postMessage: (data) => told.push(data), focus: async () => void (focused += 1) }];
    const { clicked } = await import('./push.ts');
    await clicked(database, tap(''));
    expect([told, focused, opened]).toEqual([[{ page: 'page-1', token: 'token-1', text: 'officer_waiting' }], 1, []]);
  });

  test.each([['acknowledge', { page: 'page-1' }], ['', null], ['', { page: 'page-1' }]])(
    'with action %o on what cannot be answered (%o) opens the app',
    async (action, data) => {
      const { clicked } = await import('./push.ts');
      expect(await clicked(database, tap(action, data))).toBe(false);
      expect(opened).toEqual(['/#/']);
      expect(server.asked).toEqual([]);
    },
  );
});

describe('a subscription that the browser replaced', () => {
  beforeEach(async () => {
    await writeSetting(database, 'device', 'device-1');
    await database.write(['devices', 'programs'], async (transaction) => {
      // Only what is read of an enrolment here.
      await transaction.objectStore('devices').put({ device_id: 'device-1', program_id: 'demo' } as never);
      await transaction.objectStore('programs').put({ program_id: 'demo', document: { vapid_public_key: toBase64url(KEY) } });
    });
  });

  test('is made anew and told to the server', async () => {
    const { moved } = await import('./resubscribe.ts');
    await moved(database);
    expect(server.asked).toMatchObject([
      { path: '/api/push-subscriptions', body: { device_id: 'device-1', endpoint: `https://push.example/${serial}`, language: 'en', keys: { p256dh: 'p', auth: 'a' } } },
    ]);
    expect(await readSetting(database, 'push_moved')).toBe(false);
  });

  test('is told later, where nobody is signed in or nothing is reached, and not twice', async () => {
    const { moved, settleMove } = await import('./resubscribe.ts');
    server.failures.push({ before: problem(401, 'sign-in-needed') });
    await moved(database);
    expect(await readSetting(database, 'push_moved')).toBe(true);
    await settleMove(database);
    expect(await readSetting(database, 'push_moved')).toBe(false);
    await settleMove(database);
    expect(server.asked).toHaveLength(2);
  });

  test('to another key makes room for one to the present key', async () => {
    subscribe({ applicationServerKey: new Uint8Array(65).fill(9) });
    const { moved } = await import('./resubscribe.ts');
    await moved(database);
    expect(new Uint8Array(subscription!.options.applicationServerKey)).toEqual(KEY);
    const endpoint = `https://push.example/${serial}`;
    await moved(database);
    expect(server.asked.map(({ body }) => body['endpoint'])).toEqual([endpoint, endpoint]);
  });
});
