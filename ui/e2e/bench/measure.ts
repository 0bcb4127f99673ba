import type { Page } from '@playwright/test';

import { BenchBrowser } from './browsers.ts';
import { figures, type Figures } from './figures.ts';
import { cpuOf, cpuOfMachine } from './processes.ts';
import { readPage, startWindow, type PageReading } from './readings.ts';
import { comeIn, type Side } from './sides.ts';

/** People in one meeting, for as long as it is measured. */

/** Everything adapts to load in the first seconds. */
const WARM_UP_MS = 5_000;
/** Links that are not there by then, with software browsers on two cores, are counted as missing. */
const MEETING_MS = 30_000;
/** Pixels of encoders that change their size are counted at each reading. */
const READ_EVERY_MS = 2_000;

export interface Meeting {
  side: Side;
  pages: readonly Page[];
  /** Programs whose processor time counts. */
  pids: readonly number[];
  /** Pictures that each page ought to show. */
  others: number;
  close(): Promise<void>;
}

export interface Asked {
  people: number;
  clip: string | null;
  browsers: 'each' | 'one';
  stored?: Readonly<Record<string, string>>;
}

/** Everybody comes in, one after the other. */
export async function meet(side: Side, { people, clip, browsers, stored }: Asked): Promise<Meeting> {
  const started: BenchBrowser[] = [];
  const pages: Page[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(started.map((browser) => browser.close()));
  };
  try {
    for (let person = 0; person < people; person += 1) {
      const [first] = started;
      const browser = first !== undefined && browsers === 'one' ? first : await BenchBrowser.start(clip);
      if (browser !== first) started.push(browser);
      const page = await browser.open(side.url(person), side.look, stored);
      await comeIn(page, side);
      pages.push(page);
      // Else the next one's preview waits for the network that this one is still setting up.
      await linked(page, side, person);
    }
    await Promise.all(pages.map((page) => linked(page, side, people - 1)));
  } catch (error) {
    await close();
    throw error;
  }
  return { side, pages, pids: [side.pid, ...started.map(({ pid }) => pid)], others: people - 1, close };
}

/**
 * Waits until a page carries so many links. A machine that is too busy for them is a finding, not a mistake of the measurement, which
 * goes on and counts what is missing.
 */
export async function linked(page: Page, side: Side, links: number): Promise<void> {
  const end = performance.now() + MEETING_MS;
  for (let there = -1; there < links && performance.now() < end; await page.waitForTimeout(100)) there = (await readPage(page, side.look)).links;
}

export interface Measured {
  figures: Figures;
  /** What encoders said at the end, of the first page. */
  described: string[];
  /** Pictures a second at every tile. */
  tiles: { page: number; rate: number; width: number; height: number; longest: number; visible: boolean }[];
}

export async function measure(meeting: Meeting, seconds: number, warmUpMs = WARM_UP_MS): Promise<Measured> {
  const { pages, side } = meeting;
  const [first] = pages;
  if (!first) throw new Error('a meeting without anybody');
  const readAll = (): Promise<PageReading[]> => Promise.all(pages.map((page) => readPage(page, side.look)));
  await first.waitForTimeout(warmUpMs);
  await Promise.all(pages.map(startWindow));
  const before = await readAll();
  const from = { cpu: cpuOf(meeting.pids), machine: cpuOfMachine(), at: performance.now() };
  for (let left = seconds * 1_000; left > 0; left = seconds * 1_000 - (performance.now() - from.at)) {
    await first.waitForTimeout(Math.min(left, READ_EVERY_MS));
    if (left > READ_EVERY_MS) await readAll();
  }
  const to = { cpu: cpuOf(meeting.pids), machine: cpuOfMachine(), at: performance.now() };
  const after = await readAll();
  const readings = before.flatMap((reading, page) => {
    const last = after[page];
    return last ? [{ before: reading, after: last }] : [];
  });
  const tiles = readings.flatMap((page, index) =>
    page.after.tiles.map((tile) => {
      const earlier = page.before.tiles.find(({ id }) => id === tile.id)?.presented ?? 0;
      const rate = ((tile.presented - earlier) / (page.after.at - page.before.at)) * 1_000;
      return { page: index, rate, width: tile.width, height: tile.height, longest: tile.longest, visible: tile.visible };
    }),
  );
  return {
    figures: figures({
      pages: readings,
      cpu: { before: from.cpu, after: to.cpu },
      machine: { before: from.machine, after: to.machine },
      seconds: (to.at - from.at) / 1_000,
      others: meeting.others,
    }),
    described: after[0]?.described ?? [],
    tiles,
  };
}
