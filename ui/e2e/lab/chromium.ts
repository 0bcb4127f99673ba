import { existsSync, realpathSync } from 'node:fs';

import { chromium } from '@playwright/test';

/** Finds a real Chromium. The set-up (src-tauri/xtask/src/setup/system.rs) looks at the same places. */

const places = [
  '/usr/bin/chromium',
  '/usr/lib/chromium/chromium',
  '/usr/bin/google-chrome-stable',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

export function chromiumPath(): string {
  const chosen = process.env['LANDLINE_CHROMIUM'];
  if (chosen !== undefined) return chosen;
  const found = places.find((path) => existsSync(path) && !isSnap(path)) ?? chromium.executablePath();
  if (!existsSync(found)) throw new Error('No Chromium found. `cargo xtask setup` installs one; LANDLINE_CHROMIUM names another.');
  return found;
}

/** A snap cannot be started in a network namespace. */
function isSnap(path: string): boolean {
  const real = realpathSync(path);
  return real.startsWith('/snap/') || real.endsWith('/snap');
}
