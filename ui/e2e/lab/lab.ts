import { writeFileSync } from 'node:fs';

import { test as base, type TestInfo } from '@playwright/test';

import { LabBrowser, type BrowserOptions } from './browser.ts';
import { LabFirefox, firefoxPath } from './firefox.ts';
import { SMALL, type Capture } from './links.ts';
import { LossyCable } from './lossy-cable.ts';
import { Network, namespaces, type Machine } from './network.ts';
import * as node from './node.ts';
import { playwrightDriver } from './page-driver.ts';
import { artifact } from './paths.ts';
import { RoomDriver } from './room-driver.ts';
import { RoomPage } from './room-page.ts';

/** Everything that one test, or one file of tests, starts: machines, nodes, browsers. Ends all of it, whatever happened. */

export interface Person {
  readonly name: string;
  readonly browser: LabBrowser;
  readonly room: RoomPage;
  /** `landline-node ui` of somebody who has the app. */
  readonly node: node.NodeProcess<{ localUrl: string }> | null;
}

/** Somebody in a browser, with no more in reach than every kind of program offers. */
export interface Guest<B> {
  readonly browser: B;
  readonly room: RoomDriver;
}

/** Something else that ends with the lab, and has something to say when a test failed. */
export interface Kept {
  describe(): string | Promise<string>;
  close(): Promise<void>;
}

export class Lab {
  #network: Network | null = null;
  readonly #nodes: node.NodeProcess[] = [];
  readonly #browsers: LabBrowser[] = [];
  readonly #firefoxes: LabFirefox[] = [];
  readonly #cables: LossyCable[] = [];
  readonly #kept: Kept[] = [];

  /** A machine on the test's network. Only where {@link namespaces} are possible. */
  machine(name: string): Machine {
    this.#network ??= new Network();
    return this.#network.machine(name);
  }

  /** Gives a machine, on which nothing runs yet, a cable that can be made bad. */
  async lossyCable(machine: Machine): Promise<LossyCable> {
    const cable = await LossyCable.between(machine, this.network);
    this.#cables.push(cable);
    return cable;
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

  /** Like {@link visitor}, as specs see a participant of any kind. */
  async guest(name: string, machine: Machine, url: string, options: BrowserOptions = {}): Promise<Guest<LabBrowser>> {
    const { browser, room } = await this.visitor(name, machine, url, options);
    return { browser, room: new RoomDriver(name, playwrightDriver(room.page)) };
  }

  /** The same in Firefox. {@link needsFirefox} says whether there is one. */
  async firefox(name: string, machine: Machine, url: string, capture: Capture = SMALL): Promise<Guest<LabFirefox>> {
    const program = firefoxPath();
    if (program === null) throw new Error('there is no Firefox');
    const browser = await LabFirefox.start(machine, program, capture);
    this.#firefoxes.push(browser);
    await browser.goto(url);
    return { browser, room: new RoomDriver(name, browser) };
  }

  keep(thing: Kept): void {
    this.#kept.push(thing);
  }

  /** After a failure: what all programs wrote, and what the pages' links say, in `ui/artifacts`. */
  async explain(info: TestInfo): Promise<void> {
    if (info.status === info.expectedStatus) return;
    const parts = this.#nodes.map((process) => `== node ${String(process.pid)} (${process.configDir})\n${process.log}`);
    for (const browser of this.#browsers) {
      parts.push(`== browser ${String(browser.pid)}\n${browser.log.join('\n')}`, ...(await browser.describePages()));
    }
    parts.push(...this.#firefoxes.map((browser) => `== Firefox ${String(browser.pid)}\n${browser.log.join('')}`));
    parts.push(...(await Promise.all(this.#kept.map((thing) => Promise.resolve(thing.describe()).catch(String)))));
    const name = info.titlePath.slice(1).join(' ').replace(/[^a-z0-9]+/gi, '-').slice(0, 80);
    writeFileSync(artifact(`failed-${name}.log`), parts.join('\n'));
  }

  async close(): Promise<void> {
    this.#network?.wake();
    await Promise.all([...this.#browsers, ...this.#firefoxes, ...this.#kept].map((ending) => ending.close()));
    await Promise.all(this.#nodes.map((process) => process.stop()));
    await Promise.all(this.#cables.map((cable) => cable.close()));
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

/** Skips a test, with the reason, where Firefox is not installed. */
export function needsFirefox(): void {
  test.skip(firefoxPath() === null, 'Firefox is not installed (package firefox-esr)');
}

/** Figures of a run, for people: in the report, and on the console where `cargo xtask test` picks them up. */
export function measured(what: string): void {
  const info = test.info();
  info.annotations.push({ type: 'measured', description: what });
  console.log(`MEASURED: ${info.title}: ${what}`);
}

export { expect } from '@playwright/test';
export { until } from './until.ts';
