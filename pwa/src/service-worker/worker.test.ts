/** The worker's files and its sending, with caches in memory; the whole worker runs in a real browser (tests/browser). */
import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { commitOperations } from '../storage/commit.ts';
import type { Database } from '../storage/database.ts';
import { phone, unplaced } from '../storage/testing.ts';
import { fetchFrom, problem, TestServer } from '../transport/testing.ts';

class CacheInMemory {
  readonly #held = new Map<string, Response>();
  async match(url: string): Promise<Response | undefined> {
    return this.#held.get(url)?.clone();
  }
  async put(url: string, response: Response): Promise<void> {
    this.#held.set(url, response.clone());
  }
}

class CachesInMemory {
  readonly #all = new Map<string, CacheInMemory>();
  async open(name: string): Promise<CacheInMemory> {
    const cache = this.#all.get(name) ?? new CacheInMemory();
    this.#all.set(name, cache);
    return cache;
  }
  async keys(): Promise<string[]> {
    return [...this.#all.keys()];
  }
  async delete(name: string): Promise<boolean> {
    return this.#all.delete(name);
  }
  async match(url: string): Promise<Response | undefined> {
    for (const cache of this.#all.values()) {
      const found = await cache.match(url);
      if (found !== undefined) return found;
    }
    return undefined;
  }
}

let registered: string[];

beforeEach(() => {
  registered = [];
  vi.stubGlobal('caches', new CachesInMemory());
  vi.stubGlobal('self', {
    location: { origin: 'https://handoff.example' },
    registration: { sync: { register: async (tag: string) => void registered.push(tag) } },
  });
  vi.resetModules();
});
afterEach(() => vi.unstubAllGlobals());

describe('the files of the app', () => {
  let files: Map<string, string>;
  let asked: string[];
  let host: Server;
  const entries = (): [string, string][] =>
    [...files].map(([url, body]) => [url, createHash('sha256').update(body).digest('hex').slice(0, 16)]);

  beforeEach(async () => {
    files = new Map([['/index.html', '<h1>one</h1>'], ['/assets/a-1.js', 'one']]);
    asked = [];
    host = createServer((request, response) => {
      asked.push(request.url!);
      const body = files.get(request.url!);
      response.writeHead(body === undefined ? 404 : 200).end(body ?? '');
    });
    await new Promise<void>((resolve) => {
      host.listen(0, '127.0.0.1', resolve);
    });
    const real = globalThis.fetch;
    const origin = `http://127.0.0.1:${(host.address() as AddressInfo).port}`;
    vi.stubGlobal('fetch', (path: string, init: RequestInit) => real(origin + path, init));
  });
  afterEach(async () => {
    vi.unstubAllGlobals();
    host.closeAllConnections();
    await new Promise((resolve) => host.close(resolve));
  });

  const get = (path: string, mode: RequestMode = 'no-cors'): Request =>
    ({ url: `https://handoff.example${path}`, method: 'GET', mode }) as Request;

  test('are kept whole; a navigation gets the app, and an unchanged file is not fetched again', async () => {
    const { install, serve, clean } = await import('./precache.ts');
    await install('one', entries());
    expect(await (await serve('one', [], get('/anything?x=1', 'navigate'))).text()).toBe('<h1>one</h1>');
    expect(await (await serve('one', [], get('/assets/a-1.js'))).text()).toBe('one');
    asked.length = 0;
    files.set('/index.html', '<h1>two</h1>');
    await install('two', entries());
    expect(asked).toEqual(['/index.html']);
    expect(await (await serve('one', [], get('/', 'navigate'))).text()).toBe('<h1>one</h1>');
    await clean('two');
    expect(await caches.keys()).toEqual(['handoff-one', 'handoff-two']);
    files.set('/index.html', '<h1>three</h1>');
    vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 1000);
    await install('three', entries());
    await clean('three');
    expect(await caches.keys()).toEqual(['handoff-two', 'handoff-three']);
  });

  test.each([
    ['a missing file', (): unknown => files.delete('/assets/a-1.js')],
    ['a captive portal’s page in its place', (): unknown => files.set('/assets/a-1.js', '<html>Welcome</html>')],
  ])('are refused altogether because of %s, and the version before stays', async (_name, spoil) => {
    const { install, serve } = await import('./precache.ts');
    await install('one', entries());
    files.set('/assets/a-1.js', 'two');
    const wanted = entries();
    spoil();
    await expect(install('two', wanted)).rejects.toThrow('/assets/a-1.js');
    expect(await caches.keys()).toEqual(['handoff-one']);
    expect(await (await serve('one', [], get('/assets/a-1.js'))).text()).toBe('one');
  });

  test('that the lock needs are named with the page, and only there', async () => {
    const { install, serve } = await import('./precache.ts');
    await install('one', entries());
    const page = await serve('one', ['/assets/unlock-1.js', '/assets/words-1.js'], get('/', 'navigate'));
    expect(page.headers.get('Link')).toBe('</assets/unlock-1.js>; rel=modulepreload, </assets/words-1.js>; rel=modulepreload');
    expect(await page.text()).toBe('<h1>one</h1>');
    expect((await serve('one', ['/assets/unlock-1.js'], get('/assets/a-1.js'))).headers.get('Link')).toBe(null);
  });

  test('that the lock needs are read while the page is handed out, for one use', async () => {
    const { install, serve } = await import('./precache.ts');
    await install('one', entries());
    await serve('one', ['/assets/a-1.js', '/assets/gone-1.js'], get('/', 'navigate'));
    await caches.delete('handoff-one');
    expect(await (await serve('one', [], get('/assets/a-1.js'))).text()).toBe('one');
    const network = vi.fn(async () => new Response('from the server'));
    vi.stubGlobal('fetch', network);
    expect(await (await serve('one', [], get('/assets/a-1.js'))).text()).toBe('from the server');
    expect(await (await serve('one', [], get('/assets/gone-1.js'))).text()).toBe('from the server');
    expect(network).toHaveBeenCalledTimes(2);
  });

  test('never come in place of the API, of a probe, of another origin, or for anything but reading', async () => {
    const { serves } = await import('./precache.ts');
    expect(serves(get('/assets/a-1.js'))).toBe(true);
    expect(serves(get('/', 'navigate'))).toBe(true);
    for (const path of ['/api/session', '/api/sync/push', '/healthz', '/readyz']) expect(serves(get(path))).toBe(false);
    expect(serves({ ...get('/index.html'), method: 'POST', url: 'https://handoff.example/' } as Request)).toBe(false);
    expect(serves({ ...get('/'), method: 'GET', url: 'https://elsewhere.example/a.js' } as Request)).toBe(false);
  });
});

describe('sending with the app closed', () => {
  let server: TestServer;
  beforeEach(async () => {
    server = await TestServer.start();
    vi.stubGlobal('fetch', fetchFrom(server));
  });
  afterEach(() => server.stop());

  async function waiting(): Promise<Database> {
    const officer = await phone();
    const { device, device_id, vault } = officer;
    const operations = [unplaced(device.user_id)];
    await commitOperations(officer.database, { device_id, vault, sealing_key: server.pair.key, operations });
    vault.close();
    return officer.database;
  }

  test('sends what waits while the app is locked', async () => {
    const phoneDatabase = await waiting();
    const { synchronise } = await import('./flush.ts');
    await synchronise(phoneDatabase, 'test', false);
    expect(server.operations.size).toBe(1);
    expect(registered).toEqual([]);
  });

  test('asks to be woken again until all is sent, beginning anew after the last try', async () => {
    const phoneDatabase = await waiting();
    const { synchronise } = await import('./flush.ts');
    server.failures.push({ lost: true });
    await expect(synchronise(phoneDatabase, 'test', false)).rejects.toThrow('still waits');
    expect(registered).toEqual([]);
    server.failures.push({ before: { body: '<html></html>' } });
    await expect(synchronise(phoneDatabase, 'test', true)).rejects.toThrow('still waits');
    expect(registered).toEqual(['handoff-flush']);
    // The next time there is a connection, whatever the pause since the failure.
    await synchronise(phoneDatabase, 'test', false);
    expect(server.operations.size).toBe(1);
  });

  test('is not woken for what a person must sign in for', async () => {
    const phoneDatabase = await waiting();
    const { synchronise } = await import('./flush.ts');
    server.failures.push({ before: problem(401, 'sign-in-needed') });
    await synchronise(phoneDatabase, 'test', true);
    expect(registered).toEqual([]);
  });
});
