import { expect } from '@playwright/test';

import { readGaps, watchGaps, type Gaps } from './gaps.ts';
import { openWindow, pairs } from './flow.ts';
import { measured } from './lab.ts';
import type { Participant } from './members.ts';
import { watchStalls } from './stall.ts';

/** That calls between people go on as before while something happens to somebody else. */

/** What everybody's tiles did before; the measure for what comes. */
const BEFORE_MS = 10_000;
/** A gap that people hardly see. */
const GAP_MS = 250;

function gapsOf(members: readonly Participant[]): Promise<Gaps[]> {
  return Promise.all(members.map(({ room }) => readGaps(room.page)));
}

/** Watches for ten seconds, and then until the returned function is called, which says whether all went on. */
export async function watchSteady(members: readonly Participant[]): Promise<() => Promise<void>> {
  for (const { room } of members) await watchGaps(room.page);
  await gapsOf(members);
  await new Promise((resolve) => setTimeout(resolve, BEFORE_MS));
  const before = await gapsOf(members);
  const ways = pairs(members);
  const windows = await Promise.all(ways.map(([from, to]) => openWindow(from, to)));
  const stalls = watchStalls();
  // Opening the windows took time.
  await gapsOf(members);
  return async () => {
    const after = await gapsOf(members);
    const halted = await stalls();
    const flows = await Promise.all(windows.map((close) => close()));
    for (const [index, [from, to]] of ways.entries()) {
      const place = members.indexOf(to);
      const gap = after[place]?.longest[from.id] ?? Number.POSITIVE_INFINITY;
      const usual = before[place]?.longest[from.id] ?? 0;
      const stall = after[place]?.stall ?? 0;
      const flow = flows[index];
      measured(
        `${from.room.name} → ${to.room.name}: longest gap ${gap.toFixed(0)} ms (${usual.toFixed(0)} before; the page stood still for ${stall.toFixed(0)}, this computer for ${String(halted)}), ` +
          `${String(flow?.decoded)}/${String(flow?.sent)} frames, ${String(flow?.lost)} packets lost`,
      );
      expect(gap, `${from.room.name} → ${to.room.name}: longest gap`).toBeLessThanOrEqual(Math.max(GAP_MS, 2 * usual) + halted);
      expect(flow?.lost, `${from.room.name} → ${to.room.name}: packets lost`).toBe(0);
      expect(flow?.identity, 'the same links').not.toContain('became');
    }
  };
}
