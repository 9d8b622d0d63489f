/**
 * Builds the service worker and tells it what to keep for offline use.
 *
 * Answers for `/sw.js`: one self-contained classic script, unhashed because its address must never change, with
 * `__PRECACHE__` (every file of the build and its revision), `__LOCK__` (those that the lock is drawn with) and
 * `__BUILD__` (one hash over all of them and the worker's own code) written in. What the worker does with the lists is
 * `src/service-worker/`'s affair.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import type { Plugin, ResolvedConfig } from 'vite';
import { oneScript } from './one-script.ts';

const WORKER = 'sw.js';

/** What the lock is drawn with, in the language of most: the worker names these files together with the page. */
const LOCK = [/\/app-[^/]+\.js$/, /\/unlock-[^/]+\.js$/, /\/common_en-[^/]+\.js$/];

/** Files that a browser asks for on the server's own terms, or that only a developer opens. */
const NOT_PRECACHED = [WORKER, '.br', '.map', 'robots.txt'];

type PrecacheEntry = [url: string, revision: string];

const revisionOf = (content: string | Uint8Array): string =>
  createHash('sha256').update(content).digest('hex').slice(0, 16);

function precacheEntries(directory: string): PrecacheEntry[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !NOT_PRECACHED.some((ending) => entry.name.endsWith(ending)))
    .map((entry): PrecacheEntry => {
      const path = join(entry.parentPath, entry.name);
      return ['/' + relative(directory, path).split(sep).join('/'), revisionOf(readFileSync(path))];
    })
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

/** @throws if one of them is called something else by now: the lock would only be slow, and nobody would know why. */
const lockFiles = (entries: PrecacheEntry[]): string[] =>
  LOCK.map((name) => {
    const entry = entries.find(([url]) => name.test(url));
    if (entry === undefined) throw new Error(`No file of the build matches ${name}: look at LOCK.`);
    return entry[0];
  });

/** Puts a value where the bundle names it. A worker that never asks for it would silently keep nothing offline. */
function writeIn(code: string, identifier: string, value: unknown): string {
  const pattern = new RegExp(`\\b${identifier}\\b`, 'g');
  if (!pattern.test(code)) throw new Error(`The service worker does not use ${identifier}.`);
  return code.replace(pattern, () => JSON.stringify(value));
}

/** @param entry the worker's source, relative to the root of the PWA. */
export function serviceWorker(entry: string): Plugin {
  let config: ResolvedConfig;
  return {
    name: 'service-worker',
    apply: 'build',
    configResolved(resolved) {
      config = resolved;
    },
    closeBundle: {
      sequential: true,
      order: 'post',
      async handler(error?: Error) {
        if (error !== undefined) return;
        const directory = resolve(config.root, config.build.outDir);
        if (!existsSync(join(directory, 'index.html'))) return;
        const bundled = await oneScript(entry, WORKER, config);
        const entries = precacheEntries(directory);
        // The worker's code counts too: two versions of it must never share a cache by name.
        const version = revisionOf(JSON.stringify(entries) + bundled);
        const withFiles = writeIn(writeIn(bundled, '__PRECACHE__', entries), '__LOCK__', lockFiles(entries));
        const code = writeIn(withFiles, '__BUILD__', version);
        writeFileSync(join(directory, WORKER), code);
        config.logger.info(`${WORKER}: version ${version}, ${entries.length} files precached`);
      },
    },
  };
}
