import { expect, needsNamespaces, test, type Person } from './lab/lab.ts';
import { artifact } from './lab/paths.ts';
import type { RoomPage } from './lab/room-page.ts';

// Guards: who comes in, who may do what, and the code that all compare, as people meet them. Apps in browser mode and a guest, each
// on a machine of its own.

needsNamespaces();

const CODE_MS = 15_000;

async function hostWith(ana: Person, title: string, access: 'open' | 'code' | 'lobby'): Promise<void> {
  const { room } = ana;
  await room.get('name-input').fill(ana.name);
  await room.get('title-input').fill(title);
  await room.get(`host-access-${access}`).click();
  await room.get('host-button').click();
  await expect(room.get('leave-button')).toBeVisible();
}

/** Opens a panel, unless it is open. */
async function open(room: RoomPage, panel: 'people' | 'code'): Promise<void> {
  if ((await room.get(`${panel}-panel`).count()) === 0) await room.get(`${panel}-button`).click();
  await expect(room.get(`${panel}-panel`)).toBeVisible();
}

/** The code on somebody's screen, which covers so many others. */
async function codeOf(room: RoomPage): Promise<string> {
  await open(room, 'code');
  await expect(room.get('code-emoji')).toBeVisible({ timeout: CODE_MS });
  await expect(room.get('codes-same')).toBeVisible({ timeout: CODE_MS });
  return (await room.get('code-emoji').getAttribute('data-code')) ?? '';
}

async function meetingIdOf(room: RoomPage): Promise<string> {
  const item = room.page.locator('[data-testid="meeting-item"]').first();
  await expect(item).toBeVisible({ timeout: 15_000 });
  return (await item.getAttribute('data-meeting-id')) ?? '';
}

/** The link that the host shows to guests. */
async function linkOf(room: RoomPage): Promise<string> {
  // Before the answer to the join the page does not know how one comes in.
  await room.ownId();
  if ((await room.get('guest-link').count()) === 0) await room.get('link-panel-button').click();
  const link = (await room.get('guest-link').first().textContent()) ?? '';
  await room.get('link-panel-button').click();
  return link.trim();
}

test('one code is on every screen, and whoever is compared stays verified; somebody new is not', async ({ lab }) => {
  const ana = await lab.user('Ana', lab.machine('ana'));
  await hostWith(ana, 'Compare', 'open');
  const link = await linkOf(ana.room);
  const ben = await lab.user('Ben', lab.machine('ben'));
  await ben.room.chooseFromList(await meetingIdOf(ben.room));
  await ben.room.join('Ben');
  const gil = await lab.visitor('Gil', lab.machine('gil'), link);
  await gil.room.join('Gil');
  for (const { room } of [ana, ben, gil]) await room.expectCount(3);

  const people = [ana, ben, gil];
  await expect
    .poll(async () => new Set(await Promise.all(people.map(({ room }) => codeOf(room)))).size, { timeout: CODE_MS })
    .toBe(1);
  await ana.room.page.screenshot({ path: artifact('code.png') });
  await ana.room.get('codes-same').click();
  await open(ana.room, 'people');
  const [benId, gilId] = [await ben.room.ownId(), await gil.room.ownId()];
  for (const id of [benId, gilId]) await expect(ana.room.get(`person-${id}`)).toHaveAttribute('data-standing', 'verified');
  await ana.room.page.screenshot({ path: artifact('people.png') });

  const eve = await lab.visitor('Eve', lab.machine('eve'), link);
  await eve.room.join('Eve');
  await expect(ana.room.get(`person-${await eve.room.ownId()}`)).toHaveAttribute('data-standing', 'proven');
  await expect(ana.room.get(`person-${benId}`)).toHaveAttribute('data-standing', 'verified');

  // Whoever still compares keeps the old code, and lets go of it to have a new one.
  for (const { room } of [ben, gil]) await room.get('compare-again').click();
  await codeOf(ben.room);
  // They differ: the whole meeting turns red, for everybody.
  await ben.room.get('codes-differ').click();
  for (const { room } of [ana, ben, gil, eve]) await expect(room.get('mismatch')).toBeVisible();
  for (const { browser } of [ana, ben, gil, eve]) expect(browser.errors).toEqual([]);
});

test('with a code: the wrong one is told at its field, the right one lets an app in, the link a guest, and others knock', async ({ lab }) => {
  const ana = await lab.user('Ana', lab.machine('ana'));
  await hostWith(ana, 'Behind a code', 'code');
  const link = await linkOf(ana.room);
  expect(link).toMatch(/&s=[\w-]{22}$/);
  await open(ana.room, 'people');
  const code = (await ana.room.get('meeting-code').first().getAttribute('data-code')) ?? '';
  expect(code).toMatch(/^\d{6}$/);

  const ben = await lab.user('Ben', lab.machine('ben'));
  await ben.room.chooseFromList(await meetingIdOf(ben.room));
  await ben.room.get('name-input').fill('Ben');
  await ben.room.get('code-input').fill(code === '000000' ? '000001' : '000000');
  await ben.room.get('join-button').click();
  await expect(ben.room.get('code-error')).toBeVisible({ timeout: 15_000 });
  await ben.room.page.screenshot({ path: artifact('code-wrong.png') });
  await ben.room.get('code-input').fill(`${code.slice(0, 3)} ${code.slice(3)}`);
  await ben.room.get('join-button').click();
  await expect(ben.room.get('leave-button')).toBeVisible();
  await ben.room.expectConnectedTo(await ana.room.ownId());

  const gil = await lab.visitor('Gil', lab.machine('gil'), link);
  await expect(gil.room.get('join-button')).toBeVisible();
  await expect(gil.room.get('code-input')).toHaveCount(0);
  await gil.room.join('Gil');
  await ana.room.expectCount(3);

  // By the bare address there is a field, and a way to ask.
  const eve = await lab.visitor('Eve', lab.machine('eve'), link.replace(/#.*/, ''));
  await eve.room.get('name-input').fill('Eve');
  await eve.room.get('ask-in-button').click();
  await expect(eve.room.get('waiting')).toBeVisible();
  await eve.room.page.screenshot({ path: artifact('waiting.png') });
  await ana.room.page.locator('[data-testid^="admit-"]').first().click();
  await expect(eve.room.ownTile()).toBeVisible();
  await ana.room.expectCount(4);
  expect(new URL(eve.room.page.url()).search).toBe('');
});

test('in a lobby the host lets in, mutes, makes a co-host who may do the same, and sends out for good', async ({ lab }) => {
  const ana = await lab.user('Ana', lab.machine('ana'));
  await hostWith(ana, 'Lobby', 'lobby');
  const ben = await lab.user('Ben', lab.machine('ben'));
  const meetingId = await meetingIdOf(ben.room);
  await ben.room.chooseFromList(meetingId);
  await ben.room.get('name-input').fill('Ben');
  await ben.room.get('join-button').click();
  await expect(ben.room.get('waiting')).toBeVisible();
  const knock = ana.room.get('knock-notice');
  await expect(knock).toBeVisible();
  await ana.room.page.screenshot({ path: artifact('knock.png') });
  await ana.room.page.locator('[data-testid^="admit-"]').first().click();
  await expect(ben.room.ownTile()).toBeVisible();
  await expect(knock).toHaveCount(0);
  const benId = await ben.room.ownId();
  await ben.room.expectConnectedTo(await ana.room.ownId());

  await open(ana.room, 'people');
  await ana.room.get(`person-menu-${benId}`).click();
  await ana.room.get(`mute-${benId}`).click();
  await expect(ben.room.get('mic-button')).toHaveAttribute('aria-pressed', 'false');
  await ana.room.get(`person-menu-${benId}`).click();
  await ana.room.get(`co-host-${benId}`).click();
  await expect(ana.room.get(`person-${benId}`)).toHaveAttribute('data-role', 'co-host');

  // Now Ben hears the knocks as well, and opens.
  const cyd = await lab.user('Cyd', lab.machine('cyd'));
  await cyd.room.chooseFromList(meetingId);
  await cyd.room.get('name-input').fill('Cyd');
  await cyd.room.get('join-button').click();
  await expect(cyd.room.get('waiting')).toBeVisible();
  await ben.room.page.locator('[data-testid^="admit-"]').first().click();
  await expect(cyd.room.ownTile()).toBeVisible();
  const cydId = await cyd.room.ownId();

  await expect(ana.room.get(`person-${cydId}`)).toBeVisible();
  await ana.room.get(`person-menu-${cydId}`).click();
  await ana.room.get(`remove-${cydId}`).click();
  await ana.room.get('confirm-remove').click();
  await expect(cyd.room.get('end-reason')).toHaveAttribute('data-reason', 'removed');
  await expect(ana.room.tile(cydId)).toHaveCount(0);
  await cyd.room.page.screenshot({ path: artifact('removed.png') });
  // The same key is refused, also by a page that was loaded anew.
  await cyd.room.page.reload();
  await cyd.room.chooseFromList(meetingId);
  await cyd.room.get('join-button').click();
  await expect(cyd.room.get('end-reason')).toHaveAttribute('data-reason', 'removed');
});
