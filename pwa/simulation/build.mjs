/**
 * Bundles the host and the tab's script, in the present version and as a later release would be: `node simulation/build.mjs FOLDER
 * [PLANTS]`. PLANTS is JSON, `[{file, before, after}]`: a text that stands in one file of the phone's code and what a planted bug
 * puts in its place. A text that is not there fails the build, so that no plant grows stale unseen.
 */
import { join, resolve } from 'node:path';
import { build } from 'vite';

const here = import.meta.dirname;
const [folder, plants = '[]'] = process.argv.slice(2);
const ALLOWED = JSON.parse(plants);

/** A later release of the app: one more store, as `createStores` allows. */
const NEXT = [
  { file: 'src/storage/schema.ts', before: /SCHEMA_VERSION = (\d+)/, after: (_, version) => `SCHEMA_VERSION = ${Number(version) + 1}` },
  {
    file: 'src/storage/schema.ts',
    before: "if (oldVersion < 2)",
    after: () => "if (oldVersion < SCHEMA_VERSION) database.createObjectStore('of_a_later_release', { keyPath: 'id' });\n  if (oldVersion < 2)",
  },
];

function replacing(changes) {
  const done = new Set();
  return {
    name: 'replacing',
    enforce: 'pre',
    transform(code, id) {
      let changed = code;
      for (const change of changes) {
        if (!id.endsWith(change.file)) continue;
        const { before, after } = change;
        const replaced = changed.replace(before, typeof after === 'function' ? after : () => after);
        if (replaced !== changed) done.add(change);
        changed = replaced;
      }
      return changed === code ? null : { code: changed, map: null };
    },
    buildEnd() {
      const missing = changes.filter((change) => !done.has(change));
      if (missing.length > 0) throw new Error(`Not in the code: ${missing.map(({ file, before }) => `${file}: ${before}`).join('; ')}`);
    },
  };
}

async function bundle(entry, file, format, changes) {
  await build({
    root: resolve(here, '..'),
    configFile: false,
    logLevel: 'error',
    publicDir: false,
    plugins: [replacing(changes)],
    ssr: { noExternal: true },
    build: {
      ssr: format === 'es',
      outDir: folder,
      emptyOutDir: false,
      minify: false,
      target: 'node20',
      rolldownOptions: {
        input: join(here, entry),
        output: { format, name: 'tab', entryFileNames: file, codeSplitting: false },
        ...(format === 'es' ? {} : { preserveEntrySignatures: 'strict' }),
      },
    },
  });
}

await bundle('host.ts', 'host.mjs', 'es', []);
await bundle('tab.ts', 'tab.js', 'iife', ALLOWED);
await bundle('tab.ts', 'tab-next.js', 'iife', [...ALLOWED, ...NEXT]);
