import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

// Relative addresses, no inline script: the same files are served by Tauri, by the own node and by the host of a guest.
export default defineConfig({
  plugins: [svelte()],
  base: './',
  build: { target: ['chrome110', 'firefox115', 'safari16.4'], assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  server: { host: '127.0.0.1', port: 5173, strictPort: true },
  test: { include: ['src/**/*.test.ts', 'e2e/bench/*.test.ts'], environment: 'node' },
});
