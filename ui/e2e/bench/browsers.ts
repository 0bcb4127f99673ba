import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { chromium, type Browser, type BrowserContext, type Page } from '@playwright/test';

import { wrapper } from '../lab/browser.ts';
import { scratch } from '../lab/paths.ts';
import { watchPage, type Look } from './watch.ts';

/** Chromium as a person has it: a visible window of 1280×720, a clip as the camera, a beep as the microphone. The same for both sides. */

const WINDOW = { width: 1280, height: 720 };

/** Given last, the flag replaces Playwright's own list. */
const disabled = ['HttpsUpgrades', 'HttpsFirstBalancedModeAutoEnable', 'MediaRouter', 'OptimizationHints', 'PaintHolding', 'WebRtcHideLocalIpsWithMdns'];

export class BenchBrowser {
  readonly #browser: Browser;
  readonly #folder: string;
  readonly pid: number;
  readonly errors: string[] = [];

  private constructor(browser: Browser, folder: string) {
    this.#browser = browser;
    this.#folder = folder;
    this.pid = Number(readFileSync(join(folder, 'pid'), 'utf8'));
  }

  /** Null: the picture that Chromium makes up. */
  static async start(clip: string | null): Promise<BenchBrowser> {
    const folder = scratch('bench');
    const browser = await chromium.launch({
      executablePath: wrapper(folder, null),
      args: [
        '--use-fake-device-for-media-stream=fps=30',
        ...(clip === null ? [] : [`--use-file-for-fake-video-capture=${clip}`]),
        '--use-fake-ui-for-media-stream',
        '--allow-loopback-in-peer-connection',
        '--disable-gpu',
        '--autoplay-policy=no-user-gesture-required',
        `--window-size=${String(WINDOW.width)},${String(WINDOW.height)}`,
        `--disable-features=${disabled.join(',')}`,
      ],
    });
    return new BenchBrowser(browser, folder);
  }

  /** Somebody's window, with settings of its own. `stored` is in its localStorage before the page runs. */
  async open(url: string, look: Look, stored: Readonly<Record<string, string>> = {}): Promise<Page> {
    const context = await this.#browser.newContext({ ignoreHTTPSErrors: true, viewport: WINDOW, locale: 'en-US' });
    await this.#prepare(context, look, stored);
    const page = await context.newPage();
    await page.goto(url);
    return page;
  }

  async #prepare(context: BrowserContext, look: Look, stored: Readonly<Record<string, string>>): Promise<void> {
    context.on('weberror', (error) => this.errors.push(String(error.error())));
    await context.addInitScript(watchPage, look);
    await context.addInitScript((items) => {
      for (const [key, value] of Object.entries(items)) localStorage.setItem(key, value);
    }, stored);
  }

  async close(): Promise<void> {
    await this.#browser.close().catch(() => undefined);
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 3 });
  }
}
