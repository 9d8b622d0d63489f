/**
 * Builds the script of the rescue page, which shares no file with the app.
 *
 * Answers for `/rescue.js`: one self-contained classic script. The page itself is in `public/`. It is written before the worker
 * counts what to keep offline.
 */
import { resolve } from 'node:path';
import { build, type Plugin, type ResolvedConfig } from 'vite';

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
      const result = await build({
        root: config.root,
        configFile: false,
        logLevel: 'warn',
        mode: config.mode,
        publicDir: false,
        build: {
          write: false,
          target: config.build.target as string,
          modulePreload: false,
          rolldownOptions: { input: resolve(config.root, entry), output: { format: 'iife', entryFileNames: SCRIPT, codeSplitting: false } },
        },
      });
      if (!('output' in result) || result.output.length !== 1) throw new Error(`${SCRIPT} must be one file; look at ${entry}.`);
      this.emitFile({ type: 'asset', fileName: SCRIPT, source: result.output[0].code });
    },
  };
}
