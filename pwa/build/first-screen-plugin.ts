/**
 * Keeps the first screen small: which modules share a file, and none of the code that only other browsers need.
 *
 * Left alone, the bundler gives every module that two screens share a file of its own: forty files, each compressed
 * alone. Here are few: `app` (what the first screen needs), `shared` (what every role needs once it is open), one per
 * screen and dictionary.
 */
import { relative, resolve } from 'node:path';
import type { Plugin } from 'vite';

type ModuleGraph = { getModuleInfo(id: string): { importedIds: readonly string[] } | null };

const SHARED_ROOMS = /^src\/(?:state|storage|transport|domain|rules|screens\/parts)\//;
const SEPARATE = /hpke/;

/** Modules of the tool itself, replaced below. */
const PRELOAD_HELPER = '\0vite/preload-helper.js';
const NODE_CRYPTO = '\0no-node-crypto';

/**
 * Loads the files that a screen imports at the same time as the screen. The tool's own helper does the same for
 * browsers without `modulepreload` and for policies with nonces, in 0.9 kB.
 */
const SMALL_PRELOAD_HELPER = `
const attached = new Set();
const attach = (file) => {
  if (attached.has(file)) return;
  attached.add(file);
  const link = document.createElement('link');
  const isStyle = file.endsWith('.css');
  link.rel = isStyle ? 'stylesheet' : 'modulepreload';
  link.href = '/' + file;
  document.head.append(link);
  return isStyle && new Promise((resolve) => { link.onload = link.onerror = resolve; });
};
export const __vitePreload = (load, files = []) => Promise.all(files.map(attach)).then(load);
`;

/** @param entry the first module, relative to the root of the PWA. */
export function firstScreen(entry: string): Plugin {
  let root = '';
  let first: Set<string> | undefined;

  /** Everything the entry imports without `import()`. */
  const needed = (graph: ModuleGraph): Set<string> => {
    if (first !== undefined) return first;
    const found = new Set<string>();
    const visit = (id: string): void => {
      if (found.has(id)) return;
      found.add(id);
      graph.getModuleInfo(id)?.importedIds.forEach(visit);
    };
    visit(resolve(root, entry));
    // The entry stays in a file of its own: a screen that it awaits must not import the file that is still waiting.
    found.delete(resolve(root, entry));
    return (first = found);
  };

  const fileOf = (id: string, graph: ModuleGraph): string | null => {
    if (needed(graph).has(id) || id === PRELOAD_HELPER) return 'app';
    const path = relative(root, id).replaceAll('\\', '/');
    return SHARED_ROOMS.test(path) && !SEPARATE.test(path) ? 'shared' : null;
  };

  return {
    name: 'first-screen',
    apply: 'build',
    enforce: 'pre',
    config: () => ({
      build: { rolldownOptions: { output: { codeSplitting: { groups: [{ debugName: 'first screen', name: fileOf }] } } } },
    }),
    configResolved(config) {
      root = config.root;
    },
    buildStart() {
      first = undefined;
    },
    resolveId(id) {
      // The sealing library asks Node for WebCrypto where the global is missing; no browser of ours lacks it.
      return id === 'crypto' ? NODE_CRYPTO : null;
    },
    load(id) {
      if (id === NODE_CRYPTO) return 'export const webcrypto = globalThis.crypto;';
      return id === PRELOAD_HELPER ? SMALL_PRELOAD_HELPER : null;
    },
  };
}
