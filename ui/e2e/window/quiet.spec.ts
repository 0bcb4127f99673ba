import { readFileSync } from 'node:fs';

import { expect, needsNamespaces, test, until } from '../lab/lab.ts';
import type { Machine } from '../lab/network.ts';
import { inWords, listenersOn, type Listener } from '../lab/sockets.ts';
import { Desktop } from './desktop.ts';
import { openLabWindow } from './lab-window.ts';

// Guards: the app listens nowhere unless it has a reason to, and no longer than it has.

needsNamespaces();

/** The app's window opens, and sockets are closed a moment after what they were for. */
const SETTLED_MS = 15_000;
/** For finding meetings and being found (RFC 6762). */
const MDNS = 'udp 5353';

/** The test's own programs: the driver, and the door that the webview opens to be driven. */
function isOfTheTest({ holders, address, port }: Listener): boolean {
  return holders.some(({ program, pid }) => {
    if (program === 'WebKitWebDriver') return true;
    const variable = /(?:^|\0)WEBKIT_INSPECTOR_SERVER=([^\0]*)/.exec(readFileSync(`/proc/${String(pid)}/environ`, 'utf8'))?.[1];
    return variable === `${address}:${String(port)}`;
  });
}

const onMachine = (machine: Machine): Listener[] => listenersOn(machine).filter((one) => !isOfTheTest(one));

test('the app that is just open listens for nothing but meetings on the network', async ({ lab }) => {
  const machine = lab.machine('wilma');
  const desktop = await Desktop.start(machine);
  lab.keep({ describe: () => desktop.log, close: () => desktop.close() });
  // Without a driver, so that nothing of a test is in it.
  const ended = desktop.launchAgain();
  const listeners = await until('the app looks for meetings', () => inWords(onMachine(machine)), (all) => all.includes(MDNS), SETTLED_MS);
  expect(listeners).toEqual([MDNS]);
  desktop.terminateApp();
  await ended;
  expect(inWords(onMachine(machine))).toEqual([]);
});

test('a meeting of its own and one of somebody else leave no listener behind, and in somebody’s meeting there is one port', async ({ lab }) => {
  const machine = lab.machine('wilma');
  const { room } = await openLabWindow(lab, 'Wilma', machine);
  const listening = (): string[] => inWords(onMachine(machine));
  const atHome = (): Promise<unknown> => until('at home', listening, (all) => all.join() === MDNS, SETTLED_MS);
  await atHome();

  await room.host('Quiet');
  await room.ownId();
  const isHosting = (all: string[]): boolean => all.length === 2 && all.includes(MDNS) && all.some((one) => /^tcp \d+$/.test(one));
  await until('as a host', listening, isHosting, SETTLED_MS);
  await room.leave();
  await until('after a meeting of its own', listening, (all) => all.length === 0, SETTLED_MS);
  await room.click('home-button');
  await atHome();

  const host = await lab.host(lab.machine('host'), { title: 'Of somebody else' });
  await room.chooseFromList(host.line.meetingId);
  await room.join();
  // The port for the nodes of the meeting. Media needs UDP ports, of which a link with nobody there has none.
  await until('in somebody’s meeting', listening, (all) => all.length === 1 && /^tcp \d+$/.test(all[0] ?? ''), SETTLED_MS);
  await room.leave();
  await until('after somebody else’s meeting', listening, (all) => all.length === 0, SETTLED_MS);
});
