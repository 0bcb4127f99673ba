import { readdirSync } from 'node:fs';

import { Bots } from '../lab/bot.ts';
import { expect, measured, needsNamespaces, test } from '../lab/lab.ts';
import { processesOn } from '../lab/memory.ts';
import type { RoomDriver } from '../lab/room-driver.ts';
import { openLabWindow } from './lab-window.ts';

// Guards: the window of somebody who waits for visitors. With each of them the microphone is sent anew, and WebKitGTK once kept
// five threads of each time, which went on recording, or with an audio context for each time one thread and 2.4 MiB. Tiles make
// room for each, and WebKit once kept every animation and with it its tile.

declare global {
  interface Window {
    labAnimations?: WeakRef<Animation>[];
  }
}

const VISITS = 8;
/** What is loaded and started with the first ones. */
const WARM_UP = 2;
const GONE_MS = 5_000;
/** Threads that end when they have had nothing to do for a while come and go. */
const COME_AND_GO = 3;
/** Animations that may be left, of forty: the collector takes what looks like a pointer for one. */
const STILL_THERE = 5;

needsNamespaces();

test('visitors who come one after the other leave no threads and no animations behind', async ({ lab }) => {
  const host = await lab.host(lab.machine('host'), { title: 'Door' });
  const { room, desktop } = await openLabWindow(lab, 'Wilma', lab.machine('wilma'));
  await room.chooseFromList(host.line.meetingId);
  await room.join();
  const [page] = processesOn(desktop.machine, /^WebKitWebProces/);
  if (page === undefined) throw new Error('the window has no process for its page');
  await watchAnimations(room);
  const threads: number[] = [];
  for (let visit = 1; visit <= VISITS; visit += 1) {
    const bots = await Bots.join(lab.machine('street'), host.line.guestUrl, { count: 1 });
    for (const id of bots.ids) await room.expectConnectedTo(id);
    expect(await bots.stop()).toBe(0);
    for (const id of bots.ids) await room.expectGone(id, GONE_MS);
    threads.push(readdirSync(`/proc/${String(page.pid)}/task`).length);
  }
  measured(`threads of the page after each visit: ${threads.join(' ')}`);
  const [before, after] = [Math.max(...threads.slice(0, WARM_UP)), Math.min(...threads.slice(-WARM_UP))];
  expect(after - before, threads.join(' ')).toBeLessThanOrEqual(COME_AND_GO);
  const { made, left } = await animationsLeft(room, STILL_THERE);
  measured(`${String(made)} animations made, ${String(left)} left`);
  expect(made).toBeGreaterThanOrEqual(VISITS);
  expect(left).toBeLessThanOrEqual(STILL_THERE);
});

/** Of every animation that a script of the page makes from now on, a reference that does not keep it. */
function watchAnimations({ page }: RoomDriver): Promise<void> {
  return page.evaluate(() => {
    const made: WeakRef<Animation>[] = (window.labAnimations = []);
    const animate = Reflect.get<Element, 'animate'>(Element.prototype, 'animate');
    Element.prototype.animate = function (...how) {
      const animation = Reflect.apply(animate, this, how);
      made.push(new WeakRef(animation));
      return animation;
    };
  });
}

/** Makes garbage until so few of them are left, or for some seconds. */
function animationsLeft({ page }: RoomDriver, few: number): Promise<{ made: number; left: number }> {
  return page.evaluate(async (enough) => {
    const made = window.labAnimations ?? [];
    const left = (): number => made.filter((animation) => animation.deref() !== undefined).length;
    for (let round = 0; round < 20 && left() > enough; round += 1) {
      Array.from({ length: 40 }, () => new Uint8Array(1 << 20));
      Array.from({ length: 100_000 }, (_, index) => ({ index }));
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    return { made: made.length, left: left() };
  }, few);
}
