import { randomUUID } from 'node:crypto';

import { expect, measured, needsNamespaces, test, until, type Lab, type Person } from './lab/lab.ts';
import { pairs } from './lab/flow.ts';
import { expectTogether, membersOf } from './lab/members.ts';
import type { NodeProcess } from './lab/node.ts';
import { playwrightDriver } from './lab/page-driver.ts';
import { RoomDriver } from './lab/room-driver.ts';
import type { RoomPage } from './lab/room-page.ts';

// Guards: what pages do for each other when their host is gone. A guest cannot dial another host; an app that it has a link to passes on.

needsNamespaces();
// Five browsers, one after the other, on cores that others use too.
test.setTimeout(240_000);

/** Noticing that the host is gone, taking over, and a guest that finds its way: as the meeting promises. */
const BACK_MS = 15_000;
/** A page started on two busy cores, found in the list. */
const LISTED_MS = 15_000;

interface Host {
  node: NodeProcess;
  person: Person;
}

interface Meeting {
  ana: Host;
  ben: Person;
  cyd: Person;
  gus: Person;
  meetingId: string;
}

const driver = ({ name, room }: Person): RoomDriver => new RoomDriver(name, playwrightDriver(room.page));

/** Somebody who has the app, and takes the meeting from the list. */
async function app(lab: Lab, name: string, meetingId: string): Promise<Person> {
  const person = await lab.user(name, lab.machine(name.toLowerCase()));
  await expect(person.room.meeting(meetingId)).toBeVisible({ timeout: LISTED_MS });
  await person.room.chooseFromList(meetingId);
  await person.room.join(name);
  return person;
}

/** Ana hosts and is in it by a page of hers; Ben and Cyd have the app, Gus has her link alone. */
async function meeting(lab: Lab, id?: string): Promise<Meeting> {
  const machine = lab.machine('ana');
  const node = await lab.host(machine, { title: 'Goes on', name: 'Ana', ...(id !== undefined && { id }) });
  const { meetingId, guestUrl, localUrl } = node.line;
  const person = await lab.visitor('Ana', machine, localUrl);
  await person.room.join('Ana');
  const ben = await app(lab, 'Ben', meetingId);
  const cyd = await app(lab, 'Cyd', meetingId);
  const gus = await lab.visitor('Gus', lab.machine('gus'), guestUrl);
  await gus.room.join('Gus');
  for (const { room } of [person, ben, cyd, gus]) await room.expectCount(4);
  await expectTogether(await membersOf([ben, cyd, gus].map(driver)));
  return { ana: { node, person }, ben, cyd, gus, meetingId };
}

/** As if the power was cut: no goodbye of any kind. */
async function kill({ node, person }: Host): Promise<void> {
  person.browser.kill();
  await node.stop('SIGKILL');
}

async function expectHears(room: RoomPage, text: string, withinMs = BACK_MS): Promise<void> {
  await room.openChat();
  await expect(room.get('chat-message').filter({ hasText: text })).toHaveCount(1, { timeout: withinMs });
}

/** Asked before the connection is lost, as it may be back before anybody looks. */
async function saysLost({ page }: RoomPage): Promise<unknown> {
  return page.waitForFunction(() => document.querySelector('[data-testid="badge"]') !== null, undefined, { timeout: BACK_MS });
}

/** The meeting is whole again for this page: it says nothing of a lost connection. */
async function expectBack(room: RoomPage): Promise<void> {
  await expect(room.get('badge')).toHaveCount(0, { timeout: BACK_MS });
}

test('the host is killed: a guest stays who it is, sees who comes, and talks with everybody', async ({ lab }) => {
  const { ana, ben, cyd, gus, meetingId } = await meeting(lab);
  const left = await membersOf([ben, cyd, gus].map(driver));
  const made = await Promise.all(left.map(({ room }) => room.linksMade()));
  const killed = performance.now();
  const lost = saysLost(gus.room);
  await kill(ana);
  await lost;
  await expectBack(gus.room);
  const seconds = (performance.now() - killed) / 1_000;
  measured(`the guest is back in the room ${seconds.toFixed(1)} s after the kill`);
  expect(seconds).toBeLessThan(BACK_MS / 1_000);

  const dan = await app(lab, 'Dan', meetingId);
  const danId = await dan.room.ownId();
  for (const { room } of [ben, cyd, gus, dan]) await room.expectCount(4);
  await gus.room.expectConnectedTo(danId);
  await gus.room.say('from the guest');
  await expectHears(ben.room, 'from the guest');
  await ben.room.say('to the guest');
  await expectHears(gus.room, 'to the guest');
  await expectHears(dan.room, 'from the guest');

  for (const [from, to] of pairs(left)) await to.room.expectConnectedTo(from.id);
  for (const [index, { room, id }] of left.entries()) {
    expect(await room.ownId(), 'the same seat').toBe(id);
    expect((await room.linksMade()) - (made[index] ?? 0), 'links made since: the one to Dan').toBe(1);
  }
});

test('the host freezes: a guest hears of it from an app, and goes where the meeting is', async ({ lab }) => {
  const { ana, ben, gus } = await meeting(lab);
  const id = await gus.room.ownId();
  const frozen = performance.now();
  const lost = saysLost(gus.room);
  process.kill(ana.node.pid, 'SIGSTOP');
  try {
    await lost;
    const seconds = (performance.now() - frozen) / 1_000;
    await expectBack(gus.room);
    measured(`the guest gave the frozen host up after ${seconds.toFixed(1)} s, and was back after ${((performance.now() - frozen) / 1_000).toFixed(1)} s`);
    // It was told, and looked; its own patience would have taken longer.
    expect(gus.browser.log.filter((line) => line.includes('the room does not answer'))).toHaveLength(1);
    expect(await gus.room.ownId()).toBe(id);
    await gus.room.say('from the guest');
    await expectHears(ben.room, 'from the guest');
  } finally {
    process.kill(ana.node.pid, 'SIGCONT');
  }
});

test('two hosts die one after the other: the guest goes on through whoever is left', async ({ lab }) => {
  const { ana, ben, cyd, gus } = await meeting(lab);
  const id = await gus.room.ownId();
  let lost = saysLost(gus.room);
  await kill(ana);
  await lost;
  for (const { room } of [ben, cyd, gus]) await expectBack(room);
  await gus.room.say('once');
  for (const { room } of [ben, cyd]) await expectHears(room, 'once');

  const { node } = ben;
  if (node === null) throw new Error('Ben has the app');
  lost = saysLost(gus.room);
  await kill({ node, person: ben });
  await cyd.room.say('twice');
  await expectHears(gus.room, 'twice');
  await lost;
  // By the room, not beside it.
  for (const { room } of [cyd, gus]) await expectBack(room);
  await gus.room.say('thrice');
  await expectHears(cyd.room, 'thrice');
  expect(await gus.room.ownId(), 'the same seat').toBe(id);
});

test('without any server people still write to each other and show what they like', async ({ lab }) => {
  // A meeting whose id was given has no successors.
  const { ana, ben, cyd, gus } = await meeting(lab, `stand-up-${randomUUID()}`);
  await ben.room.press('camera-button', false);
  const [benId, gusId] = [await ben.room.ownId(), await gus.room.ownId()];
  await kill(ana);
  for (const { room } of [ben, cyd, gus]) await expect(room.get('badge')).toBeVisible({ timeout: BACK_MS });

  await ben.room.say('is anybody there');
  for (const { room } of [cyd, gus]) await expectHears(room, 'is anybody there');
  await gus.room.say('I am');
  for (const { room } of [ben, cyd]) await expectHears(room, 'I am');

  // What takes a new section on the link, and what only has to be told.
  await gus.room.press('share-button', true);
  await ben.room.press('camera-button', true);
  const seen = async (person: Person, id: string, source: 'camera' | 'screen'): Promise<number> => (await driver(person).sees(id, source))?.framesDecoded ?? 0;
  for (const person of [ben, cyd]) {
    await expect(person.room.tile(gusId, 'screen')).toBeVisible();
    await until(`${person.name} sees the screen`, () => seen(person, gusId, 'screen'), (frames) => frames > 5, BACK_MS);
  }
  const before = await seen(gus, benId, 'camera');
  await until('Gus sees Ben', () => seen(gus, benId, 'camera'), (frames) => frames > before + 5, BACK_MS);
  for (const { room } of [ben, cyd, gus]) await expect(room.get('badge'), 'there was no server').toBeVisible();
});
