/**
 * The app's own files, kept for use without a network: all of a version or none of it.
 *
 * Each file is checked against the digest that the build wrote into this worker, so that neither a captive portal's
 * page nor half a deployment ever becomes part of the app. Unchanged files come from the version before. The old
 * version keeps serving until the person says yes to the new one; its cache outlives that by one version, because
 * another tab may still run it and fetch a part of it late.
 */
import { scope } from './worker.ts';

export type PrecacheEntry = readonly [url: string, revision: string];

interface Manifest {
  files: readonly PrecacheEntry[];
  installed_at: number;
}

const PREFIX = 'handoff-';
/** Not a file of the app: the list of what the cache holds. */
const MANIFEST_URL = '/__precache__.json';
const SHELL_URL = '/index.html';
/** The one other page; see `src/rescue/`. */
const RESCUE = '/rescue';
const REVISION_BYTES = 8;
const NEVER = ['/api/', '/healthz', '/readyz'];

const hex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

async function revisionOf(content: ArrayBuffer): Promise<string> {
  return hex(new Uint8Array(await crypto.subtle.digest('SHA-256', content), 0, REVISION_BYTES));
}

async function manifestOf(cache: Cache): Promise<Manifest | null> {
  const stored = await cache.match(MANIFEST_URL);
  return stored === undefined ? null : ((await stored.json()) as Manifest);
}

/** The caches of complete versions, the latest first. */
async function versions(): Promise<{ name: string; cache: Cache; manifest: Manifest }[]> {
  const found = [];
  for (const name of await caches.keys()) {
    if (!name.startsWith(PREFIX)) continue;
    const cache = await caches.open(name);
    const manifest = await manifestOf(cache);
    if (manifest !== null) found.push({ name, cache, manifest });
  }
  return found.sort((one, other) => other.manifest.installed_at - one.manifest.installed_at);
}

async function fetched([url, revision]: PrecacheEntry): Promise<Response> {
  const response = await fetch(url, { cache: 'no-cache', credentials: 'same-origin', redirect: 'error' });
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  if ((await revisionOf(await response.clone().arrayBuffer())) !== revision) throw new Error(`${url}: not this version`);
  return response;
}

/** Fills the cache of this version, or leaves none behind and throws. */
export async function install(build: string, files: readonly PrecacheEntry[]): Promise<void> {
  const name = PREFIX + build;
  const held = new Map<string, Cache>();
  for (const { name: other, cache, manifest } of await versions()) {
    if (other === name) return;
    for (const [url, revision] of manifest.files) held.set(`${url} ${revision}`, cache);
  }
  await caches.delete(name);
  const cache = await caches.open(name);
  try {
    await Promise.all(
      files.map(async (entry) => {
        const [url, revision] = entry;
        const kept = await held.get(`${url} ${revision}`)?.match(url);
        await cache.put(url, kept ?? (await fetched(entry)));
      }),
    );
    // Written last: a cache without it is not a version.
    const manifest: Manifest = { files, installed_at: Date.now() };
    await cache.put(MANIFEST_URL, Response.json(manifest));
  } catch (error) {
    await caches.delete(name);
    throw error;
  }
}

/** Removes what is neither this version nor the one before it. */
export async function clean(build: string): Promise<void> {
  const others = (await versions()).filter(({ name }) => name !== PREFIX + build);
  const keep = new Set([PREFIX + build, others[0]?.name]);
  for (const name of await caches.keys()) {
    if (name.startsWith(PREFIX) && !keep.has(name)) await caches.delete(name);
  }
}

/** True for what this worker answers: reading the app's own files. Never the API, never anything that changes. */
export function serves(request: Request): boolean {
  const { origin, pathname } = new URL(request.url);
  return request.method === 'GET' && origin === scope.location.origin && !NEVER.some((path) => pathname.startsWith(path));
}

/** The page, naming the lock's files to the browser so that they come beside the first script and not after it. */
function announcing(lock: readonly string[], page: Response): Response {
  const headers = new Headers(page.headers);
  for (const url of lock) headers.append('Link', `<${url}>; rel=modulepreload`);
  return new Response(page.body, { headers });
}

/** What the page that was just handed out asks for next, read while the browser still makes room for it. Each leaves with its use. */
let ahead = new Map<string, Promise<Response | undefined>>();

function takeAhead(url: string): Promise<Response | undefined> | undefined {
  const reading = ahead.get(url);
  ahead.delete(url);
  return reading;
}

/** The file from this version; for a navigation the app itself, naming the files of `lock`, or the rescue page; a part of another version if a tab still runs it. */
export async function serve(build: string, lock: readonly string[], request: Request): Promise<Response> {
  const { pathname } = new URL(request.url);
  const rescue = pathname === RESCUE;
  const navigates = request.mode === 'navigate' && !rescue;
  const url = navigates ? SHELL_URL : rescue ? `${RESCUE}.html` : pathname;
  const early = await takeAhead(url);
  if (early !== undefined) return early;
  const cache = await caches.open(PREFIX + build);
  const kept = (await cache.match(url)) ?? (await caches.match(url));
  if (kept === undefined) return fetch(request);
  if (!navigates) return kept;
  ahead = new Map(lock.map((file) => [file, cache.match(file).catch(() => undefined)]));
  return announcing(lock, kept);
}
