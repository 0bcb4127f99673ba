import type { CDPSession } from '@playwright/test';

import { Bots } from './lab/bot.ts';
import { expect, Lab, measured, needsNamespaces, test, until, type Person } from './lab/lab.ts';
import { shown, type Capture } from './lab/links.ts';
import type { HostLine, NodeProcess } from './lab/node.ts';
import { playwrightDriver } from './lab/page-driver.ts';
import { RoomDriver } from './lab/room-driver.ts';

// Guards: a computer that does not keep up gives sizes first, then frames, then faces, and says so; and takes them back in calm. In real
// Chromium: what the system says of its processor is the browser's own emulation of it, and a page that does not answer is one that is busy.

/** Beside somebody with a real encoder, which makes any size. */
const CROWD = 3;
const CAMERA: Capture = { width: 640, height: 480, framesPerSecond: 30 };
const WINDOW = { width: 1280, height: 960 };
/** The size in which a face can still be read, and how many lines its tile would have otherwise. */
const SPARED = 240;
/** Two readings of a second, and a step of 1.5 s after another. */
const STEPS_MS = 20_000;
/** Calm of 15 s before each step up. */
const CALM_MS = 45_000;
/** How often, and for how long, the page does not answer: whatever it was to do four times a second is more than a third of a second late each time. */
const BUSY = { every: 800, for: 600 };

needsNamespaces();
test.describe.configure({ mode: 'serial' });

let lab: Lab;
let host: NodeProcess<HostLine>;
let ana: Person;
let ids: string[];
let ben: Person;
let benId: string;
let anaId: string;
let system: CDPSession;
let crowd: Bots;

test.beforeAll(async () => {
  lab = new Lab();
  host = await lab.host(lab.machine('host'), { title: 'Crowd', name: 'Hanna' });
  ana = await lab.visitor('Ana', lab.machine('ana'), host.line.guestUrl, { devices: 'denied' });
  await ana.room.page.evaluate(() => {
    localStorage.setItem('landline.governor', 'on');
  });
  await ana.room.page.setViewportSize(WINDOW);
  system = await ana.room.page.context().newCDPSession(ana.room.page);
  await system.send('Emulation.setPressureSourceOverrideEnabled', { enabled: true, source: 'cpu', metadata: { available: true } });
  await say('nominal');
  await ana.room.join('Ana');
  anaId = await ana.room.ownId();
  ben = await lab.visitor('Ben', lab.machine('ben'), host.line.guestUrl, { capture: CAMERA });
  await ben.room.join('Ben');
  benId = await ben.room.ownId();
  crowd = await Bots.join(lab.machine('crowd'), host.line.guestUrl, { count: CROWD });
  ids = [benId, ...crowd.ids];
  for (const id of ids) await ana.room.expectConnectedTo(id);
});

test.afterEach(async () => {
  await lab.explain(test.info());
});

test.afterAll(async () => {
  await crowd.stop();
  await lab.close();
});

const say = (state: 'nominal' | 'critical'): Promise<unknown> => system.send('Emulation.setPressureStateOverride', { source: 'cpu', state });

/** Lines of Ben's picture; 0: none comes. */
async function height(): Promise<number> {
  return shown(await ana.room.traffic(benId), 'video')?.frameHeight ?? 0;
}

/** Frames of each that come in a second, over a second and a half, by the page's clock. */
async function rates(): Promise<number[]> {
  const read = (): Promise<{ frames: number; at: number }[]> =>
    Promise.all(
      ids.map(async (id) => {
        const link = await ana.room.traffic(id);
        return { frames: shown(link, 'video')?.framesDecoded ?? 0, at: link?.at ?? 0 };
      }),
    );
  const before = await read();
  await pause();
  const after = await read();
  return after.map(({ frames, at }, index) => ((frames - (before[index]?.frames ?? 0)) * 1_000) / (at - (before[index]?.at ?? 0)));
}

/** Frames a second that Ben's page sends: it answers at once, whatever Ana's is busy with. */
async function sentRate(): Promise<number> {
  const read = async (): Promise<{ frames: number; at: number }> => {
    const link = await ben.room.traffic(anaId);
    const frames = link?.outbound.filter(({ kind }) => kind === 'video').reduce((sum, { framesSent }) => sum + framesSent, 0) ?? 0;
    return { frames, at: link?.at ?? 0 };
  };
  const before = await read();
  await pause();
  const after = await read();
  return ((after.frames - before.frames) * 1_000) / (after.at - before.at);
}

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1_500));

const left = (): Promise<number> => ana.room.page.getByTestId('left-out-mark').count();

test('a system at its end is spared sizes, and neither frames nor faces', async () => {
  await until('a picture as large as its tile', height, (lines) => lines > SPARED, STEPS_MS);
  await say('critical');
  await until('a small picture', height, (lines) => lines > 0 && lines <= SPARED, STEPS_MS);
  const now = await rates();
  measured(`${now.map((rate) => rate.toFixed(1)).join(' ')} frames a second of ${String(SPARED)} lines`);
  // Fewer would be asked for at 20 or 15.
  for (const rate of now) expect(rate).toBeGreaterThan(22);
  expect(await left()).toBe(0);
});

test('sizes come back once it is at ease', async () => {
  await say('nominal');
  const began = performance.now();
  await until('a larger picture', height, (lines) => lines > SPARED, CALM_MS);
  const took = performance.now() - began;
  measured(`after ${(took / 1_000).toFixed(1)} s`);
  expect(took).toBeGreaterThan(10_000);
});

test('a page that does not answer gives frames, then faces, and says why', async () => {
  await ana.room.page.evaluate(({ every, for: busy }) => {
    const timer = setInterval(() => {
      const end = performance.now() + busy;
      while (performance.now() < end);
    }, every);
    Object.assign(window, { calm: () => clearInterval(timer) });
  }, BUSY);
  await until('fewer frames', sentRate, (rate) => rate < 18, STEPS_MS);
  await until('faces that are left out', left, (count) => count > 0, STEPS_MS + STEPS_MS);
  await ana.room.page.evaluate(() => {
    (window as unknown as { calm: () => void }).calm();
  });
  await expect(ana.room.page.getByTestId('spared')).toBeVisible();
  const counts = async (): Promise<{ still: number; marks: number; now: number[] }> => {
    const now = await rates();
    return { still: now.filter((rate) => rate === 0).length, marks: await left(), now };
  };
  await until('no picture of whoever is left out', counts, ({ still, marks }) => marks > 0 && still === marks, STEPS_MS);
  const driver = new RoomDriver('Ana', playwrightDriver(ana.room.page));
  for (const id of ids) expect(await driver.hears(id), 'sound').toBeGreaterThan(0);
});

test('whoever wants to see everybody all the same does, and faces come back by themselves', async () => {
  await ana.room.page.getByTestId('show-all').click();
  await expect.poll(left).toBe(0);
  await until('everybody', rates, (all) => all.every((rate) => rate > 0), STEPS_MS);
  await expect(ana.room.page.getByTestId('spared')).toBeHidden();
});

test('no page complained', () => {
  expect(ana.browser.errors).toEqual([]);
});
