/**
 * Prints what an officer has to download and fails when it is more than a roadside connection carries.
 *
 * Sizes are gzip level 9 in kB of 1000 bytes. First screen: what index.html itself names (its module, the modules
 * preloaded with it, its styles). Everything else arrives later, by `import()` or through the service worker.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const LIMITS_KB = { 'first screen, JS': 20, 'first screen, HTML + CSS + JS': 25, 'all JS, worker and lazy chunks': 60 };

const dist = resolve(process.argv[2] ?? join(dirname(fileURLToPath(import.meta.url)), '..', 'dist'));
const gzipKb = (path) => gzipSync(readFileSync(path), { level: 9 }).length / 1000;
const sum = (paths) => paths.reduce((total, path) => total + gzipKb(path), 0);

const htmlPath = join(dist, 'index.html');
const html = readFileSync(htmlPath, 'utf8');
const named = [...html.matchAll(/<(?:script|link)\b[^>]*?\b(?:src|href)="([^"]+)"/g)].map(([, url]) => join(dist, url));

/** The entry's static imports count as well, whether or not the page preloads them. */
function withStaticImports(entries) {
  const seen = new Set();
  const visit = (path) => {
    if (seen.has(path)) return;
    seen.add(path);
    for (const [, url] of readFileSync(path, 'utf8').matchAll(/\b(?:import|from)\s*["'](\.\.?\/[^"']+\.js)["']/g)) {
      visit(resolve(dirname(path), url));
    }
  };
  entries.forEach(visit);
  return [...seen];
}

const firstJs = withStaticImports(named.filter((path) => path.endsWith('.js')));
const firstCss = named.filter((path) => path.endsWith('.css'));
const allJs = readdirSync(dist, { recursive: true })
  .filter((name) => name.endsWith('.js'))
  .map((name) => join(dist, name));

if (firstJs.length === 0) throw new Error(`${htmlPath} names no script: build the PWA first.`);

const measured = {
  'first screen, JS': sum(firstJs),
  'first screen, HTML + CSS + JS': sum([htmlPath, ...firstCss, ...firstJs]),
  'all JS, worker and lazy chunks': sum(allJs),
};

for (const path of [...allJs, ...firstCss].sort()) {
  const when = firstJs.includes(path) || firstCss.includes(path) ? 'first' : 'later';
  console.log(`${gzipKb(path).toFixed(2).padStart(8)} kB  ${when}  ${relative(dist, path)}`);
}
let over = 0;
for (const [what, kb] of Object.entries(measured)) {
  const limit = LIMITS_KB[what];
  const verdict = kb <= limit ? 'ok' : 'TOO LARGE';
  if (kb > limit) over += 1;
  console.log(`${kb.toFixed(2).padStart(8)} kB  of ${limit} kB  ${verdict}  ${what}`);
}
process.exitCode = over > 0 ? 1 : 0;
