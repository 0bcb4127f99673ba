import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

// Every screen in every state with made-up models, for looking at. Not part of the product: `node tools/screenshots.mjs`.
export default defineConfig({
  root: import.meta.dirname,
  cacheDir: '../node_modules/.vite-gallery',
  plugins: [svelte()],
  build: { outDir: '../artifacts/gallery', emptyOutDir: true },
  server: { host: '127.0.0.1', port: 5183, strictPort: true, fs: { allow: ['..'] } },
});
