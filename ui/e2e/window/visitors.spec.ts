import { readdirSync } from 'node:fs';

import { Bots } from '../lab/bot.ts';
import { expect, measured, needsNamespaces, test } from '../lab/lab.ts';
import { processesOn } from '../lab/memory.ts';
import { openLabWindow } from './lab-window.ts';

// Guards: the window of somebody who waits for visitors. With each of them the microphone is sent anew, and WebKitGTK once kept
// five threads of each time, which went on recording, or with an audio context for each time one thread and 2.4 MiB.

const VISITS = 8;
/** What is loaded and started with the first ones. */
const WARM_UP = 2;
const GONE_MS = 5_000;
/** Threads that end when they have had nothing to do for a while come and go. */
const COME_AND_GO = 3;

needsNamespaces();

test('visitors who come one after the other leave no threads behind', async ({ lab }) => {
  const host = await lab.host(lab.machine('host'), { title: 'Door' });
  const { room, desktop } = await openLabWindow(lab, 'Wilma', lab.machine('wilma'));
  await room.chooseFromList(host.line.meetingId);
  await room.join();
  const [page] = processesOn(desktop.machine, /^WebKitWebProces/);
  if (page === undefined) throw new Error('the window has no process for its page');
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
});
