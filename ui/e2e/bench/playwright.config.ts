import { defineConfig } from '@playwright/test';

/** Measurements, not tests: run by `cargo xtask bench`, one after the other, with no limit but those of each wait. */
export default defineConfig({
  testDir: '.',
  outputDir: '../../test-results',
  testMatch: '*.bench.ts',
  workers: 1,
  fullyParallel: false,
  retries: 0,
  timeout: 0,
  // What is measured is printed by the measurement itself.
  reporter: [['line']],
});
