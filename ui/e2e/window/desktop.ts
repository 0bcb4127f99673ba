import { execFileSync, spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readFileSync, readlinkSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

import { on, type Machine } from '../lab/network.ts';
import { artifact, built, scratch } from '../lab/paths.ts';
import { contrasts, picture, type Area } from './framebuffer.ts';
import { WebDriver } from './webdriver.ts';

/**
 * One person's desktop on one machine: a screen (Xvfb), a session bus, a default browser that only writes down what it is
 * asked to open, and a driver that starts the app. All of it ends with {@link Desktop.close}.
 */

/** Any free one: every machine is a network of its own. */
const DRIVER_PORT = 4445;
const SCREEN = '1280x900x24';
const START_MS = 20_000;
const STOP_MS = 5_000;

const running = new Set<Desktop>();

process.once('exit', () => {
  for (const desktop of running) desktop.killNow();
});

/** The app's environment in which its window leaves calls to the browser. */
export const NO_CALLS = { LANDLINE_CALLS_IN_WINDOW: '0' };

export class Desktop {
  readonly machine: Machine;
  /** What the app keeps: settings, certificate, window size. */
  readonly configDir: string;
  readonly #folder: string;
  readonly #opened: string;
  readonly #children: ChildProcess[] = [];
  readonly #log: string[] = [];
  readonly #extra: NodeJS.ProcessEnv;
  #environment: NodeJS.ProcessEnv = {};

  private constructor(machine: Machine, extra: NodeJS.ProcessEnv) {
    this.machine = machine;
    this.#extra = extra;
    this.#folder = scratch('desktop');
    this.configDir = join(this.#folder, 'config');
    this.#opened = join(this.#folder, 'opened');
    running.add(this);
  }

  /** @param extra variables for the programs of this desktop */
  static async start(machine: Machine, extra: NodeJS.ProcessEnv = {}): Promise<Desktop> {
    const desktop = new Desktop(machine, extra);
    try {
      await desktop.#start();
      return desktop;
    } catch (error) {
      await desktop.close();
      throw new Error(`no desktop: ${String(error)}\n${desktop.log}`, { cause: error });
    }
  }

  /** What the programs of this desktop wrote to stderr and stdout. */
  get log(): string {
    return this.#log.join('');
  }

  /** Starts the app with the driver holding its window. */
  launch(): Promise<WebDriver> {
    return WebDriver.open(this.#socket, built('landline'));
  }

  /** Starts the app a second time, as a click on its icon or on a link does. Resolves to its exit code. */
  async launchAgain(...args: string[]): Promise<number | null> {
    const child = this.#spawn(built('landline'), args);
    await once(child, 'exit');
    return child.exitCode;
  }

  /** Asks the app to end, as the session does at log-out. */
  terminateApp(): void {
    for (const pid of pidsOf(this.machine, built('landline'))) process.kill(pid, 'SIGTERM');
  }

  /** As if the machine's power was cut: no goodbye of any kind. */
  killApp(): void {
    for (const pid of pidsOf(this.machine, null)) process.kill(pid, 'SIGKILL');
  }

  /** Whether the app runs. */
  get appRuns(): boolean {
    return pidsOf(this.machine, built('landline')).length > 0;
  }

  /** What the default browser was asked to open so far. */
  openedUrls(): string[] {
    return existsSync(this.#opened) ? readFileSync(this.#opened, 'utf8').split('\n').filter(Boolean) : [];
  }

  /** Keeps a picture of the app's window as `ui/artifacts/window/<name>.png`, once its page has drawn. */
  async keepPicture(window: WebDriver, name: string): Promise<void> {
    const area = await window.runAsync<Area>(`
      await document.fonts.ready;
      await Promise.allSettled(document.getAnimations().map((animation) => animation.effect?.getTiming().iterations === Infinity ? null : animation.finished));
      for (let frame = 0; frame < 3; frame += 1) await new Promise((drawn) => requestAnimationFrame(drawn));
      return { x: screenX, y: screenY, width: innerWidth, height: innerHeight };`);
    mkdirSync(artifact('window'), { recursive: true });
    writeFileSync(artifact(`window/${name}.png`), picture(join(this.#folder, 'run', 'Xvfb_screen0'), area));
  }

  /**
   * Of each element, how far its darkest and its lightest pixel are apart on the screen at this moment, 0 to 255. Looks at
   * the upper part of the inside, where tiles have no writing.
   */
  async contrasts(window: WebDriver, css: string): Promise<number[]> {
    const areas = await window.evaluate((selector: string) => [...document.querySelectorAll(selector)].map((element) => {
      const { x, y, width, height } = element.getBoundingClientRect();
      const inside = { x: x + width * 0.1, y: y + height * 0.1, width: width * 0.8, height: height * 0.6 };
      return { x: Math.round(screenX + inside.x), y: Math.round(screenY + inside.y), width: Math.floor(inside.width), height: Math.floor(inside.height) };
    }), css);
    return contrasts(join(this.#folder, 'run', 'Xvfb_screen0'), areas);
  }

  async close(): Promise<void> {
    running.delete(this);
    for (const child of this.#children.reverse()) await end(child);
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 3 });
  }

  /** At the latest moment, without waiting. */
  killNow(): void {
    for (const child of this.#children) child.kill('SIGKILL');
  }

  get #socket(): string {
    return join(this.#folder, 'driver.sock');
  }

  async #start(): Promise<void> {
    const bin = join(this.#folder, 'bin');
    const home = join(this.#folder, 'home');
    const run = join(this.#folder, 'run');
    for (const folder of [bin, home, run]) mkdirSync(folder, { mode: 0o700 });
    const browser = join(bin, 'xdg-open');
    writeFileSync(browser, `#!/bin/sh\nprintf '%s\\n' "$*" >> '${this.#opened}'\n`);
    chmodSync(browser, 0o755);

    const screen = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', SCREEN, '-fbdir', run, '-nocursor', '-nolisten', 'tcp'], {
      stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    });
    this.#keep(screen);
    const display = await firstLine(screen, screen.stdio[3] as Readable);

    // Abstract sockets belong to a network namespace; a path is seen from all of them.
    const bus = `unix:path=${join(run, 'bus')}`;
    const busDaemon = spawn('dbus-daemon', ['--session', '--nofork', '--nopidfile', '--print-address=1', `--address=${bus}`], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#keep(busDaemon);
    await firstLine(busDaemon, busDaemon.stdout);

    this.#environment = {
      PATH: `${bin}:${process.env['PATH'] ?? '/usr/bin:/bin'}`,
      LANG: process.env['LANG'] ?? 'C.UTF-8',
      RUST_LOG: process.env['RUST_LOG'] ?? 'info',
      HOME: home,
      XDG_RUNTIME_DIR: run,
      DISPLAY: `:${display}`,
      GDK_BACKEND: 'x11',
      DBUS_SESSION_BUS_ADDRESS: bus,
      LANDLINE_CONFIG_DIR: this.configDir,
      LANDLINE_MOCK_DEVICES: '1',
      TAURI_WEBVIEW_AUTOMATION: 'true',
      NO_AT_BRIDGE: '1',
      LIBGL_ALWAYS_SOFTWARE: '1',
      WEBKIT_DISABLE_DMABUF_RENDERER: '1',
      // WebKit's sandbox cannot be set up by root, which network namespaces need.
      ...(process.getuid?.() === 0 ? { WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: '1' } : {}),
      ...this.#extra,
    };
    this.#spawn('WebKitWebDriver', [`--port=${String(DRIVER_PORT)}`]);
    this.#spawn(process.execPath, [join(import.meta.dirname, '../lab/relay.mjs'), this.#socket, String(DRIVER_PORT)]);
    const deadline = performance.now() + START_MS;
    while (!(await WebDriver.ready(this.#socket))) {
      if (performance.now() > deadline) throw new Error('the driver does not answer');
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Runs a program on the machine, with this desktop's environment. */
  #spawn(program: string, args: string[]): ChildProcess {
    const [outer, all] = on(this.machine, program, args);
    const stdio: StdioOptions = ['ignore', 'pipe', 'pipe'];
    const child = spawn(outer, all, { env: this.#environment, stdio });
    this.#keep(child);
    return child;
  }

  #keep(child: ChildProcess): void {
    this.#children.push(child);
    child.on('error', (error) => this.#log.push(`${String(error)}\n`));
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => this.#log.push(text));
    }
  }
}

/** Processes on a machine that run this program, or any. */
function pidsOf(machine: Machine, program: string | null): number[] {
  const file = program === null ? null : realpathSync(program);
  const pids = execFileSync('ip', ['netns', 'pids', machine.namespace], { encoding: 'utf8' }).split('\n').filter(Boolean);
  return pids.map(Number).filter((pid) => {
    try {
      return file === null || readlinkSync(`/proc/${String(pid)}/exe`) === file;
    } catch {
      // Ended meanwhile.
      return false;
    }
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  await ended;
  clearTimeout(timer);
}

function firstLine(child: ChildProcess, stream: Readable): Promise<string> {
  return new Promise((resolve, reject) => {
    createInterface({ input: stream }).once('line', (line) => {
      resolve(line.trim());
    });
    child.once('error', reject);
    child.once('exit', () => {
      reject(new Error(`${child.spawnfile} ended before it was ready`));
    });
  });
}
