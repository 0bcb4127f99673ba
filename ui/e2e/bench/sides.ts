import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import type { Page } from '@playwright/test';

import * as node from '../lab/node.ts';
import { until } from '../lab/until.ts';
import type { Look } from './watch.ts';

/** The two sides of a comparison: what serves a meeting, and how somebody comes in. */

export type SideName = 'landline' | 'baseline';

export interface Side {
  readonly name: SideName;
  readonly look: Look;
  /** The server's process. */
  readonly pid: number;
  /** Where the person with that number opens the page. */
  url(person: number): string;
  /** For bots. Null: there are none for this side. */
  readonly meeting: string | null;
  /** Waits until everything is ready for the click on Join. */
  ready(page: Page): Promise<void>;
  stop(): Promise<void>;
}

/** A page that starts in software on two cores, beside others. */
const READY_MS = 60_000;

export async function comeIn(page: Page, side: Side): Promise<void> {
  await side.ready(page);
  await page.locator(side.look.join).click();
}

export function startSide(name: SideName, baseline: string): Promise<Side> {
  switch (name) {
    case 'landline':
      return landline();
    case 'baseline':
      return mesh(baseline);
  }
}

async function landline(): Promise<Side> {
  const host = await node.host(null, { title: 'Bench', name: 'Hanna', port: 0 });
  return {
    name: 'landline',
    look: { tiles: '[data-testid="tile"][data-self="false"][data-source="camera"]', join: '[data-testid="join-button"]' },
    pid: host.pid,
    // The first one has the app, in browser mode; the others are guests.
    url: (person) => (person === 0 ? host.line.localUrl : host.line.guestUrl),
    meeting: host.line.guestUrl,
    ready: async (page) => {
      const name = page.getByTestId('name-input');
      await page.getByTestId('join-button').waitFor({ timeout: READY_MS });
      await until('the own picture', () => page.evaluate(() => (document.querySelector('video')?.videoWidth ?? 0) > 0), (there) => there, READY_MS);
      if ((await name.count()) > 0 && (await name.inputValue()) === '') await name.fill('Ana');
    },
    stop: async () => {
      await host.stop();
    },
  };
}

async function mesh(folder: string): Promise<Side> {
  const child = spawn(process.execPath, [join(folder, 'server.mjs'), '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const port = await listening(child);
  return {
    name: 'baseline',
    look: { tiles: '#grid video:not(#vself)', join: '#join' },
    pid: child.pid ?? 0,
    url: () => `http://localhost:${port}/?room=bench`,
    meeting: null,
    ready: async (page) => {
      await until('the own picture', () => page.evaluate(() => 'ready' in window && (document.querySelector('video')?.videoWidth ?? 0) > 0), (there) => there, READY_MS);
    },
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** The port of the line `listening PORT`. */
function listening(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    process.once('exit', () => child.kill('SIGKILL'));
    if (!child.stdout) return;
    createInterface({ input: child.stdout }).on('line', (line) => {
      const port = /^listening (\d+)$/.exec(line)?.[1];
      if (port !== undefined) resolve(port);
    });
    child.once('error', reject);
    child.once('exit', (code) => {
      reject(new Error(`the baseline's server ended with ${String(code)}`));
    });
  });
}
