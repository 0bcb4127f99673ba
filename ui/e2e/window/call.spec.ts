import { expect, Lab, measured, needsNamespaces, test, until, type Guest } from '../lab/lab.ts';
import type { LabBrowser } from '../lab/browser.ts';
import { measureCpu } from '../lab/cpu.ts';
import { closeChannel, expectedOf, heardOver, openChannel, sendOver } from '../lab/data-channel.ts';
import { pairs, type Flow } from '../lab/flow.ts';
import { drawScreensIn, restartIceAtOnce, shareAtOnce, untilGlared } from '../lab/glare.ts';
import type { Capture } from '../lab/links.ts';
import { PERFECT, type LossyCable } from '../lab/lossy-cable.ts';
import { expectNoStuckTile, expectTogether, firstGoodFlows, membersOf, type Participant } from '../lab/members.ts';
import type { HostLine, NodeProcess } from '../lab/node.ts';
import { openLabWindow, WINDOW_PROGRAMS, type LabWindow } from './lab-window.ts';

// Guards: the call inside the window, whose webview has no RTCPeerConnection: our engine with the real window's own camera,
// encoder and decoder, against a real Chromium.

const CAPTURE: Capture = { width: 640, height: 480, framesPerSecond: 30 };
const MEASURED_MS = 10_000;
const ARRIVES = 0.9;
const AT_LEAST_FPS = 15;
/** Offers cross each other for so long: more than two pages can be apart. */
const GLARE_DELAY_MS = 150;
const KILLED_MS = 10_000;
/** Energy that an encoder makes of silence in a second; a made-up microphone beeps with a thousand times that. */
const SILENCE = 1e-6;

needsNamespaces();
test.describe.configure({ mode: 'serial' });

let lab: Lab;
let host: NodeProcess<HostLine>;
let cable: LossyCable;
let window: LabWindow;
let ben: Guest<LabBrowser>;
let members: Participant[];

test.beforeAll(async () => {
  lab = new Lab();
  host = await lab.host(lab.machine('host'), { title: 'Call' });
  const desk = lab.machine('wilma');
  cable = await lab.lossyCable(desk);
  window = await openLabWindow(lab, 'Wilma', desk, { capture: CAPTURE });
});

test.afterEach(async () => {
  await lab.explain(test.info());
});

test.afterAll(async () => {
  await lab.close();
});

test('the window is in the room first, and offers to the Chromium that comes', async () => {
  await window.room.chooseFromList(host.line.meetingId);
  await window.room.join();
  ben = await lab.guest('Ben', lab.machine('ben'), host.line.guestUrl, { capture: CAPTURE });
  await ben.room.join();
  members = await membersOf([window.room, ben.room]);
  await expectTogether(members);
  expect((await window.room.signaling())[0]?.state).toBe('have-local-offer');
  expect((await ben.room.signaling())[0]?.state).toBe('have-remote-offer');
});

test('each decodes what the other sends at 640×480, and hears it', async () => {
  const cores = [measureCpu(window.desktop.machine, WINDOW_PROGRAMS), measureCpu(lab.machine('ben'), /chrom/)];
  const good = ({ decoded, sent, seconds }: Flow): boolean => decoded >= sent * ARRIVES && decoded / seconds >= AT_LEAST_FPS;
  const ways = await firstGoodFlows(members, MEASURED_MS, good);
  const [ofWindow, ofChromium] = cores.map((read) => read().toFixed(2));
  measured(`processor: the window ${ofWindow ?? ''} cores, Chromium ${ofChromium ?? ''} cores`);
  for (const { flow, from, to } of ways) {
    const way = `${from.room.name} → ${to.room.name}`;
    expect(flow.decoded, way).toBeGreaterThanOrEqual(flow.sent * ARRIVES);
    expect(flow.decoded / flow.seconds, way).toBeGreaterThanOrEqual(AT_LEAST_FPS);
    expect(flow.energy, `sound, ${way}`).toBeGreaterThan(0);
    expect(flow.identity).not.toContain('became');
  }
  await window.desktop.keepPicture(window.driver, 'call');
});

test('a data channel carries text and bytes both ways, whoever offers it', async () => {
  // The engine takes 64 KiB at once.
  const BYTES = 60_000;
  for (const [offering, answering] of [
    [window.room, ben.room],
    [ben.room, window.room],
  ] as const) {
    await openChannel(offering.page, answering.page);
    for (const [from, to] of [
      [offering, answering],
      [answering, offering],
    ] as const) {
      await sendOver(from.page, `hello 你好 from ${from.name}`, BYTES);
      const expected = expectedOf(`hello 你好 from ${from.name}`, BYTES);
      await until(`${to.name} hears it`, () => heardOver(to.page), (heard) => heard.length >= expected.length, 10_000);
      expect(await heardOver(to.page)).toEqual(expected);
    }
    await closeChannel(offering.page, answering.page);
  }
  await expectNoStuckTile(members);
});

test('cameras and microphones that are switched off and on again reach the other side, over the same link', async () => {
  const before = await Promise.all(members.map(({ room }) => room.linksMade()));
  for (const [from, to] of pairs(members)) {
    await from.room.press('camera-button', false);
    await untilStill(`the camera of ${from.room.name}`, async () => (await from.room.traffic(to.id))?.outbound.find(({ kind }) => kind === 'video')?.framesSent ?? 0);
    await from.room.press('mic-button', false);
    await untilStill(`the sound of ${from.room.name}`, async () => (await to.room.hears(from.id)) ?? 0, SILENCE);
    await from.room.press('camera-button', true);
    await from.room.press('mic-button', true);
    await expectNoStuckTile(members);
  }
  expect(await Promise.all(members.map(({ room }) => room.linksMade()))).toEqual(before);
});

test('a screen is shared from the window, and into it', async () => {
  // WebKitGTK's made-up screen never draws anything.
  await drawScreensIn([window.room]);
  for (const [from, to] of pairs(members)) {
    await from.room.press('share-button', true);
    await untilScreenSeen(from, to);
    await from.room.press('share-button', false);
    await until(
      'the tile of the screen goes',
      async () => (await to.room.tiles()).filter(({ source }) => source === 'screen').length,
      (count) => count === 0,
      10_000,
    );
  }
  await expectNoStuckTile(members);
});

test('ICE is restarted by either side, without a stuck tile', async () => {
  const made = await Promise.all(members.map(({ room }) => room.linksMade()));
  for (const { room } of members) {
    const before = await fragments();
    await room.feignLoss();
    await untilRestarted(before);
    await room.feignNothing();
    await expectNoStuckTile(members);
  }
  expect(await Promise.all(members.map(({ room }) => room.linksMade())), 'restarts do').toEqual(made);
});

for (const role of ['polite', 'impolite'] as const) {
  test(`offers that cross each other leave no stuck tile when the window is the ${role} side`, async () => {
    // Ids are drawn by lot, and the smaller one is polite. Always a new connection, on which nothing was shared.
    for (;;) {
      await ben.room.leave();
      await ben.room.rejoin();
      members = await membersOf([window.room, ben.room]);
      const [own, other] = members.map(({ id }) => id);
      if (own !== undefined && other !== undefined && own < other === (role === 'polite')) break;
    }
    await expectTogether(members);
    await drawScreensIn([window.room, ben.room]);
    await cable.set({ ...PERFECT, delayMs: GLARE_DELAY_MS });
    const sharedAt = Date.now();
    await shareAtOnce([window.room, ben.room]);
    await untilGlared(window.room, ben.room, sharedAt);
    for (const [from, to] of pairs(members)) await untilScreenSeen(from, to);
    await expectNoStuckTile(members);

    const [before, restartedAt] = [await fragments(), Date.now()];
    if (role === 'polite') await restartIceAtOnce(window.room, ben.room);
    else await restartIceAtOnce(ben.room, window.room);
    await untilGlared(window.room, ben.room, restartedAt);
    await untilRestarted(before);
    for (const { room } of members) await room.feignNothing();
    await cable.set(PERFECT);
    await expectNoStuckTile(members);
    for (const { room } of members) await room.press('share-button', false);
  });
}

test('the window leaves, comes in last, and answers', async () => {
  await window.room.leave();
  await ben.room.expectGone(members[0]?.id ?? '', KILLED_MS);
  const changes = (await window.room.signaling()).length;
  await window.room.rejoin();
  members = await membersOf([window.room, ben.room]);
  await expectTogether(members);
  expect((await window.room.signaling())[changes]?.state).toBe('have-remote-offer');
  await expectNoStuckTile(members);
});

test('a Chromium that is killed leaves the window, and a window that is killed leaves Chromium', async () => {
  const cho = await lab.guest('Cho', lab.machine('cho'), host.line.guestUrl);
  await cho.room.join();
  await expectTogether(await membersOf([window.room, ben.room, cho.room]));
  const dead = await cho.room.ownId();
  cho.browser.kill();
  for (const { room } of members) await room.expectGone(dead, KILLED_MS);
  await expectNoStuckTile(members);

  window.desktop.killApp();
  await ben.room.expectGone(members[0]?.id ?? '', KILLED_MS);
  await ben.room.expectCount(1);
  expect(ben.browser.errors).toEqual([]);
});

/** Waits until a counter does not move any more for a second, or by less than `noise`. */
async function untilStill(what: string, read: () => Promise<number>, noise = 0): Promise<void> {
  let last = await read();
  let since = performance.now();
  await until(
    `${what} stops`,
    async () => {
      const now = await read();
      if (now - last > noise) [last, since] = [now, performance.now()];
      return performance.now() - since;
    },
    (still) => still > 1_000,
    8_000,
  );
}

function fragments(): Promise<string[]> {
  return Promise.all(members.map(({ room }) => room.iceFragment()));
}

/** Waits until both sides have other ICE credentials than before. */
async function untilRestarted(before: readonly string[]): Promise<void> {
  await until('ICE is restarted', fragments, (now) => now.every((fragment, index) => fragment !== '' && fragment !== before[index]), 10_000);
}

async function untilScreenSeen(from: Participant, to: Participant): Promise<void> {
  await until(
    `${to.room.name} sees the screen of ${from.room.name}`,
    async () => (await to.room.sees(from.id, 'screen'))?.framesDecoded ?? 0,
    (frames) => frames >= 3,
    15_000,
  );
}
