import { readdirSync, readFileSync } from 'node:fs';

import { memoryOf } from '../memory.ts';
import type { NodeProcess } from '../node.ts';
import { until } from '../until.ts';
import type { EnduranceMeeting } from './meeting.ts';

/** What programs hold, seen from outside, and whether it is what it was. */

export type Figure = keyof typeof ALLOWED;

/** How far a figure may lie above what it was with the same people in the same part: a share of it, and so many. */
interface Allowed {
  share: number;
  more: number;
}

/** Figures of nodes and pages, by name. Nodes' memory in KiB, a page's in bytes. */
export const ALLOWED = {
  /** What allocators keep for reuse, and stacks of threads that wait for blocking work. As in the soak of one host. */
  'node memory': { share: 0.1, more: 4 * 1024 },
  /** tokio keeps a thread for blocking work for 10 s after it, and files and names are such work. */
  'node threads': { share: 0, more: 4 },
  /** A browser keeps a connection on which it fetched something for a while. */
  'node files': { share: 0, more: 4 },
  /** A connection has one or two tasks, and browsers keep connections that they do not use. */
  'node tasks': { share: 0, more: 4 },
  /** After a collection; compiled code comes and goes, and chat lines stay. */
  'page heap': { share: 0.25, more: 2 * 1024 * 1024 },
  /** Each share, and each opening of a panel, was seen to leave four; a round has some of them. A run of hours shows the sum. */
  'page listeners': { share: 0, more: 64 },
  /** Lines of what was announced; views that were left and that the engine keeps until the next ones. */
  'page nodes': { share: 0.25, more: 400 },
  'page intervals': { share: 0, more: 1 },
  /** Objects, the closed ones that nobody has collected included. */
  'page connections': { share: 0, more: 1 },
  'page sound nodes': { share: 0, more: 8 },
} as const satisfies Record<string, Allowed>;

/** One process at one quiet moment. */
interface Seen {
  /** The process, and its part: a host holds more than a member. */
  who: string;
  figures: Partial<Record<Figure, number>>;
}

/** How long what ends late may take: threads, connections that are kept for reuse, what a collection frees in several steps. */
const SETTLES_MS = 25_000;
const LOOK_EVERY_MS = 1_000;
const TOLD_MS = 5_000;

export class Figures {
  readonly #seen = new Map<string, Seen['figures'][]>();

  /** Looks at all programs, until they hold no more than they did, or for a limited time. */
  async look(meeting: EnduranceMeeting): Promise<void> {
    const end = performance.now() + SETTLES_MS;
    for (;;) {
      const now = await allOf(meeting);
      const settled = now.every(({ who, figures }) => {
        const before = this.#seen.get(who)?.[0];
        return before === undefined || names(figures).every((name) => isSame(name, before[name] ?? 0, figures[name] ?? 0));
      });
      if (settled || performance.now() > end) {
        for (const { who, figures } of now) this.#seen.set(who, [...(this.#seen.get(who) ?? []), figures]);
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  }

  /** One line for each figure of each program that was seen twice, and whether all are where they were. */
  verdict(): { table: string; compared: number; grown: string[] } {
    const lines: string[] = [];
    const grown: string[] = [];
    for (const [who, seen] of [...this.#seen].filter(([, samples]) => samples.length > 1).sort(([a], [b]) => a.localeCompare(b))) {
      for (const name of names(seen[0] ?? {})) {
        const values = seen.map((figures) => figures[name] ?? 0);
        const [before, after] = [ofFirst(values), ofLast(values)];
        const line = `${who.padEnd(24)} ${name.padEnd(18)} ${String(before).padStart(9)} → ${String(after).padStart(9)}  up to ${String(limit(name, before)).padStart(9)}  (seen ${String(values.length)} times)`;
        lines.push(line);
        if (!isSame(name, before, after)) grown.push(line);
      }
    }
    return { table: lines.join('\n'), compared: lines.length, grown };
  }
}

function limit(name: Figure, before: number): number {
  const { share, more } = ALLOWED[name];
  return Math.round(before + Math.max(before * share, more));
}

function isSame(name: Figure, before: number, after: number): boolean {
  return after <= limit(name, before);
}

function names(figures: Seen['figures']): Figure[] {
  return (Object.keys(ALLOWED) as Figure[]).filter((name) => figures[name] !== undefined);
}

/** The middle one of the first, or last, quarter. */
function ofFirst(values: readonly number[]): number {
  return middle(values.slice(0, Math.max(1, Math.floor(values.length / 4))));
}

function ofLast(values: readonly number[]): number {
  return middle(values.slice(-Math.max(1, Math.floor(values.length / 4))));
}

function middle(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? 0;
}

async function allOf(meeting: EnduranceMeeting): Promise<Seen[]> {
  const seen: Seen[] = [];
  for (const { name, node, browser, person } of meeting.people) {
    const part = meeting.host === name ? 'host' : 'member';
    if (node) seen.push({ who: `${name}'s node ${String(node.pid)}, ${part}`, figures: await ofNode(node) });
    if (browser && person) seen.push({ who: `${name}'s page ${String(browser.pid)}`, figures: await ofPage(person.room.page) });
  }
  return seen;
}

async function ofNode(node: NodeProcess): Promise<Seen['figures']> {
  const proc = `/proc/${String(node.pid)}`;
  const status = readFileSync(`${proc}/status`, 'utf8');
  return {
    'node memory': memoryOf(node.pid)?.anonymous ?? 0,
    'node threads': Number(/^Threads:\s+(\d+)/m.exec(status)?.[1] ?? 0),
    'node files': readdirSync(`${proc}/fd`).length,
    'node tasks': await tasksOf(node),
  };
}

/** Asks the program itself (SIGUSR1), which answers on standard error. */
async function tasksOf(node: NodeProcess): Promise<number> {
  const told = (): number[] => [...node.log.matchAll(/^landline-node: (\d+) tasks$/gm)].map((match) => Number(match[1]));
  const before = told().length;
  process.kill(node.pid, 'SIGUSR1');
  const all = await until('a node says how many tasks it has', told, ({ length }) => length > before, TOLD_MS);
  return all.at(-1) ?? 0;
}

type PlaywrightPage = NonNullable<EnduranceMeeting['people'][number]['person']>['room']['page'];

async function ofPage(page: PlaywrightPage): Promise<Seen['figures']> {
  // What watches the page's links for tests holds them, and with them their tracks; no page of ours does.
  await page.evaluate(() => {
    for (const links of [window.labLinks ?? [], window.labLoopbacks ?? []]) {
      for (let index = links.length - 1; index >= 0; index -= 1) if (links[index]?.signalingState === 'closed') links.splice(index, 1);
    }
  });
  const session = await page.context().newCDPSession(page);
  try {
    // What is freed in one collection may hold what the next one frees.
    await session.send('HeapProfiler.collectGarbage');
    await session.send('HeapProfiler.collectGarbage');
    await session.send('Performance.enable');
    const { metrics } = await session.send('Performance.getMetrics');
    const metric = (name: string): number => metrics.find((one) => one.name === name)?.value ?? Number.NaN;
    return {
      'page heap': metric('JSHeapUsedSize'),
      'page listeners': metric('JSEventListeners'),
      'page nodes': metric('Nodes'),
      'page intervals': await page.evaluate(() => window.labIntervals?.() ?? Number.NaN),
      'page connections': metric('RTCPeerConnections'),
      'page sound nodes': metric('AudioHandlers'),
    };
  } finally {
    await session.detach();
  }
}
