/**
 * Builds the script of the rescue page, which shares no file with the app.
 *
 * Answers for `/rescue.js`: one self-contained classic script. The page itself is in `public/`. It is written before the worker
 * counts what to keep offline.
 */
import type { Plugin, ResolvedConfig } from 'vite';
import { oneScript } from './one-script.ts';

const SCRIPT = 'rescue.js';

/** @param entry the script's source, relative to the root of the PWA. */
export function rescue(entry: string): Plugin {
  let config: ResolvedConfig;
  return {
    name: 'rescue',
    apply: 'build',
    configResolved(resolved) {
      config = resolved;
    },
    async generateBundle() {
      this.emitFile({ type: 'asset', fileName: SCRIPT, source: await oneScript(entry, SCRIPT, config) });
    },
  };
}
