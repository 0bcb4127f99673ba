import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

import { expect, needsNamespaces, test, until } from '../lab/lab.ts';
import { expectTogether, membersOf } from '../lab/members.ts';
import { on } from '../lab/network.ts';
import { playwrightDriver, type PageDriver } from '../lab/page-driver.ts';
import { openLabWindow } from './lab-window.ts';

// Guards: the way from the window's page to the engine. Whoever else gets through it is in the call, with camera and microphone.

interface Door {
  url: string;
  control: string;
  media: string;
}

declare global {
  interface Window {
    labSockets?: [string, string[]][];
    labDoor?: WebSocket;
    __TAURI_INTERNALS__?: { invoke: (command: string, values: object) => Promise<unknown> };
  }
}

const SUBPROTOCOL = 'landline.engine.1';

needsNamespaces();

/** Whether a page's WebSocket is let in. It stays open if it is. */
function getsIn(page: PageDriver, url: string, protocols: string[]): Promise<boolean> {
  return page.evaluate(
    ([address, wanted]) =>
      new Promise<boolean>((resolve) => {
        const socket = new WebSocket(address, wanted);
        window.labDoor = socket;
        socket.onopen = () => {
          resolve(true);
        };
        socket.onclose = () => {
          resolve(false);
        };
      }),
    [url, protocols] as [string, string[]],
  );
}

test('no page but the app’s own reaches the engine, not with the right token either', async ({ lab }) => {
  const host = await lab.host(lab.machine('host'), { title: 'Call' });
  const desk = lab.machine('wilma');
  const { room } = await openLabWindow(lab, 'Wilma', desk);
  // What the page itself shows when it opens its socket. The worker's is not seen.
  await room.page.evaluate(() => {
    const sockets: [string, string[]][] = [];
    window.labSockets = sockets;
    window.WebSocket = class extends WebSocket {
      constructor(url: string | URL, protocols?: string | string[]) {
        super(url, protocols);
        sockets.push([String(url), [protocols ?? []].flat()]);
      }
    };
  });
  await room.chooseFromList(host.line.meetingId);
  await room.join();
  const ben = await lab.guest('Ben', lab.machine('ben'), host.line.guestUrl);
  await ben.room.join();
  await expectTogether(await membersOf([room, ben.room]));
  const used = (await room.page.evaluate(() => window.labSockets ?? [])).find(([, protocols]) => protocols.includes(SUBPROTOCOL));
  if (!used) throw new Error('the page has no engine socket: this test is about nothing');
  expect(used[0]).toMatch(/^ws:\/\/127\.0\.0\.1:\d+\/engine$/);

  // A page of another origin in a browser of the same machine, where 127.0.0.1 is the same.
  const [program, args] = on(desk, process.execPath, [join(import.meta.dirname, '../lab/plain-page.mjs')]);
  const server = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [address] = (await once(server.stdout, 'data')) as [Buffer];
  const browser = await lab.browser(desk);
  const foreign = await browser.newPage();
  await foreign.goto(address.toString().trim());
  const elsewhere = playwrightDriver(foreign);

  const during = 'while the call runs, the door is closed';
  expect(await getsIn(elsewhere, ...used), during).toBe(false);
  expect(await getsIn(room.page, ...used), during).toBe(false);

  // A door that is open: a second session.
  const openDoor = (): Promise<Door> =>
    room.page.evaluate(async () => {
      const reply = await window.__TAURI_INTERNALS__?.invoke('node_request', { request: { do: 'open-engine' } });
      return reply as Door;
    });
  const { url, control } = await openDoor();
  const wrong = control.replace(/^./, (first) => (first === '0' ? '1' : '0'));
  expect(await getsIn(elsewhere, url, [SUBPROTOCOL, `token.${control}`]), 'another origin').toBe(false);
  expect(await getsIn(room.page, url, [SUBPROTOCOL, `token.${wrong}`]), 'a wrong token').toBe(false);
  expect(await getsIn(room.page, url, [SUBPROTOCOL]), 'no token').toBe(false);
  // What was refused shows that the door is guarded only if somebody gets through; a refusal may have cost the token.
  const second = await openDoor();
  expect(await getsIn(room.page, second.url, [SUBPROTOCOL, `token.${second.control}`]), 'the app’s own page').toBe(true);
  expect(await getsIn(room.page, second.url, [SUBPROTOCOL, `token.${second.control}`]), 'the same token again').toBe(false);

  // Nothing of it touched the call.
  const members = await membersOf([room, ben.room]);
  const before = await ben.room.sees(members[0]?.id ?? '');
  await until('the picture moves on', () => ben.room.sees(members[0]?.id ?? ''), (now) => (now?.framesDecoded ?? 0) > (before?.framesDecoded ?? 0), 5_000);
  server.kill();
});
