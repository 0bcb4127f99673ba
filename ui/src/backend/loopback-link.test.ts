import { beforeEach, describe, expect, test, vi } from 'vitest';

import { defaultSettings } from '../protocol/default-settings.ts';
import type { NodeCall } from '../protocol/generated/NodeCall.ts';
import type { NodeEvent } from '../protocol/generated/NodeEvent.ts';
import type { NodeReply } from '../protocol/generated/NodeReply.ts';
import { ManualTime } from '../shared/manual-time.ts';
import type { Backend, Channel } from './backend.ts';
import { BackendError } from './backend.ts';
import type { NodeSocket } from './loopback-link.ts';
import { LoopbackLink, NODE_RETRY_MS } from './loopback-link.ts';
import { connectNode } from './node-client.ts';

beforeEach(() => {
  vi.spyOn(console, 'warn').mockReturnValue();
  vi.spyOn(console, 'debug').mockReturnValue();
  vi.spyOn(console, 'error').mockReturnValue();
});

/** The node's end of a socket: what the page sent, and a way to answer. */
class NodeEnd {
  readonly protocols: string[];
  readonly calls: NodeCall[] = [];
  /** The part of a WebSocket that the page uses. */
  readonly socket = {
    readyState: 0,
    onopen: null,
    onmessage: null,
    onclose: null,
    onerror: null,
    send: (text: string) => {
      this.calls.push(JSON.parse(text) as NodeCall);
    },
    close: () => undefined,
  } as unknown as NodeSocket;

  constructor(protocols: string[]) {
    this.protocols = protocols;
  }

  open(): void {
    this.socket.onopen?.call(this.socket as WebSocket, new Event('open'));
  }

  drop(): void {
    this.socket.onclose?.call(this.socket as WebSocket, new Event('close') as CloseEvent);
  }

  say(value: unknown): void {
    const data = typeof value === 'string' ? value : JSON.stringify(value);
    this.socket.onmessage?.call(this.socket as WebSocket, new MessageEvent('message', { data }));
  }

  event(body: NodeEvent): void {
    this.say({ frame: 'event', body });
  }

  /** The last call that asks for `what`. */
  last(what: string): NodeCall {
    const call = this.calls.findLast(({ request }) => request.do === what);
    if (call === undefined) throw new Error(`no ${what} was asked for`);
    return call;
  }

  reply(what: string, reply: NodeReply): void {
    this.say({ frame: 'reply', id: this.last(what).id, reply });
  }

  welcome(token: string | null = null): void {
    this.reply('hello', {
      is: 'welcome',
      version: '0.1.0',
      settings: defaultSettings(),
      hosted: null,
      interrupted: null,
      open: null,
      token,
      notices: [],
      computerName: 'laptop', key: 'k'.repeat(87), engine: false,
    });
  }
}

class Stage {
  readonly time = new ManualTime();
  readonly nodes: NodeEnd[] = [];
  token: string | null = null;

  get node(): NodeEnd {
    const node = this.nodes.at(-1);
    if (node === undefined) throw new Error('no socket was made');
    return node;
  }

  link(kind: 'token' | 'ticket' = 'token'): Promise<LoopbackLink> {
    return LoopbackLink.open({
      credential: { kind, value: 'secret' },
      createSocket: (protocols) => {
        const node = new NodeEnd(protocols);
        this.nodes.push(node);
        return node.socket;
      },
      setTimer: this.time.setTimer,
    });
  }

  async backend(kind: 'token' | 'ticket' = 'token'): Promise<Backend> {
    const linking = this.link(kind);
    this.node.open();
    const link = await linking;
    const backend = connectNode({
      kind: 'browser',
      link,
      ontoken: (token) => {
        this.token = token;
        link.setToken(token);
      },
    });
    this.node.welcome(kind === 'ticket' ? 'lasting' : null);
    return backend;
  }

  async channel(backend: Backend, id: number): Promise<Channel> {
    const opening = backend.openChannel({ kind: 'meeting', meetingId: 'm' }, null);
    this.node.reply('open-channel', { is: 'channel', fingerprint: 'f'.repeat(64), channel: id });
    return opening;
  }
}

function told(channel: Channel): string[] {
  const seen: string[] = [];
  channel.onframe = (frame) => seen.push(frame);
  channel.onclose = (reason) => seen.push(`closed: ${reason}`);
  return seen;
}

describe('the link', () => {
  test('offers the protocol and the token as subprotocols', async () => {
    const stage = new Stage();
    const opening = stage.link();
    expect(stage.node.protocols).toEqual(['landline.node.v1', 'token.secret']);
    stage.node.open();
    await opening;
  });

  test('that is refused the first time fails and is not tried again', async () => {
    const stage = new Stage();
    const opening = stage.link();
    stage.node.drop();
    await expect(opening).rejects.toMatchObject({ code: 'unreachable' });
    await stage.time.advance(60_000);
    expect(stage.nodes).toHaveLength(1);
  });

  test('to a node that hangs fails after a while', async () => {
    const stage = new Stage();
    const opening = stage.link().catch((error: unknown) => error);
    await stage.time.advance(5_000);
    expect(await opening).toMatchObject({ code: 'unreachable' });
    expect(stage.time.pending).toBe(0);
  });

  test('brings each answer to its request, in whatever order they come', async () => {
    const stage = new Stage();
    const opening = stage.link();
    stage.node.open();
    const link = await opening;
    const first = link.request({ do: 'watch', on: true });
    const second = link.request({ do: 'end-meeting' });
    stage.node.say('not JSON');
    stage.node.say({ frame: 'reply', id: 99, reply: { is: 'done' } });
    stage.node.say({
      frame: 'failed',
      id: stage.node.last('end-meeting').id,
      error: { code: 'internal', message: 'no' },
    });
    stage.node.reply('watch', { is: 'done' });
    await expect(second).rejects.toBeInstanceOf(BackendError);
    await expect(first).resolves.toEqual({ is: 'done' });
  });

  test('does not take more requests than a node can owe answers to', async () => {
    const stage = new Stage();
    const opening = stage.link();
    stage.node.open();
    const link = await opening;
    for (let at = 0; at < 4_096; at += 1) link.request({ do: 'hello' }).catch(() => undefined);
    await expect(link.request({ do: 'hello' })).rejects.toMatchObject({ code: 'congested' });
    expect(stage.node.calls).toHaveLength(4_096);
  });
});

describe('the backend', () => {
  test('keeps the token that replaces a ticket, and shows it to nobody', async () => {
    const stage = new Stage();
    const backend = await stage.backend('ticket');
    expect(stage.node.protocols[1]).toBe('ticket.secret');
    expect(stage.token).toBe('lasting');
    expect(backend.welcome.token).toBeNull();
    stage.node.drop();
    await stage.time.advance(NODE_RETRY_MS[0] ?? 0);
    expect(stage.node.protocols[1]).toBe('token.lasting');
  });

  test('watches once for all who want to see meetings', async () => {
    const stage = new Stage();
    const backend = await stage.backend();
    const stops = [backend.watch(), backend.watch()];
    for (const stop of stops) {
      stop();
      stop();
    }
    expect(stage.node.calls.map(({ request }) => request)).toEqual([
      { do: 'hello' },
      { do: 'watch', on: true },
      { do: 'watch', on: false },
    ]);
  });

  test('sets up again what the page had when the node is back', async () => {
    const stage = new Stage();
    const backend = await stage.backend();
    backend.watch();
    const seen = told(await stage.channel(backend, 1));
    const pending = backend.look({ kind: 'meeting', meetingId: 'm' });
    stage.node.drop();
    await expect(pending).rejects.toMatchObject({ code: 'internal' });
    expect(seen).toEqual(['closed: lost']);
    expect(backend.node.get()).toBe('connected');
    await stage.time.advance(NODE_RETRY_MS[0] ?? 0);
    stage.node.open();
    stage.node.welcome();
    await stage.time.settle();
    expect(stage.nodes).toHaveLength(2);
    expect(stage.node.calls.map(({ request }) => request)).toEqual([{ do: 'hello' }, { do: 'watch', on: true }]);
  });

  test('says that the node is lost after a few tries', async () => {
    const stage = new Stage();
    const backend = await stage.backend();
    stage.node.drop();
    for (const delay of NODE_RETRY_MS) {
      expect(backend.node.get()).toBe('connected');
      await stage.time.advance(delay);
      stage.node.drop();
    }
    expect(backend.node.get()).toBe('lost');
    expect(stage.nodes).toHaveLength(1 + NODE_RETRY_MS.length);
    expect(stage.time.pending).toBe(0);
    await expect(backend.endMeeting()).rejects.toBeInstanceOf(BackendError);
  });

  test('takes a meeting for ended when the node ends with it', async () => {
    const stage = new Stage();
    const backend = await stage.backend();
    const ending = backend.endMeeting();
    stage.node.drop();
    await expect(ending).resolves.toBeUndefined();
    expect(backend.hosted.get()).toBeNull();
  });

  test('says when a meeting could not be ended', async () => {
    const stage = new Stage();
    const backend = await stage.backend();
    const ending = backend.endMeeting();
    stage.node.say({ frame: 'failed', id: stage.node.last('end-meeting').id, error: { code: 'internal', message: '' } });
    await expect(ending).rejects.toMatchObject({ code: 'internal' });
  });

  test('passes events on to its stores', async () => {
    const stage = new Stage();
    const backend = await stage.backend();
    stage.node.event({ event: 'discovery', state: { state: 'no-network' } });
    stage.node.event({ event: 'open', target: { kind: 'address', text: 'h:1' } });
    expect(backend.discovery.get()).toEqual({ state: 'no-network' });
    expect(backend.open.get()).toEqual({ kind: 'address', text: 'h:1' });
  });
});

describe('a channel', () => {
  test('holds frames until somebody listens, and the close until they are taken', async () => {
    const stage = new Stage();
    const channel = await stage.channel(await stage.backend(), 5);
    stage.node.event({ event: 'frame', channel: 5, frame: 'one' });
    stage.node.event({ event: 'frame', channel: 5, frame: 'two' });
    stage.node.event({ event: 'channel-closed', channel: 5, reason: 'host-left' });
    stage.node.event({ event: 'frame', channel: 5, frame: 'late' });
    expect(told(channel)).toEqual(['one', 'two', 'closed: host-left']);
  });

  test('gets frames that came before the answer that names it', async () => {
    const stage = new Stage();
    const backend = await stage.backend();
    const opening = backend.openChannel({ kind: 'meeting', meetingId: 'm' }, null);
    stage.node.event({ event: 'frame', channel: 8, frame: 'early' });
    stage.node.reply('open-channel', { is: 'channel', fingerprint: 'f'.repeat(64), channel: 8 });
    expect(told(await opening)).toEqual(['early']);
  });

  test('does not get the frames of another', async () => {
    const stage = new Stage();
    const backend = await stage.backend();
    const [one, two] = [told(await stage.channel(backend, 1)), told(await stage.channel(backend, 2))];
    stage.node.event({ event: 'frame', channel: 2, frame: 'for two' });
    expect([one, two]).toEqual([[], ['for two']]);
  });

  test('is lost when the node does not take a frame, because a gap would follow', async () => {
    const stage = new Stage();
    const channel = await stage.channel(await stage.backend(), 3);
    const seen = told(channel);
    channel.send('frame');
    stage.node.say({
      frame: 'failed',
      id: stage.node.last('send-frame').id,
      error: { code: 'congested', message: 'full' },
    });
    await stage.time.settle();
    expect(seen).toEqual(['closed: lost']);
    expect(stage.node.last('close-channel').request).toEqual({ do: 'close-channel', channel: 3 });
  });

  test('sends nothing after it was closed', async () => {
    const stage = new Stage();
    const channel = await stage.channel(await stage.backend(), 3);
    channel.close();
    channel.send('late');
    expect(stage.node.calls.map(({ request }) => request.do)).toEqual(['hello', 'open-channel', 'close-channel']);
  });
});
