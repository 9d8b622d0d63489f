/**
 * Prints what the phone has to download and fails when it is more than it was meant to become.
 *
 * Sizes are gzip level 9 in kB of 1000 bytes, worked out from the built files alone: what index.html names, what those
 * import, and what they ask for with `import()`. First screen: everything that is not asked for later. One officer's
 * phone: everything that an officer in English loads at work, the sealing library and the worker included; what setting up
 * loads besides is a figure of its own. Where a goal
 * is smaller than the limit, the limit keeps what was reached.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const dist = resolve(process.argv[2] ?? join(dirname(fileURLToPath(import.meta.url)), '..', 'dist'));
const read = (path) => readFileSync(path, 'utf8');
const gzipKb = (path) => gzipSync(readFileSync(path), { level: 9 }).length / 1000;
const sum = (paths) => [...paths].reduce((total, path) => total + gzipKb(path), 0);

const STATIC = /\b(?:import|from)\s*["'](\.\.?\/[^"']+\.js)["']/g;
const DYNAMIC = /\bimport\(\s*["'`](\.\.?\/[^"'`]+\.js)["'`]\s*\)/g;
/**
 * Rooms for setting up who one is: joining, one's passkeys and sessions, the fresh proof, what stands below the sign-in form,
 * a new vault, a lost key. Behind a connection or at an end, never at a stop.
 */
const SETUP = /^(setup|access\.en|ways_in|enrolling)-/;
/** Doors that an officer in English never opens at work: the screens of other roles, the other language, and setting up. */
const CLOSED = {
  setup: SETUP,
  // What waits on the phone and where it can go instead: where no connection has been for long.
  handover: /^handover[.-]/, carry: /^carry-/,
  coordinator: /^coordinator[.-]/, desk: /^desk[.-]/, staff: /^staff(_rules)?[.]/, rota: /^rota[.-]/, reached: /^reached[.-]/,
  conflicts: /^conflicts(_times)?[.-]/, merging: /^merging/, release: /^release[.-]/, answer: /^answer-/, attention: /^attention[.-]/, quarantine: /^quarantine[.-]/, called: /^called[.-]/, Spanish: /[._]es-/,
};

const htmlPath = join(dist, 'index.html');
const named = [...read(htmlPath).matchAll(/<(?:script|link)\b[^>]*?\b(?:src|href)="([^"]+)"/g)].map(([, url]) => join(dist, url));

/** The files and everything they import, by the given ways, as far as `enters` allows. */
function reached(entries, ways, enters = () => true) {
  const seen = new Set();
  const visit = (path) => {
    if (seen.has(path) || !enters(path)) return;
    seen.add(path);
    for (const way of ways) for (const [, url] of read(path).matchAll(way)) visit(resolve(dirname(path), url));
  };
  entries.forEach(visit);
  return seen;
}

const scripts = named.filter((path) => path.endsWith('.js'));
if (scripts.length === 0) throw new Error(`${htmlPath} names no script: build the PWA first.`);
const styles = named.filter((path) => path.endsWith('.css'));
const worker = join(dist, 'sw.js');
const first = reached(scripts, [STATIC]);
const met = new Set();
const behind = (path) => Object.keys(CLOSED).find((name) => CLOSED[name].test(basename(path)));
const officers = reached([...scripts, worker], [STATIC, DYNAMIC], (path) => {
  met.add(behind(path));
  return behind(path) === undefined;
});
for (const door of Object.keys(CLOSED)) if (!met.has(door)) throw new Error(`Nothing is called ${door} any more: look at CLOSED.`);
const all = readdirSync(dist, { recursive: true }).filter((name) => name.endsWith('.js')).map((name) => join(dist, name));
const settingUp = all.filter((path) => SETUP.test(basename(path)));
/** The page that works when the app does not; the browser is led there, and nothing imports it. */
const rescue = join(dist, 'rescue.js');
const known = reached([...scripts, worker, rescue], [STATIC, DYNAMIC]);
for (const path of all) if (!known.has(path)) throw new Error(`${relative(dist, path)} is built and never asked for.`);

const FIGURES = [
  { what: 'first screen, JS', kb: sum(first), limit: 16.3, goal: 20 },
  { what: 'first screen, HTML + CSS + JS', kb: sum([htmlPath, ...styles, ...first]), limit: 19.9, goal: 25 },
  { what: "one officer's phone, one language: all JS, worker and sealing included", kb: sum(officers), limit: 98.5, goal: 60 },
  { what: "setting up: joining, one's passkeys, passphrase and sessions", kb: sum(settingUp), limit: 13, goal: 10 },
  { what: 'all roles, both languages: all JS', kb: sum(all), limit: 295, goal: 60 },
];

for (const path of [...all, ...styles].sort()) {
  const when = first.has(path) || styles.includes(path) ? 'first' : officers.has(path) ? 'officer' : 'others';
  console.log(`${gzipKb(path).toFixed(2).padStart(8)} kB  ${when.padEnd(7)}  ${relative(dist, path)}`);
}
for (const { what, kb, limit, goal } of FIGURES) {
  const verdict = kb > limit ? 'TOO LARGE' : kb > goal ? `ok, above the goal of ${goal} kB` : 'ok';
  console.log(`${kb.toFixed(2).padStart(8)} kB  of ${limit} kB  ${what}: ${verdict}`);
  if (kb > limit) process.exitCode = 1;
}
