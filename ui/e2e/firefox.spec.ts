import { expect, measured, needsFirefox, needsNamespaces, test, until } from './lab/lab.ts';
import { sharing } from './lab/encoding.ts';
import { openWindow, pairs, type Member } from './lab/flow.ts';
import type { RoomDriver } from './lab/room-driver.ts';

// Guards: the other family of browsers. What Chromium and Firefox understand of each other's descriptions is what the window has to speak.

const FIRST_FRAMES = 30;
const FIRST_FRAMES_MS = 15_000;
const ARRIVES = 0.9;
const MEASURED_MS = 5_000;
const AT_LEAST_SENT = 60;

needsNamespaces();
test.beforeEach(needsFirefox);

test('Chromium and Firefox see and hear each other', async ({ lab }) => {
  const host = await lab.host(lab.machine('host'), { title: 'Stand-up' });
  const ana = await lab.guest('Ana', lab.machine('ana'), host.line.guestUrl);
  await ana.room.join();
  const fay = await lab.firefox('Fay', lab.machine('fay'), host.line.guestUrl);
  await fay.room.join();

  const members: Member<RoomDriver>[] = await Promise.all([ana, fay].map(async ({ room }) => ({ room, id: await room.ownId() })));
  for (const [from, to] of pairs(members)) {
    await to.room.expectConnectedTo(from.id);
    await until(
      `${to.room.name} decodes ${from.room.name}`,
      async () => (await to.room.sees(from.id))?.framesDecoded ?? 0,
      (frames) => frames >= FIRST_FRAMES,
      FIRST_FRAMES_MS,
    );
  }
  const windows = await Promise.all(pairs(members).map(([from, to]) => openWindow(from, to)));
  // The time is the measure.
  await new Promise((resolve) => setTimeout(resolve, MEASURED_MS));
  const flows = await Promise.all(windows.map((close) => close()));
  measured(flows.map(({ decoded, sent }) => `${String(decoded)}/${String(sent)}`).join(' '));
  for (const flow of flows) {
    expect(flow.sent).toBeGreaterThan(AT_LEAST_SENT);
    expect(flow.decoded).toBeGreaterThanOrEqual(flow.sent * ARRIVES);
    expect(flow.energy, 'sound').toBeGreaterThan(0);
  }
  expect([...ana.browser.errors, ...fay.browser.errors]).toEqual([]);
});

// Firefox numbers VP8 otherwise, and who offers says the numbers: a copy of a frame with Chromium's number is nothing to it.
test('the one encoder of Chromium serves Firefox too, who was there first', async ({ lab }) => {
  const host = await lab.host(lab.machine('host'), { title: 'Stand-up' });
  const fay = await lab.firefox('Fay', lab.machine('fay'), host.line.guestUrl);
  await fay.room.join();
  const ben = await lab.guest('Ben', lab.machine('ben'), host.line.guestUrl);
  await ben.room.join();
  const ana = await lab.guest('Ana', lab.machine('ana'), host.line.guestUrl);
  await ana.room.join();
  const ways = async (): Promise<string[]> => (await sharing(ana.room.page))?.ways ?? [];
  await until('Ana shares the encoder', ways, (now) => now.length === 2 && now.every((way) => way === 'shared'), FIRST_FRAMES_MS);
  const anaId = await ana.room.ownId();
  for (const { room } of [fay, ben]) {
    const decoded = async (): Promise<number> => (await room.sees(anaId))?.framesDecoded ?? 0;
    const before = await decoded();
    await until(`${room.name} decodes Ana`, decoded, (frames) => frames >= before + 3 * FIRST_FRAMES, FIRST_FRAMES_MS);
  }
  expect((await ways()).filter((way) => way !== 'shared')).toEqual([]);
  measured(ana.browser.log.filter((line) => line.includes('fed by carriers')).join(' '));
  expect([...ana.browser.errors, ...ben.browser.errors, ...fay.browser.errors]).toEqual([]);
});
