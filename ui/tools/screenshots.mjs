// Shoots every state of the gallery in three sizes and both themes into artifacts/screens/.
//   node tools/screenshots.mjs [--only PART] [--sizes phone,tablet,desktop] [--themes light,dark] [--langs en,zh-CN]
import { mkdir } from 'node:fs/promises';
import { parseArgs } from 'node:util';

import { chromium } from '@playwright/test';
import { createServer } from 'vite';

const SIZES = { phone: [390, 844], tablet: [1024, 768], desktop: [1600, 1000] };
const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    sizes: { type: 'string', default: 'phone,tablet,desktop' },
    themes: { type: 'string', default: 'light,dark' },
    langs: { type: 'string', default: 'en' },
  },
});

const out = new URL('../artifacts/screens/', import.meta.url).pathname;
await mkdir(out, { recursive: true });
const server = await createServer({ configFile: new URL('../gallery/vite.config.ts', import.meta.url).pathname, logLevel: 'error' });
await server.listen();
const origin = server.resolvedUrls?.local[0];
const browser = await chromium.launch({
  executablePath: process.env['LANDLINE_CHROMIUM'] ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-background-networking'],
});
let failures = 0;
try {
  const probe = await browser.newPage();
  await probe.goto(origin);
  await probe.waitForSelector('html[data-ready]');
  const names = (await probe.locator('a').allTextContents()).filter((name) => name.includes(values.only));
  await probe.close();
  for (const sizeName of values.sizes.split(',')) {
    const [width, height] = SIZES[sizeName];
    const context = await browser.newContext({ viewport: { width, height }, hasTouch: sizeName === 'phone' });
    const page = await context.newPage();
    page.on('pageerror', (error) => {
      failures += 1;
      console.error(`${page.url()}: ${error.message}`);
    });
    for (const lang of values.langs.split(',')) {
      for (const theme of values.themes.split(',')) {
        for (const name of names) {
          await page.goto(`${origin}?state=${name}&theme=${theme}&lang=${lang}`);
          await page.waitForSelector('html[data-ready]', { timeout: 8_000 });
          await page.evaluate(() => document.fonts.ready);
          // Motion of panels and tiles ends after 200 ms; the first frames of the streams come with it.
          await page.waitForTimeout(450);
          const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
          if (wide) {
            failures += 1;
            console.error(`${name} ${sizeName} ${lang}: wider than the window`);
          }
          await page.screenshot({ path: `${out}${name}.${sizeName}.${theme}.${lang}.png` });
        }
      }
    }
    await context.close();
  }
} finally {
  await browser.close();
  await server.close();
}
process.exitCode = failures > 0 ? 1 : 0;
