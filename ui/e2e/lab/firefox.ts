import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { BiDi } from './bidi.ts';
import { watchLinks, type Capture } from './links.ts';
import { on, type Machine } from './network.ts';
import type { PageDriver } from './page-driver.ts';
import { scratch } from './paths.ts';

/** A Firefox of its own on one machine, without a window, with a camera and a microphone that Firefox makes up. */

const places = ['/usr/bin/firefox-esr', '/usr/bin/firefox'];

/** Any free one: every machine is a network of its own. */
const PORT = 9222;
const START_MS = 30_000;
const STOP_MS = 5_000;

const preferences: Record<string, boolean | number | string> = {
  'media.navigator.streams.fake': true,
  'media.navigator.permission.disabled': true,
  // Candidates carry addresses, which saves mDNS.
  'media.peerconnection.ice.obfuscate_host_addresses': false,
  // 0: everything may play.
  'media.autoplay.default': 0,
  // No traffic of its own: the machine has nobody to talk to.
  'app.normandy.enabled': false,
  'app.update.auto': false,
  'browser.aboutwelcome.enabled': false,
  'browser.newtabpage.enabled': false,
  'browser.safebrowsing.malware.enabled': false,
  'browser.safebrowsing.phishing.enabled': false,
  'browser.search.update': false,
  'browser.shell.checkDefaultBrowser': false,
  'browser.startup.homepage_override.mstone': 'ignore',
  'browser.startup.page': 0,
  'datareporting.policy.dataSubmissionEnabled': false,
  'extensions.update.enabled': false,
  // The H.264 plug-in would be fetched.
  'media.gmp-manager.updateEnabled': false,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'services.settings.server': 'data:,#remote-settings-dummy/v1',
  'toolkit.telemetry.enabled': false,
  // One process for pages is enough, and starts sooner.
  'dom.ipc.processCount': 1,
  'dom.ipc.processPrelaunch.enabled': false,
};

/** Null, with a message, where Firefox is not installed. */
export function firefoxPath(): string | null {
  const found = process.env['LANDLINE_FIREFOX'] ?? places.find((path) => existsSync(path));
  if (found === undefined) console.warn('SKIPPED: Firefox is not installed (package firefox-esr)');
  return found ?? null;
}

export class LabFirefox implements PageDriver {
  readonly #children: ChildProcess[] = [];
  readonly #folder = scratch('firefox');
  /** What the browser wrote, and its pages to their console. */
  readonly log: string[] = [];
  /** What pages wrote to their console as errors, and errors that nobody caught. */
  readonly errors: string[] = [];
  /** Leads the browser's process group. */
  pid = 0;
  #bidi: BiDi | null = null;
  #context = '';

  static async start(machine: Machine, program: string, capture: Capture): Promise<LabFirefox> {
    const firefox = new LabFirefox();
    try {
      await firefox.#start(machine, program, capture);
      return firefox;
    } catch (error) {
      await firefox.close();
      throw new Error(`no Firefox: ${String(error)}\n${firefox.log.join('')}`, { cause: error });
    }
  }

  async goto(url: string): Promise<void> {
    await this.#send('browsingContext.navigate', { context: this.#context, url, wait: 'complete' });
  }

  async evaluate<R, A>(script: (argument: A) => R | Promise<R>, argument?: A): Promise<R> {
    // As JSON: the protocol's own notation of values would have to be taken apart.
    const result = await this.#call(`async () => JSON.stringify(await (${script.toString()})(${JSON.stringify(argument)}))`);
    const value = result['value'];
    return (typeof value === 'string' ? JSON.parse(value) : undefined) as R;
  }

  async click(css: string): Promise<void> {
    const element = await this.#call(`() => {
      const found = document.querySelector(${JSON.stringify(css)});
      found?.scrollIntoView({ block: 'nearest', behavior: 'instant' });
      return found;
    }`);
    const sharedId = element['sharedId'];
    if (sharedId === undefined) throw new Error(`no element ${css}`);
    await this.#send('input.performActions', {
      context: this.#context,
      actions: [
        {
          type: 'pointer',
          id: 'mouse',
          actions: [
            { type: 'pointerMove', x: 0, y: 0, origin: { type: 'element', element: { sharedId } } },
            { type: 'pointerDown', button: 0 },
            { type: 'pointerUp', button: 0 },
          ],
        },
      ],
    });
  }

  fill(css: string, text: string): Promise<void> {
    return this.evaluate(
      ([selector, value]) => {
        const field = document.querySelector<HTMLInputElement>(selector);
        if (!field) throw new Error(`no field ${selector}`);
        field.value = value;
        field.dispatchEvent(new InputEvent('input', { bubbles: true }));
      },
      [css, text] as const,
    );
  }

  /** As if the machine's power was cut: no goodbye of any kind. */
  kill(): void {
    if (this.pid !== 0) killGroup(this.pid);
  }

  async close(): Promise<void> {
    this.#bidi?.close();
    for (const child of this.#children.reverse()) await end(child);
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }

  async #start(machine: Machine, program: string, capture: Capture): Promise<void> {
    const lines = Object.entries(preferences).map(([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});`);
    writeFileSync(join(this.#folder, 'user.js'), lines.join('\n'));
    const args = ['--headless', '--no-remote', '--profile', this.#folder, `--remote-debugging-port=${PORT}`, 'about:blank'];
    const browser = this.#spawn(machine, program, args);
    this.pid = browser.pid ?? 0;
    const socket = join(this.#folder, 'bidi.sock');
    this.#spawn(machine, process.execPath, [join(import.meta.dirname, 'relay.mjs'), socket, String(PORT)]);
    const bidi = await this.#connect(browser, socket);
    this.#bidi = bidi;
    bidi.onevent = (_, params) => {
      this.log.push(`${String(params['level'])}: ${String(params['text'])}\n`);
      if (params['level'] === 'error') this.errors.push(String(params['text']));
    };
    // The host's certificate is its own; a person passes the browser's warning.
    await bidi.send('session.new', { capabilities: { alwaysMatch: { acceptInsecureCerts: true } } });
    await bidi.send('session.subscribe', { events: ['log.entryAdded'] });
    await bidi.send('script.addPreloadScript', { functionDeclaration: `() => (${watchLinks.toString()})(${JSON.stringify(capture)})` });
    const { contexts } = (await bidi.send('browsingContext.getTree', {})) as { contexts: { context: string }[] };
    this.#context = contexts[0]?.context ?? '';
    await bidi.send('browsingContext.setViewport', { context: this.#context, viewport: { width: 800, height: 520 } });
  }

  async #connect(browser: ChildProcess, socket: string): Promise<BiDi> {
    const deadline = performance.now() + START_MS;
    for (;;) {
      try {
        return await BiDi.connect(socket, PORT);
      } catch (error) {
        if (performance.now() > deadline || browser.exitCode !== null) throw error;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  }

  #spawn(machine: Machine, program: string, args: string[]): ChildProcess {
    const [outer, all] = on(machine, program, args);
    const child = spawn(outer, all, {
      // A group of its own: its helpers end with it.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, HOME: this.#folder, MOZ_CRASHREPORTER_DISABLE: '1', MOZ_DISABLE_CONTENT_SANDBOX: '1' },
    });
    this.#children.push(child);
    child.on('error', (error) => this.log.push(`${String(error)}\n`));
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => this.log.push(text));
    return child;
  }

  #send(method: string, params: object): Promise<Record<string, unknown>> {
    if (!this.#bidi) throw new Error('not started');
    return this.#bidi.send(method, params);
  }

  /** Calls a function in the page; gives the protocol's notation of its result. */
  async #call(functionDeclaration: string): Promise<Record<string, unknown>> {
    const target = { context: this.#context };
    const answer = await this.#send('script.callFunction', { functionDeclaration, awaitPromise: true, target });
    if (answer['type'] === 'exception') throw new Error((answer['exceptionDetails'] as { text: string }).text);
    return answer['result'] as Record<string, unknown>;
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const { pid } = child;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => {
    killGroup(pid);
  }, STOP_MS);
  await ended;
  clearTimeout(timer);
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Ended meanwhile.
  }
}
