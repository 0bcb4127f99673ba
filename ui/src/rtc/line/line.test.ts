import { beforeEach, describe, expect, test, vi } from 'vitest';

import { MESSAGE_BYTES } from '../../protocol/limits.ts';
import { ChannelPair } from './channel-pair.ts';
import { Line, WAITING_BYTES, type Heard } from './line.ts';
import { cut } from './pieces.ts';

const said: string[] = [];

beforeEach(() => {
  said.length = 0;
  vi.spyOn(console, 'warn').mockImplementation((text: string) => said.push(text));
});

interface Stage {
  pair: ChannelPair;
  a: Line;
  b: Line;
  heardByA: Heard[];
  heardByB: Heard[];
}

function stage(): Stage {
  const pair = new ChannelPair();
  const heardByA: Heard[] = [];
  const heardByB: Heard[] = [];
  const a = new Line(pair.a, () => 'b', (heard) => heardByA.push(heard));
  const b = new Line(pair.b, () => 'a', (heard) => heardByB.push(heard));
  return { pair, a, b, heardByA, heardByB };
}

function opened(): Stage {
  const made = stage();
  made.pair.open();
  made.heardByA.length = 0;
  made.heardByB.length = 0;
  return made;
}

const raw = (kind: 'envelope' | 'frame', text: string): ArrayBuffer => cut(kind, text)?.[0]?.buffer ?? new ArrayBuffer(0);

describe('a line', () => {
  test('counts once both sides have said hello, and not before', () => {
    const { pair, a, heardByA } = stage();
    expect(a.send({ is: 'moved' })).toBe(false);
    pair.a.begin();
    pair.carry();
    // The browser says that the channel is open, whatever the other page makes of it.
    expect(a.ready).toBe(false);
    pair.b.begin();
    pair.carry();
    expect(a.ready).toBe(true);
    expect(heardByA).toEqual([{ is: 'ready' }]);
  });

  test('carries envelopes and frames in their order, the largest included', () => {
    const { pair, a, heardByB } = opened();
    const frame = 'f'.repeat(MESSAGE_BYTES);
    a.send({ is: 'moved' });
    a.sendFrame(frame);
    a.send({ is: 'open', tunnel: 1 });
    pair.carry();
    expect(heardByB).toEqual([
      { is: 'envelope', envelope: { is: 'moved' } },
      { is: 'frame', frame },
      { is: 'envelope', envelope: { is: 'open', tunnel: 1 } },
    ]);
  });

  test('leaves little in the browser, and goes on when there is room', () => {
    const { pair, a, heardByB } = opened();
    for (let at = 0; at < 12; at += 1) a.sendFrame('f'.repeat(200_000));
    expect(pair.a.bufferedAmount).toBeLessThan(300_000);
    expect(a.waitingBytes).toBeGreaterThan(2_000_000);
    pair.carry();
    expect(heardByB).toHaveLength(12);
    expect(a.waitingBytes).toBe(0);
  });

  test('to somebody who does not read ends, at the bound', () => {
    const { a, pair, heardByA } = opened();
    let sent = 0;
    while (sent < 2 * WAITING_BYTES && a.sendFrame('f'.repeat(100_000))) sent += 100_000;
    expect(sent).toBeGreaterThan(WAITING_BYTES - 200_000);
    expect(sent).toBeLessThan(WAITING_BYTES + 500_000);
    expect(a.ready).toBe(false);
    expect(pair.a.closed).toBe(true);
    expect(heardByA).toEqual([{ is: 'off' }]);
    expect(a.waitingBytes).toBe(0);
  });

  test('refuses a message that is too large, and lives on', () => {
    const { a, pair, heardByB } = opened();
    expect(a.sendFrame('f'.repeat(MESSAGE_BYTES + 1))).toBe(false);
    expect(a.send({ is: 'moved' })).toBe(true);
    pair.carry();
    expect(heardByB).toHaveLength(1);
  });

  test('passes over what a newer version says', () => {
    const { pair, b, heardByB } = opened();
    pair.b.receive(raw('envelope', '{"is":"wave"}'));
    expect(b.ready).toBe(true);
    expect(heardByB).toEqual([]);
  });
});

describe('what nobody of ours would say', () => {
  test.each([
    ['text', 'hello'],
    ['bytes that are no piece', Uint8Array.of(9, 9).buffer],
    ['an envelope that is none', raw('envelope', '{"secret":"kept out of logs"}')],
  ])('%s ends the line, and the log says so without what it was', (_, data) => {
    const { pair, b, heardByB } = opened();
    pair.b.receive(data);
    expect(b.ready).toBe(false);
    expect(pair.b.closed).toBe(true);
    expect(heardByB).toEqual([{ is: 'off' }]);
    expect(said).toHaveLength(1);
    expect(said[0]).not.toContain('secret');
    // Nothing more is taken.
    pair.b.receive(raw('envelope', '{"is":"moved"}'));
    expect(heardByB).toHaveLength(1);
  });

  test.each([
    ['a frame', raw('frame', '{}')],
    ['an envelope', raw('envelope', '{"is":"moved"}')],
  ])('%s before hello ends a line that nobody has heard of', (_, data) => {
    const { pair, b, heardByB } = stage();
    pair.b.begin();
    pair.b.receive(data);
    expect(pair.b.closed).toBe(true);
    expect(b.ready).toBe(false);
    expect(heardByB).toEqual([]);
  });
});

test('a channel that closes is the end of its line', () => {
  const { pair, a, heardByA } = opened();
  pair.a.end();
  expect(a.ready).toBe(false);
  expect(heardByA).toEqual([{ is: 'off' }]);
  expect(said).toEqual([]);
});
