import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

import type { Figures } from './bench/figures.ts';
import type { BenchOptions } from './bench/options.ts';
import { MESH_ROWS } from './bench/rows.ts';
import { expect, measured, test } from './lab/lab.ts';
import { repository, scratch } from './lab/paths.ts';

// Guards: what `cargo xtask bench mesh` measures is there, and is printed and written down. Nothing here depends on how fast the machine
// is: figures are held against each other, and against what there is to see.

const ONCE: BenchOptions = {
  people: [2],
  bots: [2],
  encoders: false,
  seconds: 3,
  runs: 1,
  clip: null,
  footage: null,
  browsers: 'each',
  sides: ['landline'],
  baseline: '',
  out: '',
};

interface Written {
  results: { title: string; cases: { name: string; median: Figures }[] }[];
}

/** The measurement as xtask starts it: Playwright, in a process of its own. */
async function bench(options: BenchOptions): Promise<string> {
  const cli = join(dirname(createRequire(import.meta.url).resolve('@playwright/test/package.json')), 'cli.js');
  const args = [cli, 'test', '--config', 'e2e/bench/playwright.config.ts', 'e2e/bench/mesh.bench.ts'];
  // Of the run that this test is part of.
  const own = Object.entries(process.env).filter(([name]) => !/^(TEST_|PW|PLAYWRIGHT)/.test(name));
  const env = { ...Object.fromEntries(own), LANDLINE_BENCH: JSON.stringify(options) };
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: join(repository, 'ui'), env });
  return stdout;
}

test('a meeting of two and a browser among bots are measured, printed and written down', async () => {
  const out = join(scratch('bench'), 'mesh.json');
  const printed = await bench({ ...ONCE, out });
  const { results } = JSON.parse(readFileSync(out, 'utf8')) as Written;
  expect(results.map(({ title }) => title)).toEqual(['2 people', 'one browser, 2 bots']);
  for (const { title, cases } of results) {
    expect(cases.map(({ name }) => name)).toEqual(['landline']);
    const figures = cases[0]?.median;
    if (figures === undefined) throw new Error('unreachable: there is one');
    measured(`${title}: ${figures.fpsLeast.toFixed(1)} pictures a second, ${figures.cores.toFixed(2)} cores`);
    expect(figures.linked, 'everybody has a link to everybody').toBe(1);
    expect(figures.shown, 'every tile is seen').toBe(1);
    expect(figures.fpsLeast).toBeGreaterThan(0);
    expect(figures.fpsMost).toBeGreaterThanOrEqual(figures.fpsLeast);
    expect(figures.leastWidth).toBeGreaterThan(figures.leastHeight);
    expect(figures.mostHeight).toBeGreaterThanOrEqual(figures.leastHeight);
    // Processor time is that of all parts.
    const parts = figures.coresRenderer + figures.coresGpu + figures.coresUtility + figures.coresBrowser + figures.coresServer;
    expect(parts).toBeGreaterThan(0);
    expect(parts / figures.cores).toBeGreaterThan(0.9);
    expect(parts / figures.cores).toBeLessThan(1.001);
    expect(figures.cpuPerFrame).toBeGreaterThan(0);
    const pixels = (figures.encodedMegapixels * 1e6) / figures.encodedFrames;
    expect(pixels).toBeGreaterThan(0);
    expect(pixels).toBeLessThanOrEqual(1_280 * 720);
    expect(figures.uplinkVideo).toBeGreaterThan(0);
    expect(figures.audioPackets).toBeGreaterThan(0);
    expect(printed).toContain(`\n${title}: 3 s, median of 1`);
  }
  // A meeting of people has its server in it, one browser among bots is measured alone.
  expect(results[1]?.cases[0]?.median.coresServer).toBe(0);
  for (const { name } of MESH_ROWS) expect(printed).toContain(`\n${name}`);
});
