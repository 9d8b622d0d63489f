/** How the PWA is built, served to a developer, and tested. The worker's own build is in `build/`. */
import { defineConfig } from 'vitest/config';
import { firstScreen } from './build/first-screen-plugin.ts';
import { precompress } from './build/precompress-plugin.ts';
import { rescue } from './build/rescue-plugin.ts';
import { serviceWorker } from './build/service-worker-plugin.ts';

const server = process.env['DEV_SERVER'] ?? 'http://localhost:8000';

export default defineConfig({
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  plugins: [
    firstScreen('src/main.tsx', 'src/state/later.ts'),
    rescue('src/rescue/index.ts'),
    serviceWorker('src/service-worker/index.ts'),
    precompress(),
  ],
  build: {
    target: 'es2022',
    // The policy of the server allows no inline script, no inline style and no data: address.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
  server: { proxy: { '/api': server, '/healthz': server, '/readyz': server } },
  test: {
    environment: 'node',
    include: ['src/**/*.test.{ts,tsx}'],
    setupFiles: ['build/vitest-setup.ts'],
    restoreMocks: true,
  },
});
