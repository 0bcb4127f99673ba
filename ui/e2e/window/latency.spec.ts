import { expect, measured, needsNamespaces, test } from '../lab/lab.ts';
import { readClock, type Ages } from '../lab/clock.ts';
import { pairs } from '../lab/flow.ts';
import { expectTogether, firstGoodSpan, membersOf, type Participant } from '../lab/members.ts';
import type { RoomDriver } from '../lab/room-driver.ts';
import { openLabWindow } from './lab-window.ts';

// Guards: talking to each other. How old a picture is when it is shown, from the window and to it, beside Chromium alone.

const MEASURED_MS = 5_000;
/** Enough to speak of a median. */
const PICTURES = 50;
const TIMES = 3;

needsNamespaces();

/** How old pictures are: of the first at the second, and the other way round. */
async function agesBetween(one: RoomDriver, other: RoomDriver): Promise<Ages[]> {
  const members = await membersOf([one, other]);
  await expectTogether(members);
  return agesNow(members);
}

async function agesNow(members: Participant[]): Promise<Ages[]> {
  const reading = await Promise.all(pairs(members).map(([from, to]) => readClock(to.room.page, from.id)));
  // What comes while a connection is new is another matter.
  await new Promise((resolve) => setTimeout(resolve, MEASURED_MS));
  await Promise.all(reading.map((read) => read()));
  await new Promise((resolve) => setTimeout(resolve, MEASURED_MS));
  const ages = await Promise.all(reading.map((read) => read()));
  pairs(members).forEach(([{ room: from }, { room: to }], index) => {
    const { median, p95, pictures } = ages[index] ?? { median: 0, p95: 0, pictures: 0 };
    measured(`${from.name} → ${to.name}: median ${median} ms, p95 ${p95} ms, ${pictures} pictures`);
  });
  for (const { pictures } of ages) expect(pictures).toBeGreaterThan(PICTURES);
  return ages;
}

test('pictures from the window and in it are at most three times as old as from Chromium to Chromium', async ({ lab }) => {
  const host = await lab.host(lab.machine('host'), { title: 'Clocks' });
  const ben = await lab.guest('Ben', lab.machine('ben'), host.line.guestUrl, { clock: true });
  await ben.room.join();
  const ana = await lab.guest('Ana', lab.machine('ana'), host.line.guestUrl, { clock: true });
  await ana.room.join();
  const reference = await agesBetween(ana.room, ben.room);
  await ana.room.leave();
  await ana.browser.close();

  const { room } = await openLabWindow(lab, 'Wilma', lab.machine('wilma'), { clock: true });
  await room.chooseFromList(host.line.meetingId);
  await room.join();
  const allowed = (TIMES * reference.reduce((sum, { median }) => sum + median, 0)) / reference.length;
  const members = await membersOf([room, ben.room]);
  await expectTogether(members);
  const ages = await firstGoodSpan(
    () => agesNow(members),
    (found) => found.every(({ median }) => median <= allowed),
  );
  for (const { median } of ages) expect(median).toBeLessThanOrEqual(allowed);
});
