import { expect, measured, needsNamespaces, test, until, type Lab, type Person } from './lab/lab.ts';
import { pairs } from './lab/flow.ts';
import { expectTogether, membersOf, measureFlows } from './lab/members.ts';
import { playwrightDriver } from './lab/page-driver.ts';
import { scratch } from './lab/paths.ts';
import { RoomDriver } from './lab/room-driver.ts';

// Guards: a meeting of apps outlives its host. Browser mode, each on a machine of its own.

needsNamespaces();

/** Noticing takes three seconds, taking over less than one, the lists a little. */
const FOUND_AGAIN_MS = 15_000;
const MEASURED_MS = 5_000;

/** Ana hosts; Ben and Cyd are in it too, in this order. */
async function meeting(lab: Lab): Promise<{ people: [Person, Person, Person]; meetingId: string }> {
  const ana = await lab.user('Ana', lab.machine('ana'));
  await ana.room.get('name-input').fill('Ana');
  await ana.room.get('title-input').fill('Goes on');
  await ana.room.get('host-button').click();
  await expect(ana.room.get('leave-button')).toBeVisible();
  await ana.room.ownId();
  let meetingId = '';
  const join = async (name: string): Promise<Person> => {
    const person = await lab.user(name, lab.machine(name.toLowerCase()));
    const item = person.room.page.locator('[data-testid="meeting-item"]').first();
    await expect(item).toBeVisible({ timeout: 15_000 });
    meetingId = (await item.getAttribute('data-meeting-id')) ?? '';
    await person.room.chooseFromList(meetingId);
    await person.room.join(name);
    return person;
  };
  const ben = await join('Ben');
  const cyd = await join('Cyd');
  for (const { room } of [ana, ben, cyd]) await room.expectCount(3);
  return { people: [ana, ben, cyd], meetingId };
}

const driver = ({ name, room }: Person): RoomDriver => new RoomDriver(name, playwrightDriver(room.page));

test('the host is killed: links live on, the same meeting is in the list again, and somebody new comes in', async ({ lab }) => {
  const { people, meetingId } = await meeting(lab);
  const [ana, ben, cyd] = people;
  await cyd.room.say('before');
  const left = await membersOf([driver(ben), driver(cyd)]);
  await expectTogether(left);
  const made = await Promise.all(left.map(({ room }) => room.linksMade()));

  const killed = performance.now();
  await ana.node?.stop('SIGKILL');
  await ana.browser.close();
  const flows = await measureFlows(left, MEASURED_MS);
  for (const { from, to, flow } of flows) measured(`${from.room.name} → ${to.room.name} meanwhile: ${flow.decoded}/${flow.sent} frames`);

  const dan = await lab.user('Dan', lab.machine('dan'));
  await expect(dan.room.meeting(meetingId)).toBeVisible({ timeout: FOUND_AGAIN_MS });
  measured(`in somebody's list again ${((performance.now() - killed) / 1_000).toFixed(1)} s after the kill, the start of their program included`);
  await dan.room.chooseFromList(meetingId);
  await dan.room.join('Dan');
  for (const { room } of [ben, cyd, dan]) await room.expectCount(3);
  for (const [from, to] of pairs(left)) await to.room.expectConnectedTo(from.id);
  // The same seats, the same links, and what was said.
  for (const [index, { room, id }] of left.entries()) {
    expect(await room.ownId()).toBe(id);
    await room.expectConnectedTo(await dan.room.ownId());
    expect((await room.linksMade()) - (made[index] ?? 0), 'links made since: the one to Dan').toBe(1);
  }
  await until('the badge is gone', () => left[0]?.room.count('badge') ?? Promise.resolve(1), (count) => count === 0, FOUND_AGAIN_MS);
  await dan.room.get('chat-button').click();
  await expect(dan.room.get('chat-message').first()).toContainText('before');
});

test('the host quits in order: somebody else has the meeting at once', async ({ lab }) => {
  const { people, meetingId } = await meeting(lab);
  const [ana, ben, cyd] = people;
  const left = await membersOf([driver(ben), driver(cyd)]);
  await expectTogether(left);
  const dan = await lab.user('Dan', lab.machine('dan'));
  await expect(dan.room.meeting(meetingId)).toBeVisible({ timeout: FOUND_AGAIN_MS });
  await ana.node?.stop('SIGTERM');
  await ana.browser.close();
  await dan.room.chooseFromList(meetingId);
  await dan.room.join('Dan');
  for (const { room } of [ben, cyd, dan]) await room.expectCount(3);
  for (const { room, id } of left) expect(await room.ownId()).toBe(id);
});

test('a host without a window that dies has successors too, and does not open a second room when it is started again', async ({ lab }) => {
  const machine = lab.machine('host');
  const configDir = scratch('host');
  const host = await lab.host(machine, { title: 'Goes on', name: 'Hanna', configDir });
  const { meetingId } = host.line;
  const people: Person[] = [];
  for (const name of ['Ana', 'Ben']) {
    const person = await lab.user(name, lab.machine(name.toLowerCase()));
    await person.room.chooseFromList(meetingId);
    await person.room.join(name);
    people.push(person);
  }
  // Somebody who came in the very last moment is in no record yet, and knows no successor.
  await expectTogether(await membersOf(people.map(driver)));
  await host.stop('SIGKILL');
  const dan = await lab.user('Dan', lab.machine('dan'));
  await expect(dan.room.meeting(meetingId)).toContainText('Ana', { timeout: FOUND_AGAIN_MS });
  await expect(lab.host(machine, { title: 'Goes on', name: 'Hanna', configDir, id: meetingId })).rejects.toThrow(/goes on at another computer/);
  await dan.room.chooseFromList(meetingId);
  await dan.room.join('Dan');
  for (const { room } of [...people, dan]) await room.expectCount(3);
});
