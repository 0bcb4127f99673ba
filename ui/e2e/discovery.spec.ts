import { expect, measured, needsNamespaces, test, until } from './lab/lab.ts';
import { list } from './lab/node.ts';
import { ForeignBrowser } from './lab/zeroconf.ts';

// Guards: people find each other by multicast alone, soon, and never see what is over.

/** A meeting that starts appears within this time at everybody who looks. */
const APPEARS_MS = 2_000;
/** A meeting that runs is found within this time by somebody who starts to look. */
const FOUND_MS = 500;
/** A meeting that ends in good order disappears within this time. */
const DISAPPEARS_MS = 2_000;

needsNamespaces();

test('a meeting appears on the other machine when it starts and disappears when it ends', async ({ lab }) => {
  const ana = await lab.user('Ana', lab.machine('ana'));
  await expect(ana.room.get('address-input')).toBeVisible();

  const starting = performance.now();
  const host = await lab.host(lab.machine('host'), { title: 'Stand-up', name: 'Hanna' });
  const item = ana.room.meeting(host.line.meetingId);
  await expect(item).toBeVisible({ timeout: APPEARS_MS + 1_000 });
  const appeared = performance.now() - starting;
  await expect(item).toContainText('Stand-up');
  await expect(item).toContainText('Hanna');

  const ending = performance.now();
  const stopped = host.stop('SIGTERM');
  await expect(item).toBeHidden({ timeout: DISAPPEARS_MS + 1_000 });
  const disappeared = performance.now() - ending;
  expect(await stopped, 'SIGTERM is a good end').toBe(0);

  measured(`appeared ${String(Math.round(appeared))} ms, disappeared ${String(Math.round(disappeared))} ms`);
  expect(appeared).toBeLessThan(APPEARS_MS);
  expect(disappeared).toBeLessThan(DISAPPEARS_MS);
});

test('somebody who starts to look finds a running meeting at once, with all that the list shows', async ({ lab }) => {
  const machine = lab.machine('host');
  const host = await lab.host(machine, { title: 'Plan für Mai 你好', name: 'Hanna' });

  const found = (await list(lab.machine('ana'), 2)).filter(({ meeting }) => meeting.meetingId === host.line.meetingId);

  const [first] = found;
  expect(first, 'the meeting is listed').toBeDefined();
  expect(first?.meeting).toMatchObject({
    title: 'Plan für Mai 你好',
    host: 'Hanna',
    participants: 0,
    port: host.line.port,
    fingerprint: host.line.fingerprint,
    locked: false,
  });
  expect(first?.meeting.addresses).toContain(machine.address);
  measured(`found after ${String(Math.round(first?.afterMs ?? 0))} ms`);
  expect(first?.afterMs, 'with the start of the program').toBeLessThan(FOUND_MS);
});

test('a private meeting is listed without title and name, and joined as any other', async ({ lab }) => {
  const host = await lab.host(lab.machine('host'), { title: 'Salaries', name: 'Hanna', private: true });
  const { meetingId } = host.line;
  const ana = await lab.user('Ana', lab.machine('ana'));
  const item = ana.room.meeting(meetingId);
  await expect(item).toContainText('Private meeting');
  await expect(item).not.toContainText('Hanna');
  const listed = (await list(lab.machine('ben'), 2)).find(({ meeting }) => meeting.meetingId === meetingId);
  expect(listed?.meeting).toMatchObject({ title: '', host: '', participants: 0, fingerprint: host.line.fingerprint });
  await ana.room.chooseFromList(meetingId);
  await ana.room.join('Ana');
  await ana.room.expectCount(1);
});

test('two meetings of one network are listed side by side', async ({ lab }) => {
  const [one, two] = await Promise.all([
    lab.host(lab.machine('one'), { title: 'One' }),
    lab.host(lab.machine('two'), { title: 'Two' }),
  ]);
  const found = await list(lab.machine('ana'), 2);
  const ids = new Set(found.map(({ meeting }) => meeting.meetingId));
  expect(ids).toEqual(new Set([one.line.meetingId, two.line.meetingId]));
});

test('a foreign implementation of mDNS sees the meeting, its TXT record and its goodbye', async ({ lab }) => {
  const foreign = ForeignBrowser.start(lab.machine('foreign'));
  test.skip(foreign === null, 'python-zeroconf is not installed');
  if (!foreign) return;
  try {
    const machine = lab.machine('host');
    const host = await lab.host(machine, { title: 'Stand-up', name: 'Hanna' });

    const seen = await until('the service', () => foreign.seen.find((seen) => seen.event === 'found'), Boolean, 5_000);
    expect(seen?.port).toBe(host.line.port);
    expect(seen?.addresses).toContain(machine.address);
    expect(seen?.txt).toMatchObject({
      v: '1',
      id: host.line.meetingId,
      title: 'Stand-up',
      host: 'Hanna',
      fp: host.line.fingerprint,
      n: '0',
    });

    await host.stop('SIGTERM');
    await until('the goodbye', () => foreign.seen.find((seen) => seen.event === 'gone'), Boolean, 3_000);
  } finally {
    foreign.stop();
  }
});

test('the number of people in the list follows the meeting', async ({ lab }) => {
  const machine = lab.machine('host');
  const host = await lab.host(machine, { title: 'Stand-up' });
  const ana = await lab.user('Ana', lab.machine('ana'));
  const item = ana.room.meeting(host.line.meetingId);
  await expect(item).toBeVisible();

  const guest = await lab.visitor('Ben', lab.machine('ben'), host.line.guestUrl);
  await guest.room.join('Ben');
  await expect(item).toContainText('1 person');
  const found = await list(lab.machine('cho'), 2);
  expect(found.at(-1)?.meeting.participants).toBe(1);
});
