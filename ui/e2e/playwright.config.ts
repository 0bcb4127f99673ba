import { defineConfig } from '@playwright/test';

/**
 * Several real browsers and nodes in one machine: one test at a time, and no second try, since a test that fails now and then
 * hides a meeting that fails now and then. Run by `cargo xtask test`, or `npm run e2e -- mesh` for one file.
 */
export default defineConfig({
  testDir: '.',
  outputDir: '../test-results',
  workers: 1,
  fullyParallel: false,
  retries: 0,
  forbidOnly: process.env['CI'] !== undefined,
  // Three browsers that draw in software on two cores need some time to start.
  timeout: 120_000,
  globalTimeout: 25 * 60_000,
  expect: { timeout: 10_000 },
  reporter: [['list'], ['json', { outputFile: process.env['LANDLINE_E2E_REPORT'] ?? '../test-results/report.json' }]],
  globalSetup: './lab/sweep.ts',
  globalTeardown: './lab/sweep.ts',
  projects: [
    { name: 'browser', testMatch: '*.spec.ts', testIgnore: 'window/**' },
    { name: 'window', testMatch: ['window/window.spec.ts', 'window/handoff.spec.ts', 'window/engine-door.spec.ts'] },
    // Calls in the window, with browsers, lossy networks and bots.
    { name: 'calls', testMatch: 'window/*.spec.ts', testIgnore: ['window/window.spec.ts', 'window/handoff.spec.ts', 'window/engine-door.spec.ts'] },
  ],
});
