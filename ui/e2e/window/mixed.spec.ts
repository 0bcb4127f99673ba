import { expect, Lab, measured, needsFirefox, needsNamespaces, test } from '../lab/lab.ts';
import type { Flow } from '../lab/flow.ts';
import type { Capture } from '../lab/links.ts';
import { describeWay, expectNoStuckTile, expectTogether, firstGoodFlows, measureFlows, membersOf, type Participant } from '../lab/members.ts';
import type { HostLine, NodeProcess } from '../lab/node.ts';
import { openLabWindow, type LabWindow } from './lab-window.ts';

// Guards: a window with everything that it meets: Firefox, another window, three browsers at once.

const CAPTURE: Capture = { width: 640, height: 480, framesPerSecond: 30 };
/** Four who draw and encode in software on two cores. */
const CROWDED: Capture = { width: 160, height: 120, framesPerSecond: 10 };
const MEASURED_MS = 10_000;
const ARRIVES = 0.9;
const AT_LEAST_FPS = 15;

/** Frames between the questions to two links. */
const ASKED_APART = 5;

interface Encoded {
  source: string;
  frames: number;
  sent: number;
}

/** What the camera's encoder has made so far, and how much of it went to a participant. */
async function encodedFor(own: Participant, id: string): Promise<Encoded> {
  const link = await own.room.traffic(id);
  const camera = link?.inbound.find(({ kind, shown }) => kind === 'video' && shown)?.mid;
  const stream = link?.outbound.find(({ mid }) => mid === camera);
  if (!stream) throw new Error(`nothing is sent to ${id}`);
  return { source: stream.source, frames: stream.framesEncoded, sent: stream.framesSent };
}

needsNamespaces();

let lab: Lab;
let host: NodeProcess<HostLine>;

test.beforeEach(async () => {
  lab = new Lab();
  host = await lab.host(lab.machine('host'), { title: 'Mixed' });
});

test.afterEach(async () => {
  await lab.explain(test.info());
  await lab.close();
});

async function windowIn(name: string, capture: Capture): Promise<LabWindow> {
  const window = await openLabWindow(lab, name, lab.machine(name), { capture });
  await window.room.chooseFromList(host.line.meetingId);
  await window.room.join();
  return window;
}

/** Ninety of a hundred frames, at 640×480, and sound. */
async function expectGoodCall(members: Participant[]): Promise<void> {
  await expectTogether(members);
  const good = ({ decoded, sent, seconds }: Flow): boolean => decoded >= sent * ARRIVES && decoded / seconds >= AT_LEAST_FPS;
  for (const { from, to, flow } of await firstGoodFlows(members, MEASURED_MS, good)) {
    const way = `${from.room.name} → ${to.room.name}`;
    expect(flow.decoded, way).toBeGreaterThanOrEqual(flow.sent * ARRIVES);
    expect(flow.decoded / flow.seconds, way).toBeGreaterThanOrEqual(AT_LEAST_FPS);
    expect(flow.energy, `sound, ${way}`).toBeGreaterThan(0);
  }
}

test('a window and Firefox see and hear each other, whoever comes first', async () => {
  needsFirefox();
  const { room } = await windowIn('Wilma', CAPTURE);
  const fay = await lab.firefox('Fay', lab.machine('fay'), host.line.guestUrl, CAPTURE);
  await fay.room.join();
  await expectGoodCall(await membersOf([room, fay.room]));
  // Now the window answers.
  await room.leave();
  await room.rejoin();
  const members = await membersOf([room, fay.room]);
  await expectTogether(members);
  await expectNoStuckTile(members);
});

test('two windows see and hear each other', async () => {
  const [wilma, walt] = [await windowIn('Wilma', CAPTURE), await windowIn('Walt', CAPTURE)];
  await expectGoodCall(await membersOf([wilma.room, walt.room]));
});

test('a window and three browsers: everybody sees and hears everybody, and the window encodes its camera once', async () => {
  const window = await windowIn('Wilma', CROWDED);
  const ana = await lab.guest('Ana', lab.machine('ana'), host.line.guestUrl, { capture: CROWDED });
  const ben = await lab.guest('Ben', lab.machine('ben'), host.line.guestUrl, { capture: CROWDED });
  const cho = await lab.guest('Cho', lab.machine('cho'), host.line.guestUrl, { capture: CROWDED });
  for (const { room } of [ana, ben, cho]) await room.join();
  const members = await membersOf([window.room, ana.room, ben.room, cho.room]);
  await expectTogether(members);
  const [own, ...others] = members;
  if (!own) throw new Error('the members are missing');
  const encoded = (): Promise<Encoded[]> => Promise.all(others.map(({ id }) => encodedFor(own, id)));
  const before = await encoded();
  const ways = await measureFlows(members, MEASURED_MS);
  const after = await encoded();
  for (const way of ways) measured(describeWay(way));
  for (const { from, to, flow } of ways) {
    expect(flow.decoded, `${from.room.name} → ${to.room.name}`).toBeGreaterThan(0);
    expect(flow.energy, `sound, ${from.room.name} → ${to.room.name}`).toBeGreaterThan(0);
  }
  const grown = after.map(({ frames, sent }, index) => ({ frames: frames - (before[index]?.frames ?? 0), sent: sent - (before[index]?.sent ?? 0) }));
  const all = grown.reduce((sum, { sent }) => sum + sent, 0);
  const [once] = grown;
  measured(`the window encoded ${once?.frames ?? 0} frames and sent ${all} to three`);
  // One counter of one encoder, the page's, whichever link is asked; the engine counts what it sent on each.
  for (const { frames } of grown) expect(Math.abs(frames - (once?.frames ?? 0))).toBeLessThanOrEqual(ASKED_APART);
  expect(all).toBeGreaterThan(2 * (once?.frames ?? 0));
  expect(new Set(after.map(({ source }) => source)).size, 'one source for all links').toBe(1);
  await expectNoStuckTile(members);
  await window.desktop.keepPicture(window.driver, 'call-of-four');
});
