import { expect, needsNamespaces, test, until } from '../lab/lab.ts';
import { byTestId, type RoomDriver } from '../lab/room-driver.ts';
import { openLabWindow } from './lab-window.ts';

// Guards: keys and the code of the meeting in the Linux window, whose cryptography is another one than Chromium's, and whose links all
// show the certificate of the engine.

const CODE_MS = 15_000;

needsNamespaces();

async function codeOf(room: RoomDriver): Promise<string> {
  if ((await room.count('code-panel')) === 0) await room.click('code-button');
  await until(
    `${room.name} can compare`,
    async () => {
      if ((await room.count('compare-again')) > 0) await room.click('compare-again');
      return room.count('codes-same');
    },
    (count) => count > 0,
    CODE_MS,
  );
  return (await room.attribute(byTestId('code-emoji'), 'data-code')) ?? '';
}

test('the window and two Chromiums have the same code, and the window verifies them', async ({ lab }) => {
  const host = await lab.host(lab.machine('host'), { title: 'Compare' });
  const { room } = await openLabWindow(lab, 'Wilma', lab.machine('wilma'));
  await room.chooseFromList(host.line.meetingId);
  await room.join();
  const guests = await Promise.all(['Ana', 'Ben'].map((name) => lab.guest(name, lab.machine(name.toLowerCase()), host.line.guestUrl)));
  for (const guest of guests) await guest.room.join();
  const all = [room, ...guests.map((guest) => guest.room)];
  for (const one of all) await one.expectCount(3);
  for (const guest of guests) await room.expectConnectedTo(await guest.room.ownId());
  const codes = await until(
    'one code on all screens',
    () => Promise.all(all.map(codeOf)),
    (seen) => seen[0] !== '' && new Set(seen).size === 1,
    CODE_MS,
  );
  expect(codes[0]).toMatch(/^\d+( \d+){4}$/);
  await room.click('codes-same');
  await room.click('people-button');
  for (const guest of guests) {
    const person = byTestId(`person-${await guest.room.ownId()}`);
    await until('verified', () => room.attribute(person, 'data-standing'), (standing) => standing === 'verified', CODE_MS);
  }
});
