import { beforeEach, describe, expect, test, vi } from 'vitest';

import type { MeetingSummary } from '../protocol/generated/MeetingSummary.ts';
import { ManualTime } from '../shared/manual-time.ts';
import type { Channel } from './backend.ts';
import { connectGuest } from './guest.ts';
import { readSettings, writeSettings } from './guest-settings.ts';
import { readLaunch } from './launch.ts';
import type { RoomSocket } from './socket-channel.ts';
import { reasonOf } from './socket-channel.ts';
import { STREAM_HEADER } from './stream-channel.ts';

beforeEach(() => {
  vi.spyOn(console, 'info').mockReturnValue();
});

const summary: MeetingSummary = {
  v: 1,
  meetingId: 'm1',
  title: 'Weekly',
  host: 'Ada',
  participants: 1,
  names: ['Ada'],
  locked: false,
  access: 'open',
  full: false,
  startedAt: 1,
};

interface Posted {
  body: string;
  keepalive: boolean;
  stream: string | null;
  answer: (status: number) => void;
}

/** A host as a page sees it: real `Response`s and streams, no network. */
class Host {
  readonly time = new ManualTime();
  readonly page = new EventTarget();
  readonly sockets: RoomSocket[] = [];
  readonly urls: string[] = [];
  readonly posted: Posted[] = [];
  streams = 0;
  head = '{"action":"stream","key":"s1"}\n';
  stream: ReadableStreamDefaultController<Uint8Array> | null = null;
  streamEnded = false;
  status = 200;
  meeting: () => Response = () => Response.json(summary);

  readonly fetch = (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    const url = input instanceof Request ? input.url : String(input);
    this.urls.push(url);
    if (url.endsWith('/api/meeting')) return Promise.resolve().then(this.meeting);
    if (url.endsWith('/api/stream')) {
      this.streams += 1;
      const body = new ReadableStream<Uint8Array>({
        start: (controller) => {
          this.stream = controller;
          controller.enqueue(new TextEncoder().encode(this.head));
        },
      });
      init?.signal?.addEventListener('abort', () => {
        this.streamEnded = true;
      });
      return Promise.resolve(new Response(body, { status: this.status }));
    }
    return new Promise((resolve) => {
      this.posted.push({
        body: typeof init?.body === 'string' ? init.body : '',
        keepalive: init?.keepalive === true,
        stream: new Headers(init?.headers).get(STREAM_HEADER),
        answer: (status) => {
          resolve(new Response(null, { status }));
        },
      });
    });
  };

  guest(hash = '#m=m1', sockets = true): ReturnType<typeof connectGuest> {
    return connectGuest({
      launch: readLaunch(hash),
      origin: 'https://192.0.2.7:47000',
      keyStorage: null,
      connection: null,
      fetch: this.fetch,
      createSocket: sockets
        ? (url) => {
            this.urls.push(url);
            const socket = {
              onopen: null,
              onmessage: null,
              onclose: null,
              onerror: null,
              bufferedAmount: 0,
              send: () => undefined,
              close: () => undefined,
            } as unknown as RoomSocket;
            this.sockets.push(socket);
            return socket;
          }
        : null,
      setTimer: this.time.setTimer,
      storage: null,
      page: this.page,
      keepAwake: () => () => undefined,
    });
  }

  say(text: string): void {
    this.stream?.enqueue(new TextEncoder().encode(text));
  }

  /** Streams settle over real tasks, not only microtasks. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  }

  async streaming(): Promise<{ channel: Channel; seen: string[] }> {
    const channel = await this.guest('#m=m1', false).openChannel({ kind: 'meeting', meetingId: 'm1' }, null);
    const seen: string[] = [];
    channel.onframe = (frame) => seen.push(frame);
    channel.onclose = (reason) => seen.push(`closed: ${reason}`);
    return { channel, seen };
  }
}

const target = { kind: 'meeting', meetingId: 'm1' } as const;

describe('looking at the host', () => {
  test('finds the meeting of the link', async () => {
    const found = await new Host().guest(`#m=m1&fp=${'a'.repeat(64)}`).look(target);
    expect(found).toEqual({ summary, trust: 'known', fingerprint: 'a'.repeat(64), own: false });
  });

  test('says that the meeting of an old link is gone', async () => {
    const look = new Host().guest('#m=other').look({ kind: 'meeting', meetingId: 'other' });
    await expect(look).rejects.toMatchObject({ code: 'meeting-not-found' });
  });

  test('without a meeting in the address asks for whatever is there', async () => {
    const guest = new Host().guest('');
    expect(guest.welcome.open).toEqual({ kind: 'address', text: '192.0.2.7:47000' });
    expect((await guest.look(guest.welcome.open ?? target)).summary.meetingId).toBe('m1');
  });

  for (const [name, answer, code] of [
    ['nothing', () => { throw new TypeError('failed'); }, 'unreachable'],
    ['a page', () => new Response('<html>'), 'not-landline'],
    ['not found', () => new Response('', { status: 404 }), 'meeting-not-found'],
    ['a newer version', () => Response.json({ ...summary, v: 2 }), 'unsupported-version'],
  ] as const) {
    test(`that answers with ${name} fails as ${code}`, async () => {
      const host = new Host();
      host.meeting = answer;
      await expect(host.guest().look(target)).rejects.toMatchObject({ code });
    });
  }
});

test('what only a node can do is refused in words', async () => {
  const guest = new Host().guest();
  expect(guest.canHost).toBe(false);
  await expect(guest.host('t', 'n', 'open', false)).rejects.toMatchObject({ code: 'not-supported' });
  await expect(guest.openInBrowser(null)).rejects.toMatchObject({ code: 'not-supported' });
});

describe('the way to the room', () => {
  test('is a WebSocket where one opens, and stays one', async () => {
    const host = new Host();
    const guest = host.guest();
    const opening = guest.openChannel(target, null);
    host.sockets[0]?.onopen?.call(host.sockets[0] as WebSocket, new Event('open'));
    await opening;
    expect(host.urls).toEqual(['wss://192.0.2.7:47000/ws']);
    const again = guest.openChannel(target, null);
    host.sockets[1]?.onclose?.call(host.sockets[1] as WebSocket, new Event('close') as CloseEvent);
    await expect(again).rejects.toMatchObject({ code: 'unreachable' });
    expect(host.streams).toBe(0);
  });

  test('is a stream where a WebSocket is refused, and stays one', async () => {
    const host = new Host();
    const guest = host.guest();
    const opening = guest.openChannel(target, null);
    host.sockets[0]?.onclose?.call(host.sockets[0] as WebSocket, new Event('close') as CloseEvent);
    await opening;
    await guest.openChannel(target, null);
    expect([host.sockets.length, host.streams]).toEqual([1, 2]);
  });

  test('is a stream where a WebSocket hangs', async () => {
    const host = new Host();
    const opening = host.guest().openChannel(target, null);
    await host.time.advance(4_000);
    await opening;
    expect(host.streams).toBe(1);
  });

  test('closes for the reason that the host gives', () => {
    expect([1000, 1001, 1006, 1008, 1009, 4000].map(reasonOf)).toEqual([
      'lost',
      'host-left',
      'lost',
      'refused',
      'refused',
      'lost',
    ]);
  });
});

describe('a stream', () => {
  test('hands over one frame a line, wherever the chunks end', async () => {
    const host = new Host();
    const { seen } = await host.streaming();
    host.say('{"action":"po');
    host.say('ng"}\n\n{"action":"ack","seq":1}\n');
    await host.settle();
    expect(seen).toEqual(['{"action":"pong"}', '{"action":"ack","seq":1}']);
  });

  test('that ends is lost, and with a reason closes for it', async () => {
    const [lost, left] = [new Host(), new Host()];
    const [one, two] = [await lost.streaming(), await left.streaming()];
    lost.stream?.close();
    left.say('{"action":"closed","code":1001}\n');
    await lost.settle();
    expect([one.seen, two.seen]).toEqual([['closed: lost'], ['closed: host-left']]);
    expect(left.streamEnded).toBe(true);
  });

  test('sends what was said in one go in one batch, and the next after the answer', async () => {
    const host = new Host();
    const { channel } = await host.streaming();
    channel.send('a');
    channel.send('b');
    await host.settle();
    channel.send('c');
    channel.send('d');
    await host.settle();
    expect(host.posted.map(({ body, stream }) => [body, stream])).toEqual([['a\nb\n', 's1']]);
    host.posted[0]?.answer(204);
    await host.settle();
    expect(host.posted.map(({ body }) => body)).toEqual(['a\nb\n', 'c\nd\n']);
  });

  test('keeps batches small enough to outlive their page', async () => {
    const host = new Host();
    const { channel } = await host.streaming();
    for (let at = 0; at < 10; at += 1) channel.send('x'.repeat(5_000));
    await host.settle();
    expect(host.posted[0]?.body.length).toBeLessThanOrEqual(16 * 1024);
    expect(host.posted[0]?.keepalive).toBe(true);
  });

  test('is lost when the host does not take a batch', async () => {
    const host = new Host();
    const { channel, seen } = await host.streaming();
    channel.send('a');
    await host.settle();
    host.posted[0]?.answer(404);
    await host.settle();
    expect(seen).toEqual(['closed: lost']);
    expect(host.streamEnded).toBe(true);
  });

  test('sends everything at once when the page goes away, whatever is under way', async () => {
    const host = new Host();
    const { channel } = await host.streaming();
    channel.send('under way');
    await host.settle();
    channel.send('waiting');
    host.page.dispatchEvent(new Event('pagehide'));
    channel.send('closing');
    expect(host.posted.map(({ body, keepalive }) => [body, keepalive])).toEqual([
      ['under way\n', true],
      ['waiting\n', true],
      ['closing\n', true],
    ]);
  });

  test('that is closed still sends what was said before', async () => {
    const host = new Host();
    const { channel, seen } = await host.streaming();
    channel.send('leave');
    channel.close();
    await host.settle();
    expect(host.posted.map(({ body }) => body)).toEqual(['leave\n']);
    expect(seen).toEqual(['closed: closed']);
    expect(host.streamEnded).toBe(false);
    host.posted[0]?.answer(204);
    await host.settle();
    expect(host.streamEnded).toBe(true);
  });

  for (const [name, status, head, code] of [
    ['no meeting', 404, '', 'meeting-not-found'],
    ['too many connections', 503, '', 'unreachable'],
    ['something else than Landline', 200, 'hello\n', 'not-landline'],
  ] as const) {
    test(`of a host with ${name} does not open: ${code}`, async () => {
      const host = new Host();
      host.status = status;
      host.head = head;
      await expect(host.streaming()).rejects.toMatchObject({ code });
      expect(host.streamEnded).toBe(true);
    });
  }
});

describe('settings of a guest', () => {
  const shelf = (value: string | null): { getItem: () => string | null; setItem: () => void } => ({
    getItem: () => value,
    setItem: () => undefined,
  });

  test('have defaults for what is missing', () => {
    const { settings, notices } = readSettings(shelf('{"name":"Ada","theme":"dark"}'));
    expect(settings).toMatchObject({ name: 'Ada', theme: 'dark', echoCancellation: true });
    expect(notices).toEqual([]);
  });

  for (const broken of ['', 'no JSON', '[]', '{"name":7}', '{"theme":"pink"}']) {
    test(`that are broken give defaults and a notice: ${broken}`, () => {
      const { settings, notices } = readSettings(shelf(broken));
      expect([settings.name, settings.theme, notices]).toEqual(['', 'auto', ['settings-corrupt']]);
    });
  }

  test('survive a browser that forbids storage', () => {
    const forbidden = {
      getItem: (): string => {
        throw new DOMException('denied', 'SecurityError');
      },
      setItem: (): void => {
        throw new DOMException('denied', 'SecurityError');
      },
    };
    expect(readSettings(forbidden).notices).toEqual([]);
    expect(writeSettings(forbidden, readSettings(null).settings)).toBe(false);
  });
});
