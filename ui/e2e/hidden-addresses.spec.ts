import { expect, needsNamespaces, test } from './lab/lab.ts';
import { openWindow } from './lab/flow.ts';

// Guards: browsers as people have them. Before camera or microphone are allowed they hide their addresses behind names under
// `.local`, which only the browser itself answers for; the other tests switch that off.

needsNamespaces();

test('people with devices are connected with hidden addresses', async ({ lab }) => {
  const host = await lab.host(lab.machine('host'), { title: 'Stand-up' });
  const ana = await lab.user('Ana', lab.machine('ana'), { hideAddresses: true });
  await ana.room.chooseFromList(host.line.meetingId);
  await ana.room.join('Ana');
  const ben = await lab.visitor('Ben', lab.machine('ben'), host.line.guestUrl, { hideAddresses: true });
  await ben.room.join('Ben');

  const first = { room: ana.room, id: await ana.room.ownId() };
  const second = { room: ben.room, id: await ben.room.ownId() };
  await first.room.expectConnectedTo(second.id);
  await second.room.expectConnectedTo(first.id);
  const close = await openWindow(first, second);
  await ana.room.page.waitForTimeout(2_000);
  const flow = await close();
  expect(flow.decoded).toBeGreaterThanOrEqual(flow.sent * 0.9);
  expect(flow.decoded).toBeGreaterThan(20);
});

test('somebody who only listens, with addresses hidden, is connected by the address that the room knows', async ({ lab }) => {
  const host = await lab.host(lab.machine('host'), { title: 'Stand-up' });
  const ana = await lab.visitor('Ana', lab.machine('ana'), host.line.guestUrl, { hideAddresses: true });
  await ana.room.join('Ana');
  const ben = await lab.visitor('Ben', lab.machine('ben'), host.line.guestUrl, { hideAddresses: true, devices: 'denied' });
  await ben.room.join('Ben');

  const [anaId, benId] = [await ana.room.ownId(), await ben.room.ownId()];
  await ben.room.expectConnectedTo(anaId);
  await ana.room.expectConnectedTo(benId);
  await expect
    .poll(async () => (await ben.room.traffic(anaId))?.inbound.find(({ kind, shown }) => shown && kind === 'video')?.framesDecoded ?? 0)
    .toBeGreaterThan(30);
  // It was worth testing: his own candidates have no address.
  const { addresses = [] } = (await ben.room.traffic(anaId)) ?? {};
  expect(addresses.length).toBeGreaterThan(0);
  expect(addresses.filter((address) => /^\d+\./.test(address))).toEqual([]);
});
