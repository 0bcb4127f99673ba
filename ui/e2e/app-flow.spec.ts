import { expect, test, until } from './lab/lab.ts';
import { artifact } from './lab/paths.ts';
import { RoomPage } from './lab/room-page.ts';

// Guards: what one person does from the first screen to the last, and what happens when something is missing.

test('from home over the room to the end: host, look around, leave', async ({ lab }) => {
  const ana = await lab.user('Ana', null);
  const { room } = ana;
  await room.page.setViewportSize({ width: 1280, height: 800 });
  await room.get('name-input').fill('Ana');
  await room.get('title-input').fill('Stand-up');
  await room.page.screenshot({ path: artifact('home.png') });

  await room.get('host-button').click();
  await expect(room.get('leave-button')).toBeVisible();
  await room.expectCount(1);
  await expect(room.ownTile()).toHaveAttribute('data-link-state', 'connected');
  await room.page.screenshot({ path: artifact('room-alone.png') });

  await room.leave();
  await room.page.screenshot({ path: artifact('end.png') });
  expect(ana.browser.errors).toEqual([]);
});

test('a host without a window is joined over the preview, by several windows, each a participant of its own', async ({ lab }) => {
  const host = await lab.host(null, { title: 'Stand-up', name: 'Hanna' });
  const ana = await lab.visitor('Ana', null, host.line.localUrl);
  await expect(ana.room.get('join-button')).toBeVisible();
  await ana.room.page.screenshot({ path: artifact('preview.png') });
  await ana.room.join('Ana');

  const page = await ana.browser.newPage();
  await page.goto(host.line.localUrl);
  const second = new RoomPage(page);
  await second.join('Ana again');
  const ids = [await ana.room.ownId(), await second.ownId()];
  expect(new Set(ids).size).toBe(2);
  await ana.room.expectCount(2);
  await ana.room.expectConnectedTo(ids[1] ?? '');

  await page.close();
  await expect(ana.room.tile(ids[1] ?? '')).toHaveCount(0, { timeout: 4_000 });
  await ana.room.expectCount(1);
});

test('a page that is loaded anew is the same participant again', async ({ lab }) => {
  const host = await lab.host(null, { title: 'Stand-up' });
  const ana = await lab.visitor('Ana', null, host.line.localUrl);
  await ana.room.join('Ana');
  const ben = await lab.visitor('Ben', null, host.line.localUrl);
  await ben.room.join('Ben');
  const [anaId, benId] = [await ana.room.ownId(), await ben.room.ownId()];
  await ana.room.say('before the reload');
  await ben.room.expectConnectedTo(anaId);

  await ana.room.page.reload();
  await expect(ana.room.get('leave-button')).toBeVisible({ timeout: 10_000 });
  expect(await ana.room.ownId()).toBe(anaId);
  await ana.room.expectConnectedTo(benId);
  await ben.room.expectConnectedTo(anaId);
  await ben.room.expectCount(2);
  await ana.room.openChat();
  await expect(ana.room.get('chat-message')).toHaveCount(1);
});

test('who has left the own meeting can end it for everyone, and the others are told', async ({ lab }) => {
  const host = await lab.host(null, { title: 'Stand-up', name: 'Hanna' });
  const ana = await lab.visitor('Ana', null, host.line.localUrl);
  await ana.room.join('Ana');
  const ben = await lab.visitor('Ben', null, host.line.guestUrl);
  await ben.room.join('Ben');
  await ana.room.expectCount(2);

  await ana.room.leave();
  await ben.room.expectCount(1);
  await ana.room.get('end-meeting-button').click();
  await expect(ben.room.get('end-reason')).toHaveAttribute('data-reason', 'ended-by-host');
  await expect(ana.room.get('error')).toHaveCount(0);
  await until('the host ends', () => Promise.resolve(host.exitCode), (code) => code === 0, 3_000);
});

test('a wrong address and an address where nobody is are told apart, and what was typed stays', async ({ lab }) => {
  const { room } = await lab.user('Ana', null);
  const texts: string[] = [];
  for (const address of ['not an address', '127.0.0.1:1']) {
    await room.chooseByAddress(address);
    await expect(room.get('error')).toBeVisible();
    texts.push(await room.get('error').innerText());
    await expect(room.get('address-input')).toHaveValue(address);
  }
  expect(texts[0]).not.toBe(texts[1]);
  await room.page.screenshot({ path: artifact('home-error.png') });
  // The next try says nothing of the last.
  const host = await lab.host(null, { title: 'Stand-up' });
  await room.chooseByAddress(host.line.guestUrl === '' ? `127.0.0.1:${String(host.line.port)}` : host.line.guestUrl);
  await expect(room.get('join-button')).toBeVisible();
});

test('somebody who allows neither camera nor microphone sees how to mend it, and joins all the same', async ({ lab }) => {
  const host = await lab.host(null, { title: 'Stand-up' });
  const ana = await lab.visitor('Ana', null, host.line.localUrl);
  await ana.room.join('Ana');
  const ben = await lab.visitor('Ben', null, host.line.localUrl, { devices: 'denied' });
  await expect(ben.room.get('join-button')).toBeEnabled();
  await ben.room.page.screenshot({ path: artifact('preview-denied.png') });
  await ben.room.join('Ben');
  await expect(ben.room.get('camera-button')).toHaveAttribute('aria-pressed', 'false');
  await expect(ben.room.get('mic-button')).toHaveAttribute('aria-pressed', 'false');

  // He sees and is seen to be there, both ways connected.
  const [anaId, benId] = [await ana.room.ownId(), await ben.room.ownId()];
  await ben.room.expectConnectedTo(anaId);
  await ana.room.expectConnectedTo(benId);
  await expect.poll(async () => (await ben.room.traffic(anaId))?.inbound.find(({ shown, kind }) => shown && kind === 'video')?.framesDecoded ?? 0).toBeGreaterThan(10);
});
