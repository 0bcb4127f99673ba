import { expect, Lab, measured, needsNamespaces, test, until, type Person } from './lab/lab.ts';
import { openWindow, pairs, type Member } from './lab/flow.ts';
import { shown } from './lab/links.ts';
import { artifact } from './lab/paths.ts';
import type { HostLine, NodeProcess } from './lab/node.ts';

// Guards: the main job. Real browsers on machines of their own, one meeting, everybody sees and hears everybody.

/** Each tile shows this many pictures within that time: five seconds of video, with ten to get going. */
const FIRST_FRAMES = 150;
const FIRST_FRAMES_MS = 15_000;
/** How much of what was sent has to arrive, measured over this time. */
const ARRIVES = 0.9;
const MEASURED_MS = 5_000;
/** Fewer frames in that time, and the sender has a problem of its own. */
const AT_LEAST_SENT = 60;
/** It is made when nothing has changed for a moment. */
const AHEAD_MS = 10_000;
const LEFT_MS = 2_000;
const KILLED_MS = 10_000;

needsNamespaces();
test.describe.configure({ mode: 'serial' });

let lab: Lab;
let host: NodeProcess<HostLine>;
let ana: Person;
let ben: Person;
let cho: Person;
let members: Member[];

test.beforeAll(async () => {
  lab = new Lab();
  host = await lab.host(lab.machine('host'), { title: 'Stand-up', name: 'Hanna' });
});

test.afterEach(async () => {
  await lab.explain(test.info());
});

test.afterAll(async () => {
  await lab.close();
});

test('three people come in: one from the list, one by address, one as a guest by link', async () => {
  const { meetingId, port, guestUrl } = host.line;

  ana = await lab.user('Ana', lab.machine('ana'));
  await ana.room.chooseFromList(meetingId);
  await ana.room.join('Ana');

  ben = await lab.user('Ben', lab.machine('ben'));
  await ben.room.chooseByAddress(`${lab.machine('host').address}:${String(port)}`);
  await ben.room.join('Ben');

  cho = await lab.visitor('Cho', lab.machine('cho'), guestUrl);
  await cho.room.join('Cho');

  members = await Promise.all([ana, ben, cho].map(async ({ room }) => ({ room, id: await room.ownId() })));
  expect(new Set(members.map(({ id }) => id)).size).toBe(3);
  for (const { room } of members) await room.expectCount(3);
  for (const [from, to] of pairs(members)) await to.room.expectConnectedTo(from.id);
  // Names reach the tiles.
  for (const name of ['Ben', 'Cho']) await expect(ana.room.others().filter({ hasText: name })).toHaveCount(1);
});

test('everybody sees and hears everybody', async () => {
  await Promise.all(
    pairs(members).map(([from, to]) =>
      until(
        `${String(FIRST_FRAMES)} pictures`,
        async () => shown(await to.room.traffic(from.id), 'video')?.framesDecoded ?? 0,
        (frames) => frames >= FIRST_FRAMES,
        FIRST_FRAMES_MS,
      ),
    ),
  );
  const windows = await Promise.all(pairs(members).map(([from, to]) => openWindow(from, to)));
  await ana.room.page.waitForTimeout(MEASURED_MS);
  const flows = await Promise.all(windows.map((close) => close()));
  measured(flows.map(({ sent, decoded }) => `${String(decoded)}/${String(sent)}`).join(' '));
  for (const flow of flows) {
    expect(flow.sent).toBeGreaterThan(AT_LEAST_SENT);
    expect(flow.decoded).toBeGreaterThanOrEqual(flow.sent * ARRIVES);
    expect(flow.energy, 'sound').toBeGreaterThan(0);
  }
  await ana.room.page.screenshot({ path: artifact('room-three.png') });
});

test('whoever is heard has a ring around the own tile, at everybody and at home', async () => {
  // The made-up microphone beeps twice a second.
  for (const at of members) {
    for (const { id } of members) await expect(at.room.tile(id)).toHaveClass(/speaking/, { timeout: 10_000 });
  }
});

test('a camera that is switched off and on again reaches the others, over the same link', async () => {
  const [from, to] = [members[0], members[2]];
  if (!from || !to) throw new Error('the members are missing');
  const before = await to.room.traffic(from.id);

  await ana.room.press('camera-button', false);
  await expectStill('pictures', async () => {
    const link = await from.room.traffic(to.id);
    return link ? link.outbound.filter(({ kind }) => kind === 'video').reduce((sum, { framesSent }) => sum + framesSent, 0) : -1;
  });
  await to.room.page.screenshot({ path: artifact('room-camera-off.png') });

  await ana.room.press('camera-button', true);
  const close = await untilFlowing(from, to);
  expect((await close()).decoded).toBeGreaterThan(0);
  const after = await to.room.traffic(from.id);
  expect(after?.link, 'the same connection').toBe(before?.link);
  expect(shown(after, 'video')?.ssrc, 'the same stream').toBe(shown(before, 'video')?.ssrc);
});

test('a microphone that is switched off and on again reaches the others', async () => {
  const [from, to] = [members[1], members[2]];
  if (!from || !to) throw new Error('the members are missing');
  const energy = async (): Promise<number> =>
    (await to.room.traffic(from.id))?.inbound.filter(({ kind }) => kind === 'audio').reduce((sum, { energy }) => sum + energy, 0) ?? -1;

  await ben.room.press('mic-button', false);
  await expectStill('sound', energy);
  // Not even packets of silence, while the other sources go on.
  const packets = async (kind: 'audio' | 'video'): Promise<number> =>
    (await from.room.traffic(to.id))?.outbound.filter((stream) => stream.kind === kind).reduce((sum, { packetsSent }) => sum + packetsSent, 0) ?? -1;
  await expectStill('packets of sound', () => packets('audio'));
  const pictures = await packets('video');
  await until('pictures go on', () => packets('video'), (now) => now > pictures, 5_000);

  await ben.room.press('mic-button', true);
  const silent = await energy();
  await until('sound again', energy, (now) => now > silent, 5_000);
});

test('a screen that a guest shares takes a tile of its own at the others, until it ends', async () => {
  const [viewer, sharer] = [members[0], members[2]];
  if (!viewer || !sharer) throw new Error('the members are missing');
  await cho.room.press('share-button', true);
  for (const room of [ana.room, ben.room]) await expect(room.tile(sharer.id, 'screen')).toBeVisible();
  await until(
    'the screen is drawn',
    async () => shown(await viewer.room.traffic(sharer.id, 'screen'), 'video')?.framesDecoded ?? 0,
    (frames) => frames >= 10,
    15_000,
  );
  await ana.room.page.screenshot({ path: artifact('room-screen-shared.png') });

  await cho.room.press('share-button', false);
  for (const room of [ana.room, ben.room]) await expect(room.tile(sharer.id, 'screen')).toHaveCount(0);
  // Its end takes nothing else with it.
  await untilFlowing(sharer, viewer);
});

test('whoever comes is sent an offer that was ready before, and the next one gets another', async () => {
  const ready = (): Promise<number[]> =>
    ana.room.page.evaluate(() => (window.labLinks ?? []).flatMap(({ signalingState, remoteDescription }, index) => (signalingState === 'have-local-offer' && remoteDescription === null ? [index] : [])));
  const used: number[] = [];
  for (const name of ['Eve', 'Fay']) {
    const [offer = -1] = await until('an offer that is nobody’s yet', ready, (offers) => offers.length === 1, AHEAD_MS);
    const { room, browser } = await lab.visitor(name, lab.machine(name.toLowerCase()), host.line.guestUrl, { devices: 'denied' });
    await room.join(name);
    const id = await room.ownId();
    await ana.room.expectConnectedTo(id);
    expect(await ana.room.page.evaluate((index) => window.labLinks?.[index]?.connectionState, offer)).toBe('connected');
    await until(`${name} sees Ana`, async () => shown(await room.traffic(members[0]?.id ?? ''), 'video')?.framesDecoded ?? 0, (frames) => frames > 30, FIRST_FRAMES_MS);
    used.push(offer);
    // What is said beside pictures and sound gets there too.
    await room.page.setViewportSize({ width: 300, height: 420 });
    const sentTo = (): Promise<number> => ana.room.page.evaluate((to) => window.landlineDebug?.sent(to).camera?.height ?? Infinity, id);
    await until(`Ana hears how large ${name} shows her`, sentTo, (height) => height <= 180, 15_000);
    await room.leave();
    await browser.close();
  }
  expect(new Set(used).size).toBe(2);
});

test('chat reaches everybody, as text and once, and somebody who comes late reads what was said', async () => {
  const said = '<b>lunch</b> at 12 & 你好';
  await ana.room.say(said);
  await ben.room.say('fine');
  for (const { room } of members) {
    await room.openChat();
    await expect(room.get('chat-message').filter({ hasText: said })).toHaveCount(1);
    await expect(room.get('chat-message').filter({ hasText: 'fine' })).toHaveCount(1);
  }

  // Without a camera: a fourth picture is more than two cores can carry in software.
  const dee = await lab.visitor('Dee', lab.machine('dee'), host.line.guestUrl, { devices: 'denied' });
  await dee.room.join('Dee');
  await dee.room.openChat();
  await expect(dee.room.get('chat-message')).toHaveCount(2);
  await expect(dee.room.get('chat-message').first()).toContainText(said);
  await dee.room.page.screenshot({ path: artifact('room-chat.png') });

  const deeId = await dee.room.ownId();
  for (const { room } of members) await room.expectConnectedTo(deeId);
  // Counted from the end of the click: how long a busy machine takes to click is not what is measured.
  await dee.room.leave();
  await Promise.all(members.map(({ room }) => expect(room.tile(deeId)).toHaveCount(0, { timeout: LEFT_MS })));
  await dee.browser.close();
});

test('somebody whose machine dies is gone soon, and the others stay together', async () => {
  const [first, dead, last] = members;
  if (!first || !dead || !last) throw new Error('the members are missing');
  ben.browser.kill();
  // Its node would say goodbye for the page; with the machine it dies too.
  await ben.node?.stop('SIGKILL');
  await Promise.all([first, last].map(({ room }) => expect(room.tile(dead.id)).toHaveCount(0, { timeout: KILLED_MS })));
  for (const { room } of [first, last]) await room.expectCount(2);

  const close = await openWindow(first, last);
  await ana.room.page.waitForTimeout(1_000);
  expect((await close()).decoded).toBeGreaterThan(0);
});

test('no page complained', () => {
  expect([ana, cho].flatMap(({ browser }) => browser.errors)).toEqual([]);
});

/** Waits until a counter does not move any more for a second. */
async function expectStill(what: string, read: () => Promise<number>): Promise<void> {
  let last = await read();
  let since = performance.now();
  await until(
    `${what} stop`,
    async () => {
      const now = await read();
      if (now !== last) {
        last = now;
        since = performance.now();
      }
      return performance.now() - since;
    },
    (still) => still > 1_000,
    8_000,
  );
}

/** Waits until pictures flow; gives the open window in which they do. */
async function untilFlowing(from: Member, to: Member): ReturnType<typeof openWindow> {
  const close = await openWindow(from, to);
  await until('pictures flow', async () => (await close()).decoded, (decoded) => decoded > 5, 10_000);
  return close;
}
