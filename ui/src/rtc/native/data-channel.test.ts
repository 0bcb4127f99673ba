import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { decodeChannelFrame, encodeChannelFrame, utf8 } from './channel-frame.ts';
import type { NativeDataChannel } from './data-channel.ts';
import { NativeDataChannelEvent } from './events.ts';
import type { NativePeerConnection } from './peer-connection.ts';
import { heard, ScriptedEngine, settled } from './scripted-engine.ts';

/** Guards the order of messages, the count of what waits, and the ways in which a channel ends. */

async function open(): Promise<{ engine: ScriptedEngine; peer: NativePeerConnection; channel: NativeDataChannel }> {
  const engine = new ScriptedEngine();
  const peer = await engine.connect();
  const channel = peer.createDataChannel('chat', { ordered: false, maxRetransmits: 3, protocol: 'p' });
  engine.answerState({ maxMessageSize: 1_000 });
  engine.tell({ event: 'channel-state', connection: 1, channel: 2, state: 'open', id: 4 });
  return { engine, peer, channel };
}

function sent(engine: ScriptedEngine): unknown[] {
  return engine.socket.frames.map((frame) => decodeChannelFrame(frame.slice().buffer)?.data);
}

describe('a channel', () => {
  it('that is made here tells the engine what it is, and opens when the engine says so', async () => {
    const engine = new ScriptedEngine();
    const peer = await engine.connect();
    const channel = peer.createDataChannel('chat', { ordered: false, maxRetransmits: 3, protocol: 'p' });
    expect(engine.asked).toEqual([
      { do: 'create-data-channel', connection: 1, channel: 2, label: 'chat', options: { ordered: false, maxRetransmits: 3, protocol: 'p', negotiated: false } },
    ]);
    expect([channel.readyState, channel.id, channel.ordered, channel.maxRetransmits, channel.maxPacketLifeTime]).toEqual(['connecting', null, false, 3, null]);
    expect(() => {
      channel.send('early');
    }).toThrow('connecting');
    const log = heard(channel, 'open');
    engine.tell({ event: 'channel-state', connection: 1, channel: 2, state: 'open', id: 4 });
    expect([channel.readyState, channel.id, log]).toEqual(['open', 4, ['open']]);
  });

  it('of the other side is announced before it opens, and misses no message', async () => {
    const engine = new ScriptedEngine();
    const peer = await engine.connect();
    const log: string[] = [];
    peer.ondatachannel = (event) => {
      if (!(event instanceof NativeDataChannelEvent)) return;
      log.push(`${event.channel.label} ${event.channel.readyState}`);
      event.channel.onopen = () => log.push('open');
      event.channel.onmessage = (message) => log.push(String((message as MessageEvent).data));
    };
    const options = { ordered: true, protocol: '', negotiated: false, id: 1 };
    engine.tell({ event: 'channel-created', connection: 1, channel: 0x8000_0000, label: 'theirs', options });
    engine.socket.sayBinary(encodeChannelFrame(1, 0x8000_0000, false, utf8('grüß')).buffer);
    expect(log).toEqual(['theirs open', 'open', 'grüß']);
  });

  it('keeps the order of messages around a Blob, which takes time to read', async () => {
    const { engine, channel } = await open();
    channel.send('first');
    channel.send(new Blob(['second']));
    const bytes = new Uint8Array([0, 1, 2, 3]).subarray(1, 3);
    channel.send(bytes);
    bytes.fill(9);
    await vi.waitFor(() => {
      expect(engine.socket.frames).toHaveLength(3);
    });
    expect(sent(engine)).toEqual(['first', utf8('second').slice().buffer, new Uint8Array([1, 2]).buffer]);
  });

  it('closes after what was sent before', async () => {
    const { engine, channel } = await open();
    channel.send(new Blob(['late']));
    channel.close();
    expect(channel.readyState).toBe('closing');
    expect(engine.asked).toEqual([]);
    await vi.waitFor(() => {
      expect(engine.asked).toEqual([{ do: 'close-data-channel', connection: 1, channel: 2 }]);
    });
    expect(engine.socket.frames).toHaveLength(1);
    const log = heard(channel, 'close', 'error');
    engine.tell({ event: 'channel-state', connection: 1, channel: 2, state: 'closed', id: null });
    expect(log).toEqual(['close']);
  });

  it('gives bytes in the form that was asked for', async () => {
    const { engine, channel } = await open();
    const got: unknown[] = [];
    channel.onmessage = (event) => got.push((event as MessageEvent).data);
    engine.socket.sayBinary(encodeChannelFrame(1, 2, true, new Uint8Array([7])).buffer);
    channel.binaryType = 'blob';
    engine.socket.sayBinary(encodeChannelFrame(1, 2, true, new Uint8Array([7])).buffer);
    expect(got[0]).toEqual(new Uint8Array([7]).buffer);
    expect(got[1]).toBeInstanceOf(Blob);
  });

  it('refuses what the other side does not take, what is empty, and more than it can hold', async () => {
    const { engine, channel } = await open();
    expect(() => {
      channel.send('x'.repeat(1_001));
    }).toThrow(TypeError);
    expect(() => {
      channel.send('');
    }).toThrow('empty');
    engine.tell({ event: 'channel-buffered', connection: 1, channel: 2, bytes: 16 * 1024 * 1024 - 10 });
    expect(() => {
      channel.send('x'.repeat(11));
    }).toThrow('too much');
  });

  it('cannot be what no channel can be', async () => {
    const engine = new ScriptedEngine();
    const peer = await engine.connect();
    expect(() => peer.createDataChannel('a', { maxRetransmits: 1, maxPacketLifeTime: 1 })).toThrow(TypeError);
    expect(() => peer.createDataChannel('a', { negotiated: true })).toThrow(TypeError);
    expect(() => peer.createDataChannel('a', { negotiated: true, id: 65_535 })).toThrow(TypeError);
    expect(() => peer.createDataChannel('a'.repeat(65_536))).toThrow(TypeError);
  });

  it('ends quietly with its connection, and with an error when the engine is lost', async () => {
    const quiet = await open();
    const quietLog = heard(quiet.channel, 'close', 'error');
    quiet.peer.close();
    expect([quiet.channel.readyState, quietLog]).toEqual(['closed', []]);
    const lost = await open();
    const lostLog = heard(lost.channel, 'close', 'error');
    lost.engine.socket.drop();
    expect([lost.channel.readyState, lostLog]).toEqual(['closed', ['error', 'close']]);
  });

  it('that the engine refuses is lost', async () => {
    const engine = new ScriptedEngine();
    const peer = await engine.connect();
    const channel = peer.createDataChannel('one too many');
    const log = heard(channel, 'error', 'close');
    engine.refuse('QuotaExceededError');
    await settled();
    expect([channel.readyState, log]).toEqual(['closed', ['error', 'close']]);
  });
});

describe('bufferedAmount', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  async function openNow(): ReturnType<typeof open> {
    const opened = open();
    // `open` waits for tasks.
    await vi.advanceTimersByTimeAsync(20);
    return opened;
  }

  it('grows with what is sent, follows the engine, and says when it is low', async () => {
    const { engine, channel } = await openNow();
    channel.bufferedAmountLowThreshold = 100;
    const log = heard(channel, 'bufferedamountlow');
    channel.send('x'.repeat(600));
    expect(channel.bufferedAmount).toBe(600);
    engine.tell({ event: 'channel-buffered', connection: 1, channel: 2, bytes: 500 });
    expect([channel.bufferedAmount, log.length]).toEqual([500, 0]);
    engine.tell({ event: 'channel-buffered', connection: 1, channel: 2, bytes: 50 });
    engine.tell({ event: 'channel-buffered', connection: 1, channel: 2, bytes: 0 });
    expect([channel.bufferedAmount, log.length]).toEqual([0, 1]);
  });

  it('goes down for small messages, of which the engine tells nothing', async () => {
    const { channel } = await openNow();
    const log = heard(channel, 'bufferedamountlow');
    channel.send('hello');
    expect(channel.bufferedAmount).toBe(5);
    await vi.advanceTimersByTimeAsync(200);
    expect([channel.bufferedAmount, log.length]).toEqual([0, 1]);
  });
});
