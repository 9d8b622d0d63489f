/** Bundles what stands apart from the app (its worker, the rescue page's script) into one classic script that shares no file with it. */
import { resolve } from 'node:path';
import { build, type ResolvedConfig } from 'vite';

/**
 * The script's code; identifiers that nothing defines stay free in it.
 *
 * @param entry its source, relative to the root of the PWA.
 * @throws if it falls into several files.
 */
export async function oneScript(entry: string, name: string, config: ResolvedConfig): Promise<string> {
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
      minify: config.build.minify,
      rolldownOptions: {
        input: resolve(config.root, entry),
        output: { format: 'iife', entryFileNames: name, codeSplitting: false },
      },
    },
  });
  if (!('output' in result) || result.output.length !== 1) {
    throw new Error(`${name} must build into one file; look at the imports of ${entry}.`);
  }
  return result.output[0].code;
}
