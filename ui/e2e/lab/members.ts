import { expect } from '@playwright/test';

import { openWindow, pairs, type Flow, type Member } from './flow.ts';
import { measured } from './lab.ts';
import type { RoomDriver } from './room-driver.ts';
import { until } from './until.ts';

/** What specs about calls say of everybody in a room. */

export type Participant = Member<RoomDriver>;

/** Several pictures are drawn in software on two cores. */
const FIRST_FRAMES = 10;
const FIRST_FRAMES_MS = 20_000;
/** As many are measured before a call is called bad. */
const SPANS = 4;
/** A tile that shows nothing new for so long is stuck. */
const STUCK_MS = 5_000;

export function membersOf(rooms: readonly RoomDriver[]): Promise<Participant[]> {
  return Promise.all(rooms.map(async (room) => ({ room, id: await room.ownId() })));
}

/** Waits until everybody is connected to everybody, and sees pictures. */
export async function expectTogether(members: readonly Participant[]): Promise<void> {
  for (const [from, to] of pairs(members)) await to.room.expectConnectedTo(from.id);
  await Promise.all(
    pairs(members).map(([from, to]) =>
      until(
        `${to.room.name} sees ${from.room.name}`,
        async () => (await to.room.sees(from.id))?.framesDecoded ?? 0,
        (frames) => frames >= FIRST_FRAMES,
        FIRST_FRAMES_MS,
      ),
    ),
  );
}

export interface Way {
  from: Participant;
  to: Participant;
  flow: Flow;
}

/** What goes from everybody to everybody in so long a time. The time is the measure. */
export async function measureFlows(members: readonly Participant[], durationMs: number): Promise<Way[]> {
  const ways = pairs(members);
  const windows = await Promise.all(ways.map(([from, to]) => openWindow(from, to)));
  await new Promise((resolve) => setTimeout(resolve, durationMs));
  const flows = await Promise.all(windows.map((close) => close()));
  return ways.flatMap(([from, to], index) => {
    const flow = flows[index];
    return flow ? [{ from, to, flow }] : [];
  });
}

/**
 * What was measured in the first span in which it was good. Others work on the same computer and spoil one now and then; what is
 * wrong with a call spoils all. Gives the last of a few if none was good.
 */
export async function firstGoodSpan<T>(measure: () => Promise<T>, good: (result: T) => boolean): Promise<T> {
  for (let span = 1; ; span += 1) {
    const result = await measure();
    if (span === SPANS || good(result)) return result;
  }
}

/** What goes from everybody to everybody in the first span of so long a time in which all of it was good. */
export function firstGoodFlows(members: readonly Participant[], durationMs: number, good: (flow: Flow) => boolean): Promise<Way[]> {
  return firstGoodSpan(
    async () => {
      const ways = await measureFlows(members, durationMs);
      for (const way of ways) measured(describeWay(way));
      return ways;
    },
    (ways) => ways.every(({ flow }) => good(flow)),
  );
}

export function describeWay({ from, to, flow }: Way): string {
  const rate = (flow.decoded / flow.seconds).toFixed(1);
  const concealed = flow.samples === 0 ? '-' : ((100 * flow.concealed) / flow.samples).toFixed(2);
  return `${from.room.name} → ${to.room.name}: ${flow.decoded}/${flow.sent} frames, ${rate} fps, ${concealed} % of the sound made up`;
}

/** Nobody's tile is stuck: every link is connected, and every picture and sound moves on. */
export async function expectNoStuckTile(members: readonly Participant[], kinds: readonly ('audio' | 'video')[] = ['audio', 'video']): Promise<void> {
  for (const [from, to] of pairs(members)) {
    await to.room.expectConnectedTo(from.id);
    for (const kind of kinds) {
      const progress = async (): Promise<number> => {
        return kind === 'video' ? ((await to.room.sees(from.id))?.framesDecoded ?? -1) : ((await to.room.hears(from.id)) ?? -1);
      };
      // From one reading to the next: Chromium makes streams anew when an offer of its own is rolled back, and counts from zero then.
      let last = await progress();
      const movesOn = (now: number): boolean => {
        const moved = now > last;
        last = now;
        return moved;
      };
      await until(`${to.room.name}: ${kind} of ${from.room.name} moves on`, progress, movesOn, STUCK_MS);
    }
  }
  for (const { room } of members) {
    const states = (await room.tiles()).filter(({ self }) => !self).map(({ linkState }) => linkState);
    expect(states, room.name).toEqual(states.map(() => 'connected'));
  }
}
