import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { chromium, type Browser, type BrowserContext, type Page } from '@playwright/test';

import { BarePage } from './bare-page.ts';
import { chromiumPath } from './chromium.ts';
import { showClock } from './clock.ts';
import { describeLinks, SMALL, watchLinks, type Capture } from './links.ts';
import { on, type Machine } from './network.ts';
import { playwrightDriver } from './page-driver.ts';
import { scratch } from './paths.ts';

/** A Chromium of its own on one machine, with a camera and a microphone that Chromium makes up. */

export interface BrowserOptions {
  /** Chromium's default: addresses of candidates are hidden behind names under `.local`. Off in most tests, which then need no mDNS. */
  hideAddresses?: boolean;
  /** Answer to the question for camera and microphone. */
  devices?: 'allowed' | 'denied';
  /** What the camera gives. {@link SMALL} unless told otherwise. */
  capture?: Capture;
  /** What the camera shows: a clip in YUV4MPEG2. */
  film?: string;
  /** The camera shows the time. */
  clock?: boolean;
  /** So large is the page: what is asked for is as large as its tiles. Small unless told otherwise. */
  viewport?: { width: number; height: number };
  /** Run in the page before anything else. */
  before?: () => void;
}

/** Given last, a flag replaces an earlier one: these are what Playwright turns off and we rely on. */
const disabled = ['HttpsUpgrades', 'HttpsFirstBalancedModeAutoEnable', 'MediaRouter', 'OptimizationHints', 'PaintHolding'];

export class LabBrowser {
  readonly #browser: Browser;
  readonly #context: BrowserContext;
  readonly #folder: string;
  /** Of the browser's own process, which leads its group. */
  readonly pid: number;
  /** What pages wrote to their console as errors, and errors that nobody caught. */
  readonly errors: string[] = [];
  /** Everything that pages wrote to their console. */
  readonly log: string[] = [];

  private constructor(browser: Browser, context: BrowserContext, folder: string, pid: number) {
    this.#browser = browser;
    this.#context = context;
    this.#folder = folder;
    this.pid = pid;
    context.on('console', (message) => {
      this.log.push(`${new Date().toISOString()} ${message.type()}: ${message.text()}`);
      if (message.type() === 'error') this.errors.push(message.text());
    });
    context.on('weberror', (error) => this.errors.push(String(error.error())));
  }

  static async start(machine: Machine | null, options: BrowserOptions = {}): Promise<LabBrowser> {
    const folder = scratch('browser');
    const allowed = options.devices !== 'denied';
    const capture = options.capture ?? SMALL;
    const hidden = options.hideAddresses === true ? [] : ['WebRtcHideLocalIpsWithMdns'];
    const browser = await chromium.launch({
      executablePath: wrapper(folder, machine),
      args: [
        `--use-fake-device-for-media-stream=fps=${String(capture.framesPerSecond)}`,
        ...(options.film === undefined ? [] : [`--use-file-for-fake-video-capture=${options.film}`]),
        // Answers every question for devices and screens with yes.
        ...(allowed ? ['--use-fake-ui-for-media-stream'] : ['--deny-permission-prompts']),
        ...(options.hideAddresses === true ? [] : ['--allow-loopback-in-peer-connection']),
        // Drawn by the processor either way; this way it does so once.
        '--disable-gpu',
        '--autoplay-policy=no-user-gesture-required',
        `--disable-features=${[...disabled, ...hidden].join(',')}`,
      ],
    });
    const context = await browser.newContext({
      // The host's certificate is its own; a person passes the browser's warning.
      ignoreHTTPSErrors: true,
      // Small, so that drawing takes little from the calls.
      viewport: options.viewport ?? { width: 800, height: 520 },
      locale: 'en-US',
      ...(allowed ? {} : { permissions: [] }),
    });
    await context.addInitScript(watchLinks, capture);
    if (options.clock === true) await context.addInitScript(showClock, capture);
    if (options.before) await context.addInitScript(options.before);
    const pid = Number(readFileSync(join(folder, 'pid'), 'utf8'));
    return new LabBrowser(browser, context, folder, pid);
  }

  /** A page of which the browser itself knows whether somebody sees it. Sees no permission and no option but the browser's. */
  barePage(url: string): Promise<BarePage> {
    return BarePage.open(this.#browser, url, SMALL);
  }

  newPage(): Promise<Page> {
    return this.#context.newPage();
  }

  /** What the links of each page say of themselves, without the addresses of anybody. */
  async describePages(): Promise<string[]> {
    const pages = this.#context.pages().map(async (page) => `-- ${await page.title()}\n${await describeLinks(playwrightDriver(page))}`);
    return Promise.all(pages.map((text) => text.catch((error: unknown) => `-- ${String(error)}`)));
  }

  /** As if the machine's power was cut: no goodbye of any kind. */
  kill(): void {
    process.kill(process.platform === 'win32' ? this.pid : -this.pid, 'SIGKILL');
  }

  async close(): Promise<void> {
    await this.#browser.close().catch(() => undefined);
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** A program for Playwright to start: Chromium on that machine, with its pid written down. */
export function wrapper(folder: string, machine: Machine | null): string {
  const program = chromiumPath();
  // Playwright must start it itself: it talks over two more file descriptors, which every step of this passes on.
  if (process.platform === 'win32') {
    writeFileSync(join(folder, 'pid'), '0');
    return program;
  }
  const [first, args] = on(machine, program, []);
  const words = [first, ...args].map((word) => `'${word}'`).join(' ');
  const script = join(folder, 'chromium');
  writeFileSync(script, `#!/bin/sh\necho $$ >'${join(folder, 'pid')}'\nexec ${words} "$@"\n`);
  chmodSync(script, 0o755);
  return script;
}
