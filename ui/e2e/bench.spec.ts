import { gather } from './bench/crowd.ts';
import { measure, meet } from './bench/measure.ts';
import { MESH_ROWS } from './bench/rows.ts';
import { startSide } from './bench/sides.ts';
import { table } from './bench/table.ts';
import { expect, measured, test } from './lab/lab.ts';

// Guards: `cargo xtask bench mesh` measures what is there. Nothing here depends on how fast the machine is: figures are held against
// each other, and against what the pages were asked for.

const SECONDS = 3;
const WARM_UP_MS = 500;

test('a meeting of two is measured: what is shown was encoded, sent, and paid for', async () => {
  const side = await startSide('landline', '');
  const meeting = await meet(side, { people: 2, clip: null, browsers: 'each' });
  try {
    const { figures, tiles, described } = await measure(meeting, SECONDS, WARM_UP_MS);
    measured(`${figures.fpsLeast.toFixed(1)} pictures a second, ${figures.cores.toFixed(2)} cores`);
    expect(tiles).toHaveLength(2);
    expect(described.length).toBeGreaterThan(0);
    expect(figures.shown).toBe(1);
    expect(figures.fpsLeast).toBeGreaterThan(0);
    expect(figures.fpsMost).toBeGreaterThanOrEqual(figures.fpsLeast);
    expect(figures.leastWidth).toBeGreaterThan(figures.leastHeight);
    // Processor time is that of all parts, and an encoder that works takes some.
    const parts = figures.coresRenderer + figures.coresGpu + figures.coresUtility + figures.coresBrowser + figures.coresServer;
    expect(parts).toBeLessThanOrEqual(figures.cores * 1.001);
    expect(parts).toBeGreaterThan(figures.cores * 0.9);
    expect(figures.cpuPerFrame).toBeGreaterThan(0);
    expect(figures.encodedFrames).toBeGreaterThan(0);
    // Pictures of at least the smallest size that a camera is sent in, and of at most its own.
    const pixels = (figures.encodedMegapixels * 1e6) / figures.encodedFrames;
    expect(pixels).toBeGreaterThan(0);
    expect(pixels).toBeLessThanOrEqual(1_280 * 720);
    expect(figures.uplinkVideo).toBeGreaterThan(0);
    expect(figures.audioPackets).toBeGreaterThan(0);
    const lines = table('2 people', [{ name: 'landline', figures }], MESH_ROWS).split('\n');
    expect(lines).toHaveLength(MESH_ROWS.length + 1);
    // In a meeting of real pictures there is a number on every line.
    expect(lines.filter((line) => / -$/.test(line))).toEqual([]);
  } finally {
    await meeting.close();
    await side.stop();
  }
});

test('one browser among bots is measured alone', async () => {
  const meeting = await gather({ bots: 2, clip: null, footage: null });
  try {
    const { figures } = await measure(meeting, SECONDS, WARM_UP_MS);
    expect(figures.shown).toBe(1);
    expect(figures.cores).toBeGreaterThan(0);
    expect(figures.coresServer).toBe(0);
    expect(figures.encodedFrames).toBeGreaterThan(0);
  } finally {
    await meeting.close();
  }
});
