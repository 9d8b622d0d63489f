/** The control build keeps clear text so that the test at rest can fail; no other build may hold that code. */
import { build } from 'vite';
import { expect, test } from 'vitest';

async function built(plaintext: string | undefined): Promise<string> {
  const result = await build({
    configFile: false,
    logLevel: 'silent',
    envDir: false,
    define: plaintext === undefined ? {} : { 'import.meta.env.VITE_HANDOFF_PLAINTEXT': JSON.stringify(plaintext) },
    build: {
      write: false,
      minify: true,
      lib: { entry: new URL('./cipher.ts', import.meta.url).pathname, formats: ['es'], fileName: 'cipher' },
    },
  });
  const [first] = Array.isArray(result) ? result : [result];
  if (first === undefined || !('output' in first)) throw new Error('The build gave nothing.');
  return first.output[0].code;
}

test('a normal build holds no clear-text cipher', async () => {
  const code = await built(undefined);
  expect(code).toContain('AES-GCM');
  expect(code).not.toContain('CONTROL BUILD');
  expect(code).not.toContain('VITE_HANDOFF_PLAINTEXT');
});

test('the control build of the test at rest holds it', async () => {
  expect(await built('1')).toContain('CONTROL BUILD');
});
