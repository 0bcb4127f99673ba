import { writeFileSync } from 'node:fs';

import { test, type Page } from '@playwright/test';

import { until } from '../lab/until.ts';
import { BenchBrowser } from './browsers.ts';
import { median } from './figures.ts';
import { benchOptions } from './options.ts';
import { comeIn, startSide, type Side, type SideName } from './sides.ts';
import { JOIN_STEPS, sinceClick, type JoinTimes } from './steps.ts';
import type { Mark } from './watch.ts';

// From the click on Join, with the camera open, to the first picture of the other one. Landline and the baseline in turn.

/** A person looks at the preview before the click, and the browser has done its first work. */
const LOOKED_MS = 1_000;
const PICTURE_MS = 30_000;

interface Place {
  side: Side;
  member: Page;
  newcomers: BenchBrowser;
  close(): Promise<void>;
}

const options = benchOptions();

test('from the click to the first picture', async () => {
  const places: Place[] = [];
  const times: Record<SideName, JoinTimes[]> = { landline: [], baseline: [] };
  try {
    for (const name of options.sides) places.push(await open(name));
    for (let run = 1; run <= options.runs; run += 1) {
      for (const place of places) {
        const took = await join(place);
        times[place.side.name].push(took);
        console.log(`${place.side.name}, run ${String(run)}: ${String(Math.round(took.newcomer['presented'] ?? NaN))} ms`);
      }
    }
  } finally {
    for (const place of places) await place.close();
  }
  const line = (what: string, read: (took: JoinTimes) => number | undefined): string => {
    const columns = options.sides.map((name) => {
      const values = times[name].flatMap((took) => read(took) ?? []);
      return (values.length === 0 ? '-' : String(Math.round(median(values)))).padStart(10);
    });
    return `${what.padEnd(44)}${columns.join('')}`;
  };
  const lines = JOIN_STEPS.map(({ page, step, name }) => line(`${page}: ${name}`, (took) => took[page][step]));
  console.log(`\n${`ms after the click, median of ${String(options.runs)}`.padEnd(44)}${options.sides.map((name) => name.padStart(10)).join('')}\n${lines.join('\n')}\n`);
  writeFileSync(options.out, `${JSON.stringify({ options, times }, null, 1)}\n`);
});

/** Somebody is in the meeting, and a browser waits for who comes. */
async function open(name: SideName): Promise<Place> {
  const side = await startSide(name, options.baseline);
  const first = await BenchBrowser.start(options.clip);
  const member = await first.open(side.url(0), side.look);
  await comeIn(member, side);
  const newcomers = await BenchBrowser.start(options.clip);
  const close = async (): Promise<void> => {
    await Promise.all([first.close(), newcomers.close()]);
    await side.stop();
  };
  return { side, member, newcomers, close };
}

/** One more comes, and goes again. */
async function join({ side, member, newcomers }: Place): Promise<JoinTimes> {
  const page = await newcomers.open(side.url(1), side.look);
  await side.ready(page);
  await page.waitForTimeout(LOOKED_MS);
  await page.locator(side.look.join).click();
  const [newcomer, there] = await Promise.all([page, member].map((who) => pictured(who)));
  const clicked = newcomer?.find(({ step }) => step === 'clicked')?.at;
  if (!newcomer || !there || clicked === undefined) throw new Error('the click was not seen');
  await page.context().close();
  const tiles = (): Promise<number> => member.evaluate((css) => document.querySelectorAll(css).length, side.look.tiles);
  await until('the newcomer is gone', tiles, (count) => count === 0, PICTURE_MS);
  // Who comes next is a first one again.
  await member.evaluate(() => {
    window.benchTiles?.clear();
    window.benchMarks?.splice(0);
  });
  return { newcomer: sinceClick(newcomer, clicked), member: sinceClick(there, clicked) };
}

/** What happened in a page until it showed the other one. */
function pictured(page: Page): Promise<Mark[]> {
  return until(
    'the first picture',
    () => page.evaluate(() => window.benchMarks ?? []),
    (marks) => marks.some(({ step }) => step === 'presented'),
    PICTURE_MS,
  );
}
