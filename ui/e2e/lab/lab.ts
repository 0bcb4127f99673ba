import { writeFileSync } from 'node:fs';

import { test as base, type TestInfo } from '@playwright/test';

import { LabBrowser, type BrowserOptions } from './browser.ts';
import { Network, namespaces, type Machine } from './network.ts';
import * as node from './node.ts';
import { artifact } from './paths.ts';
import { RoomPage } from './room-page.ts';

/** Everything that one test, or one file of tests, starts: machines, nodes, browsers. Ends all of it, whatever happened. */

export interface Person {
  readonly name: string;
  readonly browser: LabBrowser;
  readonly room: RoomPage;
  /** `landline-node ui` of somebody who has the app. */
  readonly node: node.NodeProcess<{ localUrl: string }> | null;
}

export class Lab {
  #network: Network | null = null;
  readonly #nodes: node.NodeProcess[] = [];
  readonly #browsers: LabBrowser[] = [];

  /** A machine on the test's network. Only where {@link namespaces} are possible. */
  machine(name: string): Machine {
    this.#network ??= new Network();
    return this.#network.machine(name);
  }

  get network(): Network {
    this.#network ??= new Network();
    return this.#network;
  }

  async host(machine: Machine | null, options: node.HostOptions = {}): Promise<node.NodeProcess<node.HostLine>> {
    const process = await node.host(machine, options);
    this.#nodes.push(process);
    return process;
  }

  async ui(machine: Machine | null, configDir?: string): Promise<node.NodeProcess<{ localUrl: string }>> {
    const process = await node.ui(machine, configDir);
    this.#nodes.push(process);
    return process;
  }

  async browser(machine: Machine | null, options: BrowserOptions = {}): Promise<LabBrowser> {
    const browser = await LabBrowser.start(machine, options);
    this.#browsers.push(browser);
    return browser;
  }

  /** Somebody who has the app, in browser mode, at the home screen. */
  async user(name: string, machine: Machine | null, options: BrowserOptions = {}): Promise<Person> {
    const process = await this.ui(machine);
    const person = await this.visitor(name, machine, process.line.localUrl, options);
    return { ...person, node: process };
  }

  /** Somebody who opened an address in a browser. */
  async visitor(name: string, machine: Machine | null, url: string, options: BrowserOptions = {}): Promise<Person> {
    const browser = await this.browser(machine, options);
    const page = await browser.newPage();
    await page.goto(url);
    return { name, browser, room: new RoomPage(page), node: null };
  }

  /** After a failure: what all programs wrote, and what the pages' links say, in `ui/artifacts`. */
  async explain(info: TestInfo): Promise<void> {
    if (info.status === info.expectedStatus) return;
    const parts = this.#nodes.map((process) => `== node ${String(process.pid)} (${process.configDir})\n${process.log}`);
    for (const browser of this.#browsers) {
      parts.push(`== browser ${String(browser.pid)}\n${browser.log.join('\n')}`, ...(await browser.describePages()));
    }
    const name = info.titlePath.slice(1).join(' ').replace(/[^a-z0-9]+/gi, '-').slice(0, 80);
    writeFileSync(artifact(`failed-${name}.log`), parts.join('\n'));
  }

  async close(): Promise<void> {
    await Promise.all(this.#browsers.map((browser) => browser.close()));
    await Promise.all(this.#nodes.map((process) => process.stop()));
    this.#network?.close();
  }
}

/** `test` with a lab of its own. */
export const test = base.extend<{ lab: Lab }>({
  // eslint-disable-next-line no-empty-pattern -- Playwright reads the pattern to know what a fixture needs.
  lab: async ({}, use, info) => {
    const lab = new Lab();
    await use(lab);
    await lab.explain(info);
    await lab.close();
  },
});

/** Skips a file's tests, with the reason, where there can be no networks. */
export function needsNamespaces(): void {
  const answer = namespaces();
  test.skip(!answer.possible, answer.possible ? '' : answer.reason);
}

/** Waits until `read` gives something that passes, and gives it. Unlike a sleep it ends as soon as it can. */
export async function until<T>(what: string, read: () => Promise<T> | T, good: (value: T) => boolean, timeoutMs: number): Promise<T> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    const value = await read();
    if (good(value)) return value;
    if (performance.now() > end) throw new Error(`${what}: not within ${String(timeoutMs)} ms; last: ${JSON.stringify(value)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Figures of a run, for people: in the report, and on the console where `cargo xtask test` picks them up. */
export function measured(what: string): void {
  const info = test.info();
  info.annotations.push({ type: 'measured', description: what });
  console.log(`MEASURED: ${info.title}: ${what}`);
}

export { expect } from '@playwright/test';
