import { randomUUID } from 'node:crypto';

import { expect, measured, needsNamespaces, test, until } from './lab/lab.ts';
import { openWindow, pairs, type Member } from './lab/flow.ts';
import { scratch } from './lab/paths.ts';

// Guards: media is never tied to the host. Its machine may die and come back; nobody sees it in a picture.

/** How long the host is away. */
const AWAY_MS = 5_000;
/** How soon after its return everybody is in the room again: backoff of the clients, and their join. */
const REJOINED_MS = 10_000;
const ARRIVES = 0.9;

needsNamespaces();

test('the host is killed and comes back, and no link notices', async ({ lab }) => {
  const machine = lab.machine('host');
  const configDir = scratch('host');
  // A meeting whose id was given has no successors: without its host it waits for it.
  const first = await lab.host(machine, { title: 'Stand-up', name: 'Hanna', configDir, id: `stand-up-${randomUUID().slice(0, 8)}` });
  const { meetingId, port, fingerprint, guestUrl } = first.line;

  const ana = await lab.user('Ana', lab.machine('ana'));
  await ana.room.chooseFromList(meetingId);
  await ana.room.join('Ana');
  const ben = await lab.user('Ben', lab.machine('ben'));
  await ben.room.chooseByAddress(`${machine.address}:${String(port)}`);
  await ben.room.join('Ben');
  const cho = await lab.visitor('Cho', lab.machine('cho'), guestUrl);
  await cho.room.join('Cho');
  const members: Member[] = await Promise.all([ana, ben, cho].map(async ({ room }) => ({ room, id: await room.ownId() })));
  for (const [from, to] of pairs(members)) await to.room.expectConnectedTo(from.id);
  await ana.room.say('said before');
  await cho.room.openChat();
  await expect(cho.room.get('chat-message')).toHaveCount(1);

  const windows = await Promise.all(pairs(members).map(([from, to]) => openWindow(from, to)));
  await first.stop('SIGKILL');
  // The time is the point: this long everybody is without a host.
  await ana.room.page.waitForTimeout(AWAY_MS);
  const second = await lab.host(machine, { title: 'Stand-up', name: 'Hanna', configDir, id: meetingId, port });
  expect(second.line).toMatchObject({ meetingId, port, fingerprint });

  // The guest's page can ask the host: it has the same origin.
  await until(
    'all three are back',
    () => cho.room.page.evaluate(async () => ((await (await fetch('/api/meeting')).json()) as { participants: number }).participants).catch(() => -1),
    (participants) => participants === 3,
    REJOINED_MS,
  );
  const flows = await Promise.all(windows.map((close) => close()));
  measured(flows.map(({ sent, decoded, lost }) => `${String(decoded)}/${String(sent)} lost ${String(lost)}`).join(', '));
  for (const flow of flows) {
    expect(flow.identity).not.toContain('became');
    expect(flow.lost).toBe(0);
    expect(flow.decoded).toBeGreaterThanOrEqual(flow.sent * ARRIVES);
  }
  for (const { room, id } of members) {
    expect(await room.ownId(), 'the same seat').toBe(id);
    await room.expectCount(3);
  }

  // The room works again, for those who were there and for somebody new.
  await ben.room.say('said after');
  // Without a camera: a fourth picture is more than two cores can carry in software.
  const dee = await lab.visitor('Dee', lab.machine('dee'), guestUrl, { devices: 'denied' });
  await dee.room.join('Dee');
  for (const { id } of members) await dee.room.expectConnectedTo(id);
  await dee.room.expectCount(4);
  await dee.room.openChat();
  await expect(dee.room.get('chat-message')).toHaveCount(2);
  for (const { room } of members) {
    await room.openChat();
    await expect(room.get('chat-message'), 'nothing lost, nothing twice').toHaveCount(2);
  }
});
