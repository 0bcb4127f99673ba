import type { CDPSession, Page } from '@playwright/test';

import { expect, Lab, measured, needsNamespaces, test, until, type Person } from './lab/lab.ts';
import { shown, type Capture } from './lab/links.ts';
import { PERFECT } from './lab/lossy-cable.ts';
import type { HostLine, NodeProcess } from './lab/node.ts';

// Guards: pictures are sent as large as they are shown, and not at all to whoever shows none. Counted at the sender, in real Chromium.

/** One person has a camera, so that the others cost two cores little. */
const CAMERA: Capture = { width: 640, height: 360, framesPerSecond: 30 };
const LARGE = { width: 1280, height: 720 };
const SMALL = { width: 300, height: 420 };
/** From the moment at which a picture is not shown any more until the last byte of it. */
const STOPS_MS = 1_000;
const STILL_MS = 1_500;
const BACK_MS = 1_000;
const ELEVEN_THUMBNAILS = 2_500_000;
const KBITS = 300;

needsNamespaces();
test.describe.configure({ mode: 'serial' });

let lab: Lab;
let host: NodeProcess<HostLine>;
let ana: Person;
let anaId: string;

test.beforeAll(async () => {
  lab = new Lab();
  host = await lab.host(lab.machine('host'), { title: 'Faces', name: 'Hanna' });
  ana = await lab.visitor('Ana', lab.machine('ana'), host.line.guestUrl, { capture: CAMERA });
  await ana.room.join('Ana');
  anaId = await ana.room.ownId();
});

test.afterEach(async () => {
  await lab.explain(test.info());
});

test.afterAll(async () => {
  await lab.close();
});

/** Somebody who looks on. */
interface Viewer {
  readonly person: Person;
  readonly id: string;
  readonly page: Page;
}

async function viewer(name: string, size = LARGE, machine = lab.machine(name.toLowerCase())): Promise<Viewer> {
  const person = await lab.visitor(name, machine, host.line.guestUrl, { devices: 'denied' });
  const { page } = person.room;
  await page.setViewportSize(size);
  await person.room.join(name);
  const id = await person.room.ownId();
  await ana.room.expectConnectedTo(id);
  await person.room.expectConnectedTo(anaId);
  return { person, id, page };
}

/** Video that Ana's page sent to somebody so far, in bytes with headers. */
async function sentTo({ id }: Viewer): Promise<{ bytes: number; frames: number; at: number }> {
  const link = await ana.room.traffic(id);
  const videos = link?.outbound.filter(({ kind }) => kind === 'video') ?? [];
  return { bytes: videos.reduce((sum, { bytesSent, headerBytesSent }) => sum + bytesSent + headerBytesSent, 0), frames: videos.reduce((sum, { framesSent }) => sum + framesSent, 0), at: link?.at ?? 0 };
}

/** Pictures of Ana that somebody's page decoded so far, and how high the last was. */
async function seenBy({ person }: Viewer): Promise<{ frames: number; height: number; at: number }> {
  const link = await person.room.traffic(anaId);
  const video = shown(link, 'video');
  return { frames: video?.framesDecoded ?? 0, height: video?.frameHeight ?? 0, at: link?.at ?? 0 };
}

async function untilHeight(who: Viewer, what: string, fits: (height: number) => boolean): Promise<void> {
  await until(`${who.person.name} gets ${what}`, () => seenBy(who), ({ height, frames }) => frames > 5 && fits(height), 15_000);
}

/** Frames a second that somebody decodes, over so long. */
async function rate(who: Viewer, ms: number): Promise<number> {
  const before = await seenBy(who);
  await who.page.waitForTimeout(ms);
  const after = await seenBy(who);
  return ((after.frames - before.frames) * 1_000) / (after.at - before.at);
}

/** Hides the picture, and shows it again; looks at every byte that is sent meanwhile. */
async function hideAndShow(who: Viewer, hide: () => Promise<void>, show: () => Promise<void>): Promise<void> {
  const playing = await sentTo(who);
  await until('pictures flow', () => sentTo(who), ({ frames }) => frames > playing.frames + 10, 10_000);
  await hide();
  await who.page.waitForTimeout(STOPS_MS);
  const stopped = await sentTo(who);
  await ana.room.page.waitForTimeout(STILL_MS);
  const still = await sentTo(who);
  expect(still.bytes - stopped.bytes, `bytes to a hidden picture in ${String(STILL_MS)} ms`).toBe(0);

  const before = await seenBy(who);
  const began = performance.now();
  await show();
  await until('a picture again', () => seenBy(who), ({ frames }) => frames > before.frames, BACK_MS + 2_000);
  const took = performance.now() - began;
  measured(`back after ${took.toFixed(0)} ms`);
  expect(took).toBeLessThan(BACK_MS);
}

let ben: Viewer;

test('a large tile gets a large picture, a small one a small picture, and it grows again', async () => {
  ben = await viewer('Ben');
  await untilHeight(ben, 'all of the picture', (height) => height === CAMERA.height);
  await ben.page.setViewportSize(SMALL);
  await untilHeight(ben, 'a small picture', (height) => height > 0 && height <= 180);
  const before = await sentTo(ben);
  await ben.page.waitForTimeout(4_000);
  const after = await sentTo(ben);
  const bits = ((after.bytes - before.bytes) * 8_000) / (after.at - before.at);
  // Sound takes 40 kbit/s beside it.
  measured(`${(bits / 1_000).toFixed(0)} kbit/s of video to a thumbnail`);
  expect((bits + 40_000) * 11).toBeLessThan(ELEVEN_THUMBNAILS);
  await ben.page.setViewportSize(LARGE);
  await untilHeight(ben, 'all of the picture', (height) => height === CAMERA.height);
});

test('no byte of video goes to a tile that is scrolled away, and it is back at once', async () => {
  const move = (away: boolean) => (): Promise<void> =>
    ben.page.evaluate((hidden) => {
      const tiles = document.querySelector<HTMLElement>('.tiles');
      if (tiles !== null) tiles.style.translate = hidden ? '0 -4000px' : '';
    }, away);
  await hideAndShow(ben, move(true), move(false));
});

test('no byte of video goes to a page that nobody sees, and sound goes on', async () => {
  const session: CDPSession = await ben.page.context().newCDPSession(ben.page);
  await session.send('Emulation.setFocusEmulationEnabled', { enabled: false });
  const { windowId } = (await session.send('Browser.getWindowForTarget')) as { windowId: number };
  const state = (windowState: 'minimized' | 'normal') => async (): Promise<void> => {
    await session.send('Browser.setWindowBounds', { windowId, bounds: { windowState } });
    await until('the page knows', () => ben.page.evaluate(() => document.visibilityState), (now) => now === (windowState === 'minimized' ? 'hidden' : 'visible'), 5_000);
  };
  const heard = async (): Promise<number> => (await ben.person.room.traffic(anaId))?.inbound.filter(({ kind }) => kind === 'audio').reduce((sum, { energy }) => sum + energy, 0) ?? 0;
  const before = await heard();
  await hideAndShow(ben, state('minimized'), state('normal'));
  expect(await heard()).toBeGreaterThan(before);
});

test('one of four on a slow way gets small pictures that move, and the other three notice nothing', async () => {
  const slowMachine = lab.machine('slow');
  const cable = await lab.lossyCable(slowMachine);
  const others = [ben, await viewer('Cho'), await viewer('Dee')];
  const slow = await viewer('Eve', LARGE, slowMachine);
  for (const who of [...others, slow]) await untilHeight(who, 'all of the picture', (height) => height === CAMERA.height);
  const before = await Promise.all(others.map((who) => rate(who, 4_000)));

  await cable.set({ ...PERFECT, delayMs: 5, kbits: KBITS });
  await untilHeight(slow, 'a small picture', (height) => height > 0 && height <= 270);
  const [slowly, ...after] = await Promise.all([slow, ...others].map((who) => rate(who, 6_000)));
  const heights = await Promise.all(others.map(async (who) => (await seenBy(who)).height));
  measured(`slow ${(slowly ?? 0).toFixed(1)} fps; others ${before.map((each) => each.toFixed(1)).join(' ')}, then ${after.map((each) => each.toFixed(1)).join(' ')}`);
  expect(slowly).toBeGreaterThanOrEqual(10);
  expect(heights).toEqual(others.map(() => CAMERA.height));
  for (const [index, each] of after.entries()) expect(each).toBeGreaterThan(0.9 * (before[index] ?? Infinity));
});
