import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { expect, measured, needsNamespaces, test } from './lab/lab.ts';
import { on, type Machine } from './lab/network.ts';
import { PERFECT } from './lab/lossy-cable.ts';

// Guards: the instrument. What tests say about loss and delay is worth as much as the cable that makes them.

const PORT = 4000;
const COUNT = 500;
const DELAY_MS = 15;
const LOSS = 0.05;
/** How late the cable may deliver at the median, both ways together. */
const LATE_MS = 3;
const KBITS = 1_000;

needsNamespaces();

const script = join(import.meta.dirname, 'lab/udp-echo.mjs');

async function roundTrips(from: Machine, to: Machine): Promise<(number | null)[]> {
  const [program, args] = on(from, process.execPath, [script, String(PORT), to.address, String(COUNT)]);
  const { stdout } = await promisify(execFile)(program, args);
  return JSON.parse(stdout) as (number | null)[];
}

test('a lossy cable delays by what it is told, loses its share, the same packets for the same seed, and is as narrow as told', async ({ lab }) => {
  const [near, far] = [lab.machine('near'), lab.machine('far')];
  const cable = await lab.lossyCable(near);
  const [program, args] = on(far, process.execPath, [script, String(PORT)]);
  const echo = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    await once(echo.stdout, 'data');
    // Both know each other's hardware address from here on.
    expect((await roundTrips(near, far)).filter((trip) => trip === null)).toHaveLength(0);

    const impairment = { ...PERFECT, seed: 7, delayMs: DELAY_MS, loss: LOSS };
    await cable.set(impairment);
    const first = await roundTrips(near, far);
    const counters = await cable.set(impairment);
    const second = await roundTrips(near, far);
    const trips = first.filter((trip) => trip !== null).sort((a, b) => a - b);
    const [median, worst] = [trips[trips.length >> 1] ?? 0, trips[Math.floor(trips.length * 0.95)] ?? 0];
    measured(`round trip median ${median.toFixed(1)} ms, p95 ${worst.toFixed(1)} ms; lost ${String(counters.out.lost)} out, ${String(counters.in.lost)} in of ${COUNT}`);
    expect(trips[0]).toBeGreaterThanOrEqual(2 * DELAY_MS);
    expect(median).toBeLessThan(2 * DELAY_MS + LATE_MS);
    expect(counters.out.lost).toBeGreaterThan(0.5 * LOSS * COUNT);
    expect(counters.out.lost).toBeLessThan(2 * LOSS * COUNT);
    const lost = (all: (number | null)[]): number[] => all.flatMap((trip, index) => (trip === null ? [index] : []));
    expect(lost(second)).toEqual(lost(first));

    // 1,000 bytes every 4 ms are twice what fits.
    await cable.set({ ...PERFECT, kbits: KBITS });
    await roundTrips(near, far);
    const { out } = await cable.set(PERFECT);
    expect(out.squeezed).toBeGreaterThan(0.3 * COUNT);
    expect(out.squeezed).toBeLessThan(0.7 * COUNT);
  } finally {
    echo.kill();
  }
});
