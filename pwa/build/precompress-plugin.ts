/**
 * Leaves a brotli copy (`.br`) beside every text of the build: an eighth less on the wire than gzip.
 *
 * Made once and at the highest quality, which takes too long to be done for every request. Which browser gets it is
 * `api/static.py`'s affair. Comes after the worker, whose list of files must not name the copies.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';
import type { Plugin } from 'vite';

const TEXT = /\.(?:js|css|html|svg|webmanifest)$/;

export function precompress(): Plugin {
  let directory = '';
  return {
    name: 'precompress',
    apply: 'build',
    configResolved(config) {
      directory = resolve(config.root, config.build.outDir);
    },
    closeBundle: {
      sequential: true,
      order: 'post',
      handler(error?: Error) {
        if (error !== undefined) return;
        for (const name of readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((each) => TEXT.test(each))) {
          const content = readFileSync(join(directory, name));
          const params = { [constants.BROTLI_PARAM_SIZE_HINT]: content.length, [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT };
          const packed = brotliCompressSync(content, { params });
          if (packed.length < content.length) writeFileSync(join(directory, `${name}.br`), packed);
        }
      },
    },
  };
}
