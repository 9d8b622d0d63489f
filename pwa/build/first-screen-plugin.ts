/**
 * Keeps the first screen small: which modules share a file, and none of the code that only other browsers need.
 *
 * Left alone, the bundler gives every module that two screens share a file of its own: forty files, each compressed
 * alone. Here are few: `app` (what the first screen needs), `shared` (what the open phone needs, and most of its
 * screens), `staff` (what several screens of program staff share and no officer's), `enrolling` (what the ways to a first
 * sign-in share), `handover` (what handing over and bringing records share), and one file for each `import()`. Worked out
 * from the graph, so that a module that only one screen uses travels with that screen.
 */
import { resolve } from 'node:path';
import type { Plugin } from 'vite';

type ModuleInfo = { importedIds: readonly string[]; dynamicallyImportedIds: readonly string[] };
type ModuleGraph = { getModuleInfo(id: string): ModuleInfo | null };

/** A module of the tool itself, replaced below. */
const PRELOAD_HELPER = '\0vite/preload-helper.js';

/** Screens that no officer opens at work; two words for one thing are told with the words that program staff read. */
const STAFF = /\/screens\/(administration|attention|conflicts\/index|coordinator|desk|rota)\b/;

/** What is asked for where somebody is new on this phone, and afterwards seldom. */
const ENROLLING = /\/(screens\/(setup|ways_in)\.tsx|state\/enrolling\.ts)$/;

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

/** What waits on this phone, and colleagues' records: asked for when the phone is full or has no connection for long. */
const HANDOVER = /\/(screens\/handover\/index\.tsx|transport\/carry\.ts|qr\/decode\.js)$/;

/** The module and everything it imports without `import()`. */
function closureOf(graph: ModuleGraph, entry: string): Set<string> {
  const found = new Set<string>();
  const visit = (id: string): void => {
    if (found.has(id)) return;
    found.add(id);
    graph.getModuleInfo(id)?.importedIds.forEach(visit);
  };
  visit(entry);
  return found;
}

/** The closures of everything that is fetched by `import()`, by its module. */
function laterClosures(graph: ModuleGraph, entry: string): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  const visit = (closure: Set<string>): void => {
    for (const id of closure) {
      for (const asked of graph.getModuleInfo(id)?.dynamicallyImportedIds ?? []) {
        if (found.has(asked)) continue;
        found.set(asked, closureOf(graph, asked));
        visit(found.get(asked)!);
      }
    }
  };
  visit(closureOf(graph, entry));
  return found;
}

/** @param entry the first module, and `door` the one behind which the open phone is; relative to the root of the PWA. */
export function firstScreen(entry: string, door: string): Plugin {
  let root = '';
  let files: Map<string, string | null> | undefined;

  const arrange = (graph: ModuleGraph): Map<string, string | null> => {
    const first = closureOf(graph, resolve(root, entry));
    const later = laterClosures(graph, resolve(root, entry));
    const open = later.get(resolve(root, door));
    if (open === undefined) throw new Error(`${door} is not behind an import().`);
    const arranged = new Map<string, string | null>();
    for (const closure of later.values()) {
      for (const id of closure) {
        const users = [...later].flatMap(([asked, each]) => (each.has(id) ? [asked] : []));
        const only = (screens: RegExp): boolean => users.every((asked) => screens.test(asked));
        const together = only(STAFF) ? 'staff' : only(ENROLLING) ? 'enrolling' : only(HANDOVER) ? 'handover' : 'shared';
        arranged.set(id, open.has(id) ? 'shared' : users.length > 1 ? together : null);
      }
    }
    for (const id of first) arranged.set(id, 'app');
    return arranged;
  };

  const fileOf = (id: string, graph: ModuleGraph): string | null => {
    if (id === PRELOAD_HELPER) return 'app';
    files ??= arrange(graph);
    return files.get(id) ?? null;
  };

  // In this order: a file takes what its modules import along, unless one before it has taken that.
  const groups = ['app', 'shared', 'staff', 'enrolling', 'handover'].map((name, index, all) => ({
    name: (id: string, graph: ModuleGraph) => (fileOf(id, graph) === name ? name : null),
    priority: all.length - index,
  }));

  return {
    name: 'first-screen',
    apply: 'build',
    enforce: 'pre',
    config: () => ({
      build: {
        rolldownOptions: {
          output: {
            // The first screen names every file that may come later; what is random in a name does not compress.
            chunkFileNames: 'assets/[name]-[hash:7].js',
            codeSplitting: { groups },
          },
        },
      },
    }),
    configResolved(config) {
      root = config.root;
    },
    buildStart() {
      files = undefined;
    },
    load(id) {
      return id === PRELOAD_HELPER ? SMALL_PRELOAD_HELPER : null;
    },
    transform: {
      filter: { id: /@hpke/, code: 'import("crypto")' },
      // The sealing library asks Node for WebCrypto where the global is missing; no browser of ours lacks it.
      handler: (code) => code.replace('await import("crypto")', '{ webcrypto: globalThis.crypto }'),
    },
  };
}
