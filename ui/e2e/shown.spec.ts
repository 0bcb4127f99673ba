import { expect, Lab, measured, needsNamespaces, test, until, type Person } from './lab/lab.ts';
import { shown, type Capture, type Traffic } from './lab/links.ts';
import { PERFECT } from './lab/lossy-cable.ts';
import type { HostLine, NodeProcess } from './lab/node.ts';
import { RoomDriver } from './lab/room-driver.ts';
import type { RoomPage } from './lab/room-page.ts';

// Guards: pictures are sent as large as they are shown, and not at all to whoever shows none. Counted at the sender, in real Chromium.

/** One person has a camera, so that the others cost two cores little. */
const CAMERA: Capture = { width: 640, height: 360, framesPerSecond: 30 };
const LARGE = { width: 1280, height: 720 };
/** Five tiles are large here. */
const TALL = { width: 1280, height: 960 };
const SMALL = { width: 300, height: 420 };
/** From the moment at which a picture is not shown any more until the last byte of it. */
const STOPS_MS = 1_000;
const STILL_MS = 1_500;
const BACK_MS = 1_000;
const ELEVEN_THUMBNAILS = 2_500_000;
/** % of the sound that may be made up by whoever plays it: less than anybody hears. */
const SOUND_MADE_UP = 2;
const KBITS = 300;
const FEW_FRAMES: Capture = { width: 640, height: 360, framesPerSecond: 15 };

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

const pause = (ms: number): Promise<void> => ana.room.page.waitForTimeout(ms);

/** Somebody who looks on. */
interface Viewer {
  readonly name: string;
  readonly id: string;
  traffic(): Promise<Traffic | null>;
  resize(size: { width: number; height: number }): Promise<void>;
}

async function viewer(name: string, size = LARGE, machine = lab.machine(name.toLowerCase())): Promise<Viewer & { room: RoomPage }> {
  const { room } = await lab.visitor(name, machine, host.line.guestUrl, { devices: 'denied' });
  await room.page.setViewportSize(size);
  await room.join(name);
  const id = await room.ownId();
  await ana.room.expectConnectedTo(id);
  await room.expectConnectedTo(anaId);
  return { name, id, room, traffic: () => room.traffic(anaId), resize: (to) => room.page.setViewportSize(to) };
}

/** Video that Ana's page sent to somebody so far, in bytes with headers. */
async function sentTo({ id }: Viewer): Promise<{ bytes: number; frames: number; at: number }> {
  const link = await ana.room.traffic(id);
  const videos = link?.outbound.filter(({ kind }) => kind === 'video') ?? [];
  return { bytes: videos.reduce((sum, { bytesSent, headerBytesSent }) => sum + bytesSent + headerBytesSent, 0), frames: videos.reduce((sum, { framesSent }) => sum + framesSent, 0), at: link?.at ?? 0 };
}

/** Pictures of Ana that somebody's page decoded so far, and how high the last was. */
async function seenBy(who: Viewer): Promise<{ frames: number; height: number; at: number }> {
  const link = await who.traffic();
  const video = shown(link, 'video');
  return { frames: video?.framesDecoded ?? 0, height: video?.frameHeight ?? 0, at: link?.at ?? 0 };
}

async function untilHeight(who: Viewer, what: string, fits: (height: number) => boolean): Promise<void> {
  await until(`${who.name} gets ${what}`, () => seenBy(who), ({ height, frames }) => frames > 5 && fits(height), 15_000);
}

/** Frames a second that somebody decodes, over so long. */
async function rate(who: Viewer, ms: number): Promise<number> {
  const before = await seenBy(who);
  await pause(ms);
  const after = await seenBy(who);
  return ((after.frames - before.frames) * 1_000) / (after.at - before.at);
}

/** Hides the picture, and shows it again; looks at every byte that is sent meanwhile. */
async function hideAndShow(who: Viewer, hide: () => Promise<void>, show: () => Promise<void>): Promise<void> {
  const playing = await sentTo(who);
  await until('pictures flow', () => sentTo(who), ({ frames }) => frames > playing.frames + 10, 10_000);
  await hide();
  await pause(STOPS_MS);
  const stopped = await sentTo(who);
  await pause(STILL_MS);
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

let ben: Viewer & { room: RoomPage };

test('a large tile gets a large picture, a small one a small picture, and it grows again', async () => {
  ben = await viewer('Ben');
  await untilHeight(ben, 'all of the picture', (height) => height === CAMERA.height);
  await ben.resize(SMALL);
  await untilHeight(ben, 'a small picture', (height) => height > 0 && height <= 180);
  const before = await sentTo(ben);
  await pause(4_000);
  const after = await sentTo(ben);
  const bits = ((after.bytes - before.bytes) * 8_000) / (after.at - before.at);
  // Sound takes 40 kbit/s beside it.
  measured(`${(bits / 1_000).toFixed(0)} kbit/s of video to a thumbnail`);
  expect((bits + 40_000) * 11).toBeLessThan(ELEVEN_THUMBNAILS);
  await ben.resize(LARGE);
  await untilHeight(ben, 'all of the picture', (height) => height === CAMERA.height);
});

test('no byte of video goes to a tile that is scrolled away, and it is back at once', async () => {
  const move = (away: boolean) => (): Promise<void> =>
    ben.room.page.evaluate((hidden) => {
      const tiles = document.querySelector<HTMLElement>('.tiles');
      if (tiles !== null) tiles.style.translate = hidden ? '0 -4000px' : '';
    }, away);
  await hideAndShow(ben, move(true), move(false));
});

test('no byte of video goes to a page that nobody sees, and sound goes on', async () => {
  const machine = lab.machine('ray');
  const browser = await lab.browser(machine, { devices: 'denied' });
  const page = await browser.barePage(host.line.guestUrl);
  const room = new RoomDriver('Ray', page);
  await room.join();
  const id = await room.ownId();
  await ana.room.expectConnectedTo(id);
  const ray: Viewer = { name: 'Ray', id, traffic: () => room.traffic(anaId), resize: () => Promise.resolve() };
  const state = (minimised: boolean) => async (): Promise<void> => {
    await page.minimise(minimised);
    await until('the page knows', () => page.evaluate(() => document.visibilityState), (now) => now === (minimised ? 'hidden' : 'visible'), 5_000);
  };
  const heard = async (): Promise<number> => (await ray.traffic())?.inbound.filter(({ kind }) => kind === 'audio').reduce((sum, { energy }) => sum + energy, 0) ?? 0;
  const before = await heard();
  let hidden = 0;
  await hideAndShow(ray, state(true), async () => {
    hidden = await heard();
    await state(false)();
  });
  expect(hidden).toBeGreaterThan(before);
  await browser.close();
});

/** What Ana's page decided for somebody. */
function decided({ id }: Viewer): Promise<{ is: string; height?: number; framesPerSecond?: number } | null> {
  return ana.room.page.evaluate((participant) => window.landlineDebug?.sent(participant).camera ?? null, id);
}

test('one of four on a slow way gets small pictures that move, and the other three notice nothing', async () => {
  const slowMachine = lab.machine('slow');
  const cable = await lab.lossyCable(slowMachine);
  const others = [await viewer('Bob', TALL), await viewer('Cho', TALL), await viewer('Dee', TALL)];
  const slow = await viewer('Eve', TALL, slowMachine);
  const all = { height: CAMERA.height, framesPerSecond: CAMERA.framesPerSecond };
  for (const who of [...others, slow]) await until(`${who.name} is sent everything`, () => decided(who), (now) => now?.height === all.height, 15_000);

  await cable.set({ ...PERFECT, delayMs: 5, kbits: KBITS });
  await until('less for the slow one', () => decided(slow), (now) => now?.height === 270, 15_000);
  await untilHeight(slow, 'a small picture', (height) => height > 0 && height <= 270);
  // What was on its way when it became narrow has to get through first.
  const { arrived } = await until(
    'it moves there',
    async () => {
      const before = await Promise.all(others.map(sentTo));
      const decoded = await Promise.all(others.map(seenBy));
      const slowly = await rate(slow, 6_000);
      const after = await Promise.all(others.map(sentTo));
      const decodedAfter = await Promise.all(others.map(seenBy));
      const shares = others.map((_, index) => ((decodedAfter[index]?.frames ?? 0) - (decoded[index]?.frames ?? 0)) / ((after[index]?.frames ?? 0) - (before[index]?.frames ?? 0)));
      measured(`slow ${slowly.toFixed(1)} fps of ${JSON.stringify(await decided(slow))}; of the others' frames arrived ${shares.map((share) => share.toFixed(2)).join(' ')}`);
      return { slowly, arrived: shares };
    },
    ({ slowly }) => slowly >= 10,
    30_000,
  );
  // How large a picture an encoder makes of that when the processor is short is the browser's; what is decided is ours.
  for (const who of others) expect(await decided(who)).toMatchObject(all);
  for (const share of arrived) expect(share).toBeGreaterThan(0.9);
});

test('three cameras and voices share a slow way, and the faces of all three move', async () => {
  const slowMachine = lab.machine('shared');
  const cable = await lab.lossyCable(slowMachine);
  const senders = [ana];
  for (const name of ['Fay', 'Gus']) {
    const sender = await lab.visitor(name, lab.machine(name.toLowerCase()), host.line.guestUrl, { capture: FEW_FRAMES });
    await sender.room.page.setViewportSize(LARGE);
    await sender.room.join(name);
    senders.push(sender);
  }
  const slow = await viewer('Hal', LARGE, slowMachine);
  const ids = await Promise.all(senders.map(({ room }) => room.ownId()));
  for (const id of ids) await slow.room.expectConnectedTo(id);
  await cable.set({ ...PERFECT, delayMs: 5, kbits: KBITS });
  const frames = (): Promise<number[]> => Promise.all(ids.map(async (id) => shown(await slow.room.traffic(id), 'video')?.framesDecoded ?? 0));
  const sound = async (): Promise<{ concealed: number; samples: number }> => {
    const voices = (await Promise.all(ids.map((id) => slow.room.traffic(id)))).flatMap((link) => link?.inbound.filter(({ kind }) => kind === 'audio') ?? []);
    return { concealed: voices.reduce((sum, { concealed }) => sum + concealed, 0), samples: voices.reduce((sum, { samples }) => sum + samples, 0) };
  };
  const seen = async (): Promise<{ slowest: number; madeUp: number }> => {
    const [before, heard, from] = [await frames(), await sound(), performance.now()];
    await pause(6_000);
    const [after, now] = [await frames(), await sound()];
    const found = after.map((count, index) => ((count - (before[index] ?? 0)) * 1_000) / (performance.now() - from));
    const madeUp = (100 * (now.concealed - heard.concealed)) / (now.samples - heard.samples);
    measured(`${found.map((each) => each.toFixed(1)).join(' ')} frames a second, ${madeUp.toFixed(1)} % of the sound made up`);
    return { slowest: Math.min(...found), madeUp };
  };
  // Whoever receives them asks all three for less at once; by themselves they would take turns at losing.
  await until('all three move, and are heard', seen, ({ slowest, madeUp }) => slowest >= 10 && madeUp < SOUND_MADE_UP, 60_000);
  await expect(slow.room.page.getByTestId('spared')).toContainText('the network here is slow');
  // As wide as before: less is asked for no longer.
  await cable.set(PERFECT);
  await expect(slow.room.page.getByTestId('spared')).toHaveCount(0, { timeout: 90_000 });
  for (const id of ids) await until('larger pictures again', async () => shown(await slow.room.traffic(id), 'video')?.frameHeight ?? 0, (height) => height > 180, 60_000);
});
