import { expect, needsNamespaces, test, until } from './lab/lab.ts';
import type { Machine } from './lab/network.ts';
import { inWords, listenersOn } from './lab/sockets.ts';

// Guards: nothing of Landline listens but what is by design, in browser mode. The app's window: window/quiet.spec.ts.

needsNamespaces();

/** Sockets are closed a moment after what they were for. */
const CLOSED_MS = 5_000;
/** For finding meetings and being found (RFC 6762). */
const MDNS = 'udp 5353';

const ofNode = (machine: Machine): string[] => inWords(listenersOn(machine).filter(({ holders }) => holders.some(({ program }) => program === 'landline-node')));

function expectListeners(what: string, machine: Machine, right: (listeners: string[]) => boolean): Promise<string[]> {
  return until(what, () => ofNode(machine), right, CLOSED_MS);
}

const is = (...expected: string[]) => (listeners: string[]): boolean => listeners.join() === [...expected].sort().join();

test('browser mode listens on its own loopback address alone: before, after a meeting of its own, and after one of somebody else', async ({ lab }) => {
  const [here, there] = [lab.machine('ana'), lab.machine('ben')];
  const node = await lab.ui(here);
  // What the person asked for: a page for a browser of this machine.
  const own = `tcp 127.0.0.1:${new URL(node.line.localUrl).port}`;
  await expectListeners('without a page', here, is(own));

  const ana = await lab.visitor('Ana', here, node.line.localUrl);
  await expect(ana.room.get('host-button')).toBeVisible();
  await expectListeners('with the list of meetings on the screen', here, is(own, MDNS));

  await ana.room.get('title-input').fill('Quiet');
  await ana.room.get('host-button').click();
  await ana.room.ownId();
  const hosting = await expectListeners('as a host', here, (all) => all.length === 3 && all.includes(own) && all.includes(MDNS));
  expect(hosting.find((one) => one !== own && one !== MDNS)).toMatch(/^tcp \d+$/);

  const ben = await lab.user('Ben', there);
  const benOwn = `tcp 127.0.0.1:${new URL(ben.node?.line.localUrl ?? '').port}`;
  await ben.room.page.locator('[data-testid="meeting-item"]').first().click();
  await ben.room.join('Ben');
  await ana.room.expectCount(2);
  // The list is not on the screen; the other port is for the nodes of the meeting.
  const inside = await expectListeners('in somebody else’s meeting', there, (all) => all.length === 2 && all.includes(benOwn));
  const peer = inside.find((one) => one !== benOwn) ?? '';
  expect(peer).toMatch(/^tcp \d+$/);
  await ben.room.leave();
  await expectListeners('after somebody else’s meeting', there, is(benOwn));
  await ana.room.leave();
  await expectListeners('after a meeting of its own', here, is(own));
  await ana.browser.close();
  await expectListeners('without a page again', here, is(own));
});
