import { writeFileSync } from 'node:fs';

import { test } from '@playwright/test';

import { gather } from './crowd.ts';
import { medians, type Figures } from './figures.ts';
import { measure, meet, type Measured, type Meeting } from './measure.ts';
import { benchOptions } from './options.ts';
import { ENCODER_ROWS, MESH_ROWS } from './rows.ts';
import { startSide, type SideName } from './sides.ts';
import { table, type Row } from './table.ts';

// Real browsers in meetings of each size, Landline and the baseline in turn, so that whatever else the machine does meets both. Then one
// browser among bots, and what it costs to encode for one and for many.

/** Measured in turn, run after run. */
interface Case {
  name: string;
  /** The meeting, and whatever serves it. */
  open: () => Promise<Meeting>;
}

interface Result {
  title: string;
  cases: { name: string; median: Figures; runs: Measured[] }[];
}

/** As many links as there are in a meeting of twelve; one face is large there. */
const MANY = 11;
/** Longer than a measurement: the others say nothing meanwhile. */
const SPEAKS_S = 120;
/** How a person chooses it; read by the page before it makes its first link. */
const ENCODER = 'landline.encoder';

const options = benchOptions();
const { clip, footage, browsers, baseline } = options;
const results: Result[] = [];

async function measureAll(title: string, cases: readonly Case[], rows: readonly Row<Figures>[]): Promise<void> {
  const measured = cases.map(({ name }) => ({ name, runs: [] as Measured[] }));
  for (let run = 1; run <= options.runs; run += 1) {
    for (const [index, { name, open }] of cases.entries()) {
      const meeting = await open();
      try {
        const result = await measure(meeting, options.seconds);
        measured[index]?.runs.push(result);
        const { fpsLeast, fpsMedian, cores, freezes, coresOthers } = result.figures;
        console.log(`${title}, ${name}, run ${String(run)}: ${fpsLeast.toFixed(1)} to ${fpsMedian.toFixed(1)} pictures a second, ${String(freezes)} freezes, ${cores.toFixed(2)} cores (others ${coresOthers.toFixed(2)})`);
      } finally {
        await meeting.close();
      }
    }
  }
  const result: Result = { title, cases: measured.map(({ name, runs }) => ({ name, median: medians(runs.map(({ figures }) => figures)), runs })) };
  results.push(result);
  const columns = result.cases.map(({ name, median }) => ({ name, figures: median }));
  console.log(`\n${table(`${title}: ${String(options.seconds)} s, median of ${String(options.runs)}`, columns, rows)}\n`);
  // After each: who interrupts keeps what there is.
  writeFileSync(options.out, `${JSON.stringify({ options, results }, null, 1)}\n`);
}

async function people(name: SideName, count: number): Promise<Meeting> {
  const side = await startSide(name, baseline);
  try {
    const meeting = await meet(side, { people: count, clip, browsers });
    return {
      ...meeting,
      close: async () => {
        await meeting.close();
        await side.stop();
      },
    };
  } catch (error) {
    await side.stop();
    throw error;
  }
}

for (const count of options.people) {
  test(`${String(count)} people`, async () => {
    const cases = options.sides.map((name): Case => ({ name, open: () => people(name, count) }));
    await measureAll(`${String(count)} people`, cases, MESH_ROWS);
  });
}

for (const count of options.bots) {
  test(`one browser among ${String(count)} bots`, async () => {
    await measureAll(`one browser, ${String(count)} bots`, [{ name: 'landline', open: () => gather({ bots: count, clip, footage }) }], MESH_ROWS);
  });
}

// Where one face is large, it is that of whoever speaks.
for (const count of options.bots.filter((bots) => bots >= MANY)) {
  test(`one browser among ${String(count)} bots of whom one speaks`, async () => {
    await measureAll(`one browser, ${String(count)} bots of whom one speaks`, [{ name: 'landline', open: () => gather({ bots: count, clip, footage, speak: SPEAKS_S }) }], MESH_ROWS);
  });
}

if (options.encoders) {
  test('encoding for one and for many', async () => {
    const cases = ['shared', 'own'].flatMap((encoder) =>
      [MANY, 1].map((bots): Case => ({ name: `${encoder} ${String(bots)}`, open: () => gather({ bots, clip, footage, stored: { [ENCODER]: encoder } }) })),
    );
    await measureAll('encoding for links', cases, ENCODER_ROWS);
    for (const encoder of ['shared', 'own']) {
      const of = (bots: number): Figures | undefined => results.at(-1)?.cases.find(({ name }) => name === `${encoder} ${String(bots)}`)?.median;
      const [many, one] = [of(MANY), of(1)];
      if (many && one) console.log(`${encoder}: ${(many.encodePerSecond / one.encodePerSecond).toFixed(2)} times the encoder time and ${(many.encodedMegapixels / one.encodedMegapixels).toFixed(2)} times the pixels for ${String(MANY)} links`);
    }
  });
}
