import { Bots } from '../lab/bot.ts';
import { expect, measured, needsNamespaces, test, until } from '../lab/lab.ts';
import { openLabWindow } from './lab-window.ts';

// Guards: a meeting as large as a team. The window decodes everybody, draws them in software, and forgets them when they leave.

const CROWD = 8;
const FIRST_PICTURES_MS = 20_000;
/** So many more pictures of each come within that time: some three seconds of them on two quiet cores, with all the rest for busy ones. */
const FLOWING = 75;
const FLOWING_MS = 15_000;
const GONE_MS = 5_000;
const LOOKS = 30;
/** The tile alone has one colour, and its ring is not looked at. */
const PICTURE = 60;

needsNamespaces();

test('eight bots in one meeting with the window: it decodes all eight', async ({ lab }) => {
  const host = await lab.host(lab.machine('host'), { title: 'Team' });
  const { room, desktop, driver } = await openLabWindow(lab, 'Wilma', lab.machine('wilma'));
  await room.chooseFromList(host.line.meetingId);
  await room.join();

  const bots = await Bots.join(lab.machine('bots'), host.line.guestUrl, { count: CROWD });
  try {
    expect(bots.ids).toHaveLength(CROWD);
    for (const id of bots.ids) await room.expectConnectedTo(id);
    const decoded = (): Promise<number[]> => Promise.all(bots.ids.map(async (id) => (await room.sees(id))?.framesDecoded ?? 0));
    await until('a picture of each', decoded, (frames) => frames.every((count) => count > 0), FIRST_PICTURES_MS);
    const before = { at: performance.now(), frames: await decoded() };
    const more = async (): Promise<number[]> => (await decoded()).map((frames, index) => frames - (before.frames[index] ?? 0));
    const came = await until('pictures of each that go on', more, (counts) => counts.every((count) => count >= FLOWING), FLOWING_MS);
    const seconds = (performance.now() - before.at) / 1_000;
    measured(`frames a second: ${came.map((count) => (count / seconds).toFixed(1)).join(' ')}`);
    for (const id of bots.ids) expect(await room.hears(id), 'sound').toBeGreaterThan(0);
    // What is on the screen, not what was decoded: a picture that is taken away and put back for a moment is seen as a flicker.
    const looks: number[][] = [];
    for (let look = 0; look < LOOKS; look += 1) looks.push(await desktop.contrasts(driver, '[data-testid="tile"]'));
    await desktop.keepPicture(driver, 'call-of-nine');
    for (const tiles of looks) {
      expect(tiles).toHaveLength(CROWD + 1);
      for (const contrast of tiles) expect(contrast, JSON.stringify(looks)).toBeGreaterThan(PICTURE);
    }
  } finally {
    await bots.stop();
  }
  for (const id of bots.ids) await room.expectGone(id, GONE_MS);
});
