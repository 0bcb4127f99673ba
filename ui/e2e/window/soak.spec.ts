import { writeFileSync } from 'node:fs';

import { Bots } from '../lab/bot.ts';
import { expect, measured, needsNamespaces, test, until, type Lab } from '../lab/lab.ts';
import { memoryOf, processesOn, verdict, type Memory, type Tolerance } from '../lab/memory.ts';
import type { Machine } from '../lab/network.ts';
import { artifact } from '../lab/paths.ts';
import type { RoomDriver } from '../lab/room-driver.ts';
import { openLabWindow, WINDOW_PROGRAMS } from './lab-window.ts';

// Guards: whoever leaves a meeting takes everything along. A host, a participant that only listens and the window stay, a crowd comes
// and goes again and again. `cargo xtask soak` runs it for long.

const MINUTES = Number(process.env['LANDLINE_SOAK_MINUTES'] ?? '1.1');
/** 0 leaves the window out. */
const WITH_WINDOW = process.env['LANDLINE_SOAK_WINDOW'] !== '0';
const CROWD = 4;
/** How long each crowd stays: long enough for pictures of all. */
const STAY_SECONDS = 3;
/** First crowds: code that is loaded, and memory that is kept for reuse. */
const WARM_UP = 2;
const AT_LEAST = 4;
/** Now and then a crowd is killed, and its seats are kept for 30 s; only where there is time for that. */
const KILLED_EVERY = 10;
const KILLED_FROM_MINUTES = 5;
const GONE_MS = 45_000;

const NATIVE: Tolerance = { share: 0.1, kib: 4 * 1024, lateShare: 0.05 };
/** JavaScript and pictures of a web engine, collected when it sees fit. */
const WEB: Tolerance = { share: 0.2, kib: 32 * 1024, lateShare: 0.08 };

interface Sample {
  /** Seconds since the beginning. */
  at: number;
  crowd: number;
  memory: Record<string, Memory>;
}

needsNamespaces();

test('memory after many joins and leaves is where it was', async ({ lab }) => {
  test.setTimeout(MINUTES * 60_000 + 240_000);
  const host = await lab.host(lab.machine('host'), { title: 'Soak' });
  const listener = await Bots.join(lab.machine('listener'), host.line.guestUrl, { name: 'Listener' });
  const [listenerId] = listener.ids;
  if (listenerId === undefined) throw new Error('nobody joined');
  const watched = new Map<string, () => number | null>([
    ['host', () => host.pid],
    ['listener', () => listener.pid],
  ]);
  const window = WITH_WINDOW ? await openWindow(lab, host.line.meetingId, watched) : null;
  const staying = window === null ? 0 : 1;
  const there = (): number => listener.stats.get(listenerId)?.peers.length ?? 0;
  await until('those who stay are there', there, (count) => count === staying, 15_000);

  const samples: Sample[] = [];
  const began = performance.now();
  const sample = (crowd: number): void => {
    const memory: Record<string, Memory> = {};
    for (const [name, pid] of watched) {
      const found = memoryOf(pid() ?? 0);
      if (found) memory[name] = found;
    }
    samples.push({ at: Math.round((performance.now() - began) / 1_000), crowd, memory });
  };
  const machine = lab.machine('crowd');
  for (let round = 1; round <= WARM_UP + AT_LEAST || performance.now() - began < MINUTES * 60_000; round += 1) {
    const bots = await Bots.join(machine, host.line.guestUrl, { count: CROWD });
    await until('pictures of all', () => flowing(listener, listenerId, bots), (count) => count === CROWD, 20_000);
    if (window !== null) for (const id of bots.ids) await window.expectConnectedTo(id);
    await new Promise((resolve) => setTimeout(resolve, STAY_SECONDS * 1_000));
    if (round > WARM_UP) sample(CROWD);
    const killed = MINUTES >= KILLED_FROM_MINUTES && round % KILLED_EVERY === 0;
    if (killed) bots.kill();
    else expect(await bots.stop()).toBe(0);
    await until('the crowd is gone', there, (count) => count === staying, GONE_MS);
    if (window !== null) await forgetClosedLinks(window);
    // What is freed with the last link is freed by now.
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    if (round > WARM_UP) sample(0);
  }
  expect(await listener.stop()).toBe(0);

  const empty = samples.filter(({ crowd }) => crowd === 0);
  const verdicts = [...watched.keys()].map((name) => {
    const own = empty.flatMap(({ memory }) => memory[name]?.anonymous ?? []);
    return { name, samples: own.length, ...verdict(own, name.startsWith('Web') ? WEB : NATIVE) };
  });
  const rounds = empty.length + WARM_UP;
  writeFileSync(artifact('soak.json'), JSON.stringify({ minutes: MINUTES, crowd: CROWD, rounds, verdicts, samples }, null, 1));
  const mib = (kib: number): string => (kib / 1024).toFixed(1);
  measured(`${String(rounds)} crowds of ${String(CROWD)}: ${verdicts.map(({ name, beforeKib, afterKib }) => `${name} ${mib(beforeKib)} → ${mib(afterKib)} MiB`).join(', ')}`);
  for (const one of verdicts) {
    expect(one.samples, `${one.name} lives`).toBe(empty.length);
    expect(one, one.name).toMatchObject({ same: true });
  }
});

/** What watches the page's links for tests holds them, and with them their tracks; no page of ours does. */
function forgetClosedLinks({ page }: RoomDriver): Promise<void> {
  return page.evaluate(() => {
    const links = window.labLinks ?? [];
    for (let index = links.length - 1; index >= 0; index -= 1) if (links[index]?.connectionState === 'closed') links.splice(index, 1);
  });
}

/** The window joins; its processes are watched from now on. */
async function openWindow(lab: Lab, meetingId: string, watched: Map<string, () => number | null>): Promise<RoomDriver> {
  const machine: Machine = lab.machine('wilma');
  const { room } = await openLabWindow(lab, 'Wilma', machine);
  await room.chooseFromList(meetingId);
  await room.join();
  for (const { pid, name } of processesOn(machine, WINDOW_PROGRAMS)) watched.set(name, () => pid);
  return room;
}

/** Of how many of a crowd the listener has pictures. */
function flowing(listener: Bots, listenerId: string, bots: Bots): number {
  return bots.ids.filter((id) => (listener.received(listenerId, id).camera?.frames ?? 0) > 0).length;
}
