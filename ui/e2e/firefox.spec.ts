import { expect, measured, needsFirefox, needsNamespaces, test, until } from './lab/lab.ts';
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
