import { expect, needsNamespaces, test } from './lab/lab.ts';
import { openWindow } from './lab/flow.ts';

// Guards: browsers that take the page of a host but refuse its secure WebSocket, as those of iOS do.

needsNamespaces();

test('a guest without WebSockets is in the meeting all the same', async ({ lab }) => {
  const host = await lab.host(lab.machine('host'), { title: 'Stand-up' });
  const ana = await lab.user('Ana', lab.machine('ana'));
  await ana.room.chooseFromList(host.line.meetingId);
  await ana.room.join('Ana');

  const ben = await lab.visitor('Ben', lab.machine('ben'), host.line.guestUrl, {
    before: () => {
      Reflect.deleteProperty(window, 'WebSocket');
    },
  });
  expect(await ben.room.page.evaluate(() => typeof WebSocket)).toBe('undefined');
  await ben.room.join('Ben');

  const [first, second] = [
    { room: ana.room, id: await ana.room.ownId() },
    { room: ben.room, id: await ben.room.ownId() },
  ];
  await first.room.expectConnectedTo(second.id);
  await second.room.expectConnectedTo(first.id);
  const there = await openWindow(first, second);
  const back = await openWindow(second, first);
  await ana.room.page.waitForTimeout(1_000);
  expect((await there()).decoded).toBeGreaterThan(5);
  expect((await back()).decoded).toBeGreaterThan(5);

  await ben.room.say('from a stream');
  await ana.room.openChat();
  await expect(ana.room.get('chat-message')).toContainText(['from a stream']);
  await ana.room.say('to a stream');
  await expect(ben.room.get('chat-message')).toHaveCount(2);

  await ben.room.leave();
  await expect(ana.room.tile(second.id)).toHaveCount(0, { timeout: 2_000 });
});

test('a guest whose WebSockets fail to open is in the meeting all the same', async ({ lab }) => {
  const host = await lab.host(lab.machine('host'), { title: 'Stand-up' });
  const ben = await lab.visitor('Ben', lab.machine('ben'), host.line.guestUrl, {
    before: () => {
      // What Safari does: the object is there, and its handshake fails.
      window.WebSocket = class extends EventTarget {
        onerror: ((event: Event) => void) | null = null;
        onclose: ((event: Event) => void) | null = null;
        readyState = 3;
        constructor() {
          super();
          queueMicrotask(() => {
            const [error, close] = [new Event('error'), new CloseEvent('close', { code: 1006 })];
            this.onerror?.(error);
            this.dispatchEvent(error);
            this.onclose?.(close);
            this.dispatchEvent(close);
          });
        }
        send(): void {
          throw new DOMException('not open', 'InvalidStateError');
        }
        close(): void {
          // Closed already.
        }
      } as unknown as typeof WebSocket;
    },
  });
  await ben.room.join('Ben');
  await ben.room.expectCount(1);
});
