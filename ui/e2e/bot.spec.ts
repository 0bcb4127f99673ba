import { Bots } from './lab/bot.ts';
import { expect, Lab, measured, needsNamespaces, test, until, type Person } from './lab/lab.ts';
import { shown } from './lab/links.ts';
import type { HostLine, NodeProcess } from './lab/node.ts';
import { artifact } from './lab/paths.ts';

// Guards: test participants are as good as people for a real browser: each is seen and heard, counts what it gets, gives back what it
// is asked to give back, and leaves in order.

/** Frames a second of a bot, and how many have to be decoded. */
const SENT_A_SECOND = 30;
const DECODED_A_SECOND = 15;
const FIRST_PICTURE_MS = 10_000;
const MEASURED_MS = 5_000;
const CROWD = 8;
/** So many that one face is shown larger than the others. */
const MANY = 10;
/** Each of them speaks for so long in turn. */
const TURN_S = 6;
/** The largest picture that they have. */
const LARGE_HEIGHT = 360;
/** A bot's tone comes and goes. */
const SPEAK_MS = 20_000;
/** Everybody had a turn. */
const TURNS_MS = MANY * TURN_S * 1_000;

declare global {
  interface Window {
    /** How often a tile looked otherwise. */
    labSpoke?: number;
  }
}

needsNamespaces();
test.describe.configure({ mode: 'serial' });

let lab: Lab;
let host: NodeProcess<HostLine>;
let ana: Person;
let anaId: string;
const started: Bots[] = [];

test.beforeAll(async () => {
  lab = new Lab();
  host = await lab.host(lab.machine('host'), { title: 'Test', name: 'Hanna' });
  ana = await lab.visitor('Ana', lab.machine('ana'), host.line.guestUrl);
  await ana.room.join('Ana');
  anaId = await ana.room.ownId();
});

test.afterEach(async () => {
  await lab.explain(test.info());
  if (test.info().status !== test.info().expectedStatus) for (const bots of started) console.log(`bots ${String(bots.pid)}: ${bots.log}`);
  // One test's bots must not take the next one's time.
  for (const bots of started.splice(0)) await bots.stop();
});

test.afterAll(async () => {
  await lab.close();
});

async function join(...[options]: [Parameters<typeof Bots.join>[2]?]): Promise<Bots> {
  const bots = await Bots.join(lab.machine('bots'), host.line.guestUrl, options);
  started.push(bots);
  return bots;
}

/** Pictures that Ana has decoded of somebody, and the energy of the sound. */
async function seen(id: string): Promise<{ at: number; frames: number; energy: number }> {
  const traffic = await ana.room.traffic(id);
  const sounds = traffic?.inbound.filter(({ kind }) => kind === 'audio') ?? [];
  return {
    at: traffic?.at ?? 0,
    frames: shown(traffic, 'video')?.framesDecoded ?? 0,
    energy: sounds.reduce((sum, { energy }) => sum + energy, 0),
  };
}

/** What Ana decodes of all of them in a while, a second. */
async function watched(ids: string[]): Promise<{ rate: number; energy: number }[]> {
  await Promise.all(ids.map((id) => until(`a picture of ${id}`, () => seen(id), ({ frames }) => frames > 0, FIRST_PICTURE_MS)));
  const before = await Promise.all(ids.map(seen));
  await ana.room.page.waitForTimeout(MEASURED_MS);
  const after = await Promise.all(ids.map(seen));
  return after.map(({ at, frames, energy }, index) => {
    const from = before[index];
    if (!from) throw new Error('unreachable: both were asked of the same');
    return { rate: ((frames - from.frames) / (at - from.at)) * 1_000, energy: energy - from.energy };
  });
}

test('a bot is seen and heard, and its counters agree with the browser', async () => {
  const bots = await join({ name: 'Bo' });
  const [id] = bots.ids;
  if (id === undefined) throw new Error('nobody joined');
  await expect(ana.room.tile(id)).toContainText('Bo');
  await ana.room.expectConnectedTo(id);
  const [flow] = await watched([id]);
  measured(`${flow?.rate.toFixed(1) ?? ''} frames a second`);
  expect(flow?.rate).toBeGreaterThan(DECODED_A_SECOND);
  expect(flow?.energy, 'the tone').toBeGreaterThan(0);

  // What the browser says that it sent, the bot has counted, but for what is on its way.
  const received = await until('the bot counts', () => bots.received(id, anaId), ({ camera, microphone }) => (camera?.frames ?? 0) > 60 && (microphone?.packets ?? 0) > 100, 15_000);
  expect(received.camera).toMatchObject({ gaps: 0, width: 320, height: 180 });
  const sent = (await ana.room.traffic(id))?.outbound.find(({ kind }) => kind === 'video')?.framesSent ?? 0;
  const counted = await until('the bot catches up', () => bots.received(id, anaId).camera?.frames ?? 0, (frames) => frames >= sent, 3_000);
  expect(counted - sent).toBeLessThan(3 * SENT_A_SECOND);

  expect(await bots.stop()).toBe(0);
  expect(bots.left).toMatchObject([{ clientId: id, reason: 'left' }]);
  await expect(ana.room.tile(id)).toHaveCount(0, { timeout: 2_000 });
});

test('a bot that was there first offers to the browser that comes', async () => {
  const bots = await join();
  const [id] = bots.ids;
  if (id === undefined) throw new Error('nobody joined');
  await ana.room.expectConnectedTo(id);
  const ben = await lab.visitor('Ben', lab.machine('ben'), host.line.guestUrl);
  await ben.room.join('Ben');
  const benId = await ben.room.ownId();
  await ben.room.expectConnectedTo(id);
  await until('the bot sees Ben', () => bots.received(id, benId).camera?.frames ?? 0, (frames) => frames > 30, 15_000);
  await until('Ben sees the bot', async () => shown(await ben.room.traffic(id), 'video')?.framesDecoded ?? 0, (frames) => frames > 30, 15_000);
  await ben.room.leave();
  await ben.browser.close();
});

test('a bot says what it shows beside media, and the picture of the page goes on', async () => {
  const bots = await join({ views: '180@30' });
  const [id] = bots.ids;
  if (id === undefined) throw new Error('nobody joined');
  await ana.room.expectConnectedTo(id);
  const said = (): Promise<number> =>
    ana.room.page.evaluate(async () => {
      const counts: number[] = [0];
      for (const link of window.labLinks ?? []) {
        for (const entry of (await link.getStats()).values() as Iterable<RTCStats & { state?: string; messagesReceived?: number }>) {
          if (entry.type === 'data-channel' && entry.state === 'open') counts.push(entry.messagesReceived ?? 0);
        }
      }
      return Math.max(...counts);
    });
  await until('hello and what it shows', said, (messages) => messages >= 2, 10_000);
  const before = bots.received(id, anaId).camera?.frames ?? 0;
  await until('it goes on', () => bots.received(id, anaId).camera?.frames ?? 0, (frames) => frames > before + 30, 10_000);
});

test('eight bots are all seen and heard', async () => {
  const bots = await join({ count: CROWD });
  await ana.room.expectCount(CROWD + 1);
  for (const id of bots.ids) await ana.room.expectConnectedTo(id);
  const flows = await watched(bots.ids);
  measured(flows.map(({ rate }) => rate.toFixed(1)).join(' '));
  for (const flow of flows) {
    expect(flow.rate).toBeGreaterThan(DECODED_A_SECOND);
    expect(flow.energy, 'the tone').toBeGreaterThan(0);
  }
  expect(await bots.stop()).toBe(0);
  await ana.room.expectCount(1);
});

test('a picture stays where it is while people speak, and the room changes with each of them', async () => {
  const { ids } = await join({ count: CROWD });
  await Promise.all(ids.map((id) => until(`a picture of ${id}`, () => seen(id), ({ frames }) => frames > 0, FIRST_PICTURE_MS)));
  const { page } = ana.room;
  await page.evaluate(() => {
    window.labSpoke = 0;
    for (const video of document.querySelectorAll('[data-testid="tile"] video')) video.setAttribute('data-lab-seen', '');
    const watch = new MutationObserver((changes) => {
      window.labSpoke = (window.labSpoke ?? 0) + changes.length;
    });
    for (const tile of document.querySelectorAll('[data-testid="tile"]')) watch.observe(tile, { attributeFilter: ['class'] });
  });
  await until('people speak', () => page.evaluate(() => window.labSpoke ?? 0), (changes) => changes > CROWD, SPEAK_MS);
  expect(await page.locator('[data-testid="tile"] video').count()).toBe(CROWD + 1);
  expect(await page.locator('[data-testid="tile"] video[data-lab-seen]').count(), 'pictures that were never taken away').toBe(CROWD + 1);
});

test('of many people whoever speaks is large and sharp, the others small; and all alike when the person wants that', async () => {
  const { page } = ana.room;
  const before = page.viewportSize();
  await page.setViewportSize({ width: 1280, height: 720 });
  const bots = await join({ count: MANY, speak: TURN_S });
  await ana.room.expectCount(MANY + 1);
  for (const id of bots.ids) await ana.room.expectConnectedTo(id);
  const button = ana.room.get('layout-button');
  await expect(button).toHaveAttribute('data-layout', 'speaker');

  const widths = (): Promise<{ id: string; width: number; speaking: boolean }[]> =>
    page.locator('[data-testid="tile"]').evaluateAll((tiles) => tiles.map((tile) => ({ id: tile.getAttribute('data-participant-id') ?? '', width: tile.clientWidth, speaking: tile.classList.contains('speaking') })));
  /** Who is large; null unless it is one, and that one speaks. */
  const large = async (): Promise<string | null> => {
    const [first, second] = (await widths()).sort((a, b) => b.width - a.width);
    return first !== undefined && second !== undefined && first.speaking && first.width > 2 * second.width ? first.id : null;
  };
  const heightOf = async (id: string): Promise<number> => shown(await ana.room.traffic(id), 'video')?.frameHeight ?? 0;

  /** Of the same moment: a turn that is nearly over when one looks is over before its picture is sharp. */
  const sharp = async (): Promise<string | null> => {
    const id = await large();
    return id !== null && (await heightOf(id)) === LARGE_HEIGHT ? id : null;
  };

  const first = await until('somebody who speaks is large and sharp', sharp, (id) => id !== null, TURNS_MS);
  await page.screenshot({ path: artifact('room-speaker.png') });
  await until('somebody else is', sharp, (id) => id !== null && id !== first, TURNS_MS);
  const sizes = await until('small ones of the others', () => Promise.all(bots.ids.map(heightOf)), (heights) => heights.filter((height) => height > 0 && height < LARGE_HEIGHT).length >= MANY - 2, SPEAK_MS);
  measured(`heights ${sizes.join(' ')}`);

  await button.click();
  await expect(button).toHaveAttribute('data-layout', 'alike');
  await until('all alike', async () => new Set((await widths()).map(({ width }) => width)).size, (different) => different === 1, SPEAK_MS);
  await page.keyboard.press('l');
  await expect(button).toHaveAttribute('data-layout', 'speaker');
  if (before !== null) await page.setViewportSize(before);
});

test('an echo gives back the picture and the sound that it gets', async () => {
  const bots = await join({ echo: true, name: 'Echo' });
  const [id] = bots.ids;
  if (id === undefined) throw new Error('nobody joined');
  await ana.room.expectConnectedTo(id);
  await expectOwnPicture(ana, id);
  const [flow] = await watched([id]);
  measured(`${flow?.rate.toFixed(1) ?? ''} frames a second`);
  expect(flow?.rate).toBeGreaterThan(DECODED_A_SECOND);
  expect(flow?.energy, 'the own sound').toBeGreaterThan(0);

  await ana.room.press('camera-button', false);
  await until('the test picture comes back', () => colour(ana, id), isInk, 15_000);
  await ana.room.press('camera-button', true);
  await expectOwnPicture(ana, id);
});

test('a bot whose host is gone says so and ends', async () => {
  const other = await lab.host(lab.machine('other'), { title: 'Short', name: 'Otto' });
  const bots = await Bots.join(lab.machine('bots'), other.line.guestUrl);
  started.push(bots);
  await other.stop('SIGKILL');
  expect(await bots.ended()).toBe(1);
  expect(bots.errors).toMatchObject([{ code: 'lost' }]);
});

test('a test call from the home screen shows and plays back what one sends, and leaves nothing behind', async () => {
  const dora = await lab.user('Dora', lab.machine('dora'));
  await dora.room.get('test-call-button').click();
  await expect(dora.room.get('test-call-note')).toBeVisible();
  await expect(dora.room.get('invite-panel')).toHaveCount(0);
  await dora.room.expectCount(2);
  const echo = dora.room.others();
  await expect(echo).toContainText('Echo');
  const id = (await echo.getAttribute('data-participant-id')) ?? '';
  await dora.room.expectConnectedTo(id);
  await expectOwnPicture(dora, id);
  const energy = async () => (await dora.room.traffic(id))?.inbound.reduce((sum, sound) => sum + sound.energy, 0) ?? 0;
  const before = await energy();
  await until('the own sound comes back', energy, (now) => now > before, 10_000);
  await dora.room.page.screenshot({ path: artifact('room-test-call.png') });

  await dora.room.leave();
  await dora.room.get('home-button').click();
  // Neither in the own list nor as something that can be ended.
  await expect(dora.room.get('test-call-button')).toBeVisible();
  await expect(dora.room.get('meeting-item').filter({ hasText: 'Test call' })).toHaveCount(0);
  expect(dora.browser.errors).toEqual([]);
});

test('no page complained', () => {
  expect(ana.browser.errors).toEqual([]);
});

/** The made-up camera of Chromium is mostly green; the test picture is dark. */
function expectOwnPicture(person: Person, id: string): Promise<unknown> {
  return until('the own picture comes back', () => colour(person, id), (mean) => !isInk(mean), 15_000);
}

type Colour = readonly [red: number, green: number, blue: number];

function isInk([red, green, blue]: Colour): boolean {
  return red + green + blue > 0 && Math.max(red, green, blue) < 100;
}

/** The mean colour in the upper half of what a tile shows; black before it shows anything. */
function colour(person: Person, id: string): Promise<Colour> {
  return person.room.tile(id).locator('video').evaluate((video: HTMLVideoElement) => {
    const canvas = new OffscreenCanvas(1, 1);
    const pen = canvas.getContext('2d');
    if (pen === null || video.videoHeight === 0) return [0, 0, 0] as const;
    pen.imageSmoothingQuality = 'high';
    pen.drawImage(video, 0, 0, video.videoWidth, video.videoHeight / 2, 0, 0, 1, 1);
    const [red = 0, green = 0, blue = 0] = pen.getImageData(0, 0, 1, 1).data;
    return [red, green, blue] as const;
  });
}
