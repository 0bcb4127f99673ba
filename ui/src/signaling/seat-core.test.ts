import { describe, expect, test } from 'vitest';

import { IN_FLIGHT, Outbox, OUTBOX_MESSAGES } from './outbox.ts';
import type { SeatEffect } from './seat-core.ts';
import { SeatCore } from './seat-core.ts';
import type { StoredSeat } from './stored-seat.ts';

const off = { microphone: false, camera: false, screen: false };
const on = { microphone: true, camera: true, screen: false };

function joined(more: Record<string, unknown> = {}): string {
  return JSON.stringify({
    action: 'joined',
    roomId: 'r',
    clientId: 'me',
    peers: [],
    v: 1,
    outcome: 'new',
    resumeToken: 'secret',
    ack: 0,
    rosterGraceMs: 0,
    title: 'Weekly',
    host: 'Ada',
    startedAt: 1,
    role: 'participant',
    access: { mode: 'open' },
    chat: [],
    ...more,
  });
}

function newCore(stored: StoredSeat | null = null): SeatCore {
  return new SeatCore({ meetingId: 'r', name: 'Ada', kind: 'guest', media: off, stored });
}

function seated(): SeatCore {
  const core = newCore();
  core.connected();
  core.receive(joined());
  return core;
}

/** The frames among effects, parsed. */
function frames(effects: SeatEffect[]): Record<string, unknown>[] {
  return effects.flatMap((effect) =>
    effect.do === 'send' ? [JSON.parse(effect.frame) as Record<string, unknown>] : [],
  );
}

const signal = (type: 'offer' | 'ice-candidate', data: unknown = 1) =>
  ({ action: 'signal', type, to: 'peer', data }) as const;

describe('joining', () => {
  test('says who comes, in which version, and with which sources', () => {
    expect(frames(newCore().connected())).toEqual([
      { action: 'join', roomId: 'r', name: 'Ada', v: 1, kind: 'guest', state: off },
    ]);
  });

  test('without a name sends none', () => {
    const core = new SeatCore({ meetingId: 'r', name: '', kind: 'app', media: off, stored: null });
    expect(frames(core.connected())[0]).not.toHaveProperty('name');
  });

  test('after a reload claims the seat with a fresh start', () => {
    const core = newCore({ clientId: 'me', token: 'old', name: 'Ada', seq: 41 });
    expect(frames(core.connected())[0]).toHaveProperty('resume', { clientId: 'me', token: 'old', seq: 41, fresh: true });
  });

  test('tells what was switched while somebody had to open', () => {
    const core = newCore();
    core.connected({ knock: true });
    expect(core.receive('{"action":"waiting","roomId":"r"}')).toEqual([{ do: 'waiting' }]);
    expect(frames(core.setMediaState(on))).toEqual([]);
    expect(frames(core.receive(joined()))).toEqual([{ action: 'state', state: on, roomId: 'r', seq: 1 }]);
  });

  test('gives up knocking in words', () => {
    const core = newCore();
    core.connected({ knock: true });
    core.receive('{"action":"waiting","roomId":"r"}');
    expect(frames(core.leave())).toEqual([{ action: 'leave', roomId: 'r' }]);
    expect(core.phase).toBe('ended');
  });

  test('under another name than before is a new participant', () => {
    const core = newCore({ clientId: 'me', token: 'old', name: 'Grace', seq: 41 });
    expect(frames(core.connected())[0]).not.toHaveProperty('resume');
  });

  test('after a lost connection claims the seat with what has come', () => {
    const core = seated();
    core.receive('{"seq":1,"action":"peer-away","roomId":"r","clientId":"x"}');
    core.disconnected();
    expect(frames(core.connected())[0]).toHaveProperty('resume', {
      clientId: 'me',
      token: 'secret',
      seq: 1,
      fresh: false,
    });
  });

  test('a fresh page that is answered with resumed starts over without a claim', () => {
    const core = newCore({ clientId: 'me', token: 'old', name: 'Ada', seq: 41 });
    core.connected();
    expect(core.receive(joined({ outcome: 'resumed' }))).toEqual([
      { do: 'reconnect', why: 'resumed what was never had' },
    ]);
    core.disconnected();
    expect(frames(core.connected())[0]).not.toHaveProperty('resume');
  });
});

describe('errors of the room', () => {
  for (const code of ['seat-taken', 'room-full', 'room-not-found', 'unsupported-version'] as const) {
    test(`${code} ends the seat`, () => {
      const core = newCore();
      core.connected();
      expect(core.receive(JSON.stringify({ action: 'error', code, message: '' }))).toEqual([{ do: 'end', reason: code }]);
      expect(core.stored).toBeNull();
      expect(core.connected()).toEqual([]);
    });
  }

  for (const code of ['unknown-peer', 'bad-message', 'rate-limited', 'unknown-action', 'too-large'] as const) {
    test(`${code} is only noted`, () => {
      const effects = seated().receive(JSON.stringify({ action: 'error', code, message: '' }));
      expect(effects.map((effect) => effect.do)).toEqual(['note']);
    });
  }
});

test('the host ending the meeting ends the seat, and nothing follows', () => {
  const core = seated();
  expect(core.receive('{"seq":1,"action":"meeting-ended","roomId":"r"}')).toEqual([
    { do: 'end', reason: 'ended-by-host' },
  ]);
  expect(core.send({ action: 'chat', id: 'abcdefgh', text: 'x' })).toEqual([]);
});

test('a message of a newer version counts, so that the next one is not taken for it', () => {
  const core = seated();
  expect(core.receive('{"seq":1,"action":"reaction","roomId":"r"}').map((effect) => effect.do)).toEqual(['note']);
  core.disconnected();
  expect(frames(core.connected())[0]).toHaveProperty('resume.seq', 1);
});

test('a message of another room is not handed over', () => {
  const effects = seated().receive('{"seq":1,"action":"peer-away","roomId":"other","clientId":"x"}');
  expect(effects.map((effect) => effect.do)).toEqual(['note']);
});

test('sixteen messages are acknowledged at once, fewer when asked', () => {
  const core = seated();
  const say = (seq: number): SeatEffect[] =>
    core.receive(JSON.stringify({ seq, action: 'peer-away', roomId: 'r', clientId: 'x' }));
  for (let seq = 1; seq < 16; seq += 1) expect(frames(say(seq))).toEqual([]);
  expect(frames(say(16))).toEqual([{ action: 'ack', seq: 16 }]);
  expect(core.acknowledge()).toEqual([]);
  say(17);
  expect(frames(core.acknowledge())).toEqual([{ action: 'ack', seq: 17 }]);
});

describe('after a restart of the host', () => {
  test('chat is sent again under new numbers, stale signals and states are not', () => {
    const core = seated();
    core.send({ action: 'chat', id: 'line-one', text: 'a' });
    core.send(signal('offer'));
    core.disconnected();
    core.setMediaState(on);
    core.send({ action: 'chat', id: 'line-two', text: 'b' });
    expect(frames(core.connected())[0]).toMatchObject({ state: on });
    const effects = core.receive(joined({ outcome: 'restored' }));
    expect(frames(effects)).toEqual([
      { action: 'ack', seq: 0 },
      { action: 'chat', roomId: 'r', id: 'line-one', text: 'a', seq: 1 },
      { action: 'chat', roomId: 'r', id: 'line-two', text: 'b', seq: 2 },
    ]);
    expect(effects.at(-1)?.do).toBe('joined');
  });

  test('messages of the room are counted from one again', () => {
    const core = seated();
    core.receive('{"seq":1,"action":"peer-away","roomId":"r","clientId":"x"}');
    core.disconnected();
    core.connected();
    core.receive(joined({ outcome: 'restored' }));
    const again = core.receive('{"seq":1,"action":"peer-away","roomId":"r","clientId":"y"}');
    expect(again.map((effect) => effect.do)).toEqual(['deliver']);
  });
});

describe('own state', () => {
  test('is sent when it changes, and only then', () => {
    const core = seated();
    expect(core.setMediaState({ ...off })).toEqual([]);
    expect(frames(core.send({ action: 'state', state: on }))).toEqual([
      { action: 'state', roomId: 'r', state: on, seq: 1 },
    ]);
  });

  test('is told once after a resume, however often it changed meanwhile', () => {
    const core = seated();
    core.disconnected();
    core.setMediaState(on);
    core.setMediaState({ ...on, screen: true });
    core.connected();
    const sent = frames(core.receive(joined({ outcome: 'resumed' })));
    expect(sent).toEqual([{ action: 'state', roomId: 'r', state: { ...on, screen: true }, seq: 1 }]);
  });
});

test('a page that came back from the cache does not close again when it resumes', () => {
  const core = seated();
  expect(frames(core.closing())).toEqual([{ action: 'closing', roomId: 'r', seq: 1 }]);
  core.disconnected();
  core.connected();
  expect(frames(core.receive(joined({ outcome: 'resumed' })))).toEqual([
    { action: 'state', roomId: 'r', state: off, seq: 1 },
  ]);
});

test('leaving says so and ends', () => {
  const effects = seated().leave();
  expect(frames(effects)).toEqual([{ action: 'leave', roomId: 'r', seq: 1 }]);
  expect(effects.at(-1)).toEqual({ do: 'end', reason: 'left' });
});

test('a message above the limit of the wire is not sent, and takes no number', () => {
  const core = seated();
  expect(frames(core.send(signal('offer', '界'.repeat(100_000))))).toEqual([]);
  expect(frames(core.send(signal('offer')))[0]).toMatchObject({ seq: 1 });
});

test('only so many messages are on the way, and acknowledgements let the next ones go', () => {
  const core = seated();
  const sent = Array.from({ length: IN_FLIGHT + 10 }, () => frames(core.send(signal('ice-candidate')))).flat();
  expect(sent).toHaveLength(IN_FLIGHT);
  expect(frames(core.receive('{"action":"ack","seq":8}')).map((frame) => frame['seq'])).toEqual([
    513, 514, 515, 516, 517, 518, 519, 520,
  ]);
});

describe('a full outbox', () => {
  test('gives up the oldest candidates first, then other signals, and keeps chat', () => {
    const outbox = new Outbox('r');
    outbox.add({ action: 'chat', id: 'line-one', text: 'a' });
    outbox.add(signal('offer', 'first'));
    outbox.add(signal('ice-candidate', 'old'));
    for (let at = 3; at < OUTBOX_MESSAGES; at += 1) outbox.add(signal('offer', at));
    outbox.add(signal('offer', 'one more'));
    outbox.add(signal('offer', 'and one more'));
    expect(outbox.size).toBe(OUTBOX_MESSAGES);
    const texts = drain(outbox).join('\n');
    expect(texts).toContain('line-one');
    expect(texts).not.toContain('"old"');
    expect(texts).not.toContain('"first"');
    expect(texts).toContain('and one more');
  });

  test('is bounded in size as well', () => {
    const outbox = new Outbox('r');
    for (let at = 0; at < 100; at += 1) outbox.add(signal('offer', 'x'.repeat(200_000)));
    expect(outbox.size).toBeLessThan(25);
  });
});

/** All frames of an outbox whose messages are acknowledged as they go. */
function drain(outbox: Outbox): string[] {
  const out: string[] = [];
  for (let frames = outbox.takeUnsent(); frames.length > 0; frames = outbox.takeUnsent()) {
    out.push(...frames);
    outbox.acknowledge(out.length);
  }
  return out;
}

describe('a room that is not there any more', () => {
  const gone = '{"action":"error","code":"room-not-found","message":""}';
  const core = (elsewhere: boolean): SeatCore =>
    new SeatCore({ meetingId: 'r', name: 'Ada', kind: 'guest', media: off, stored: null, elsewhere: () => elsewhere });

  test.each([
    ['is looked for elsewhere by a seat once had', true, 'reconnect'],
    ['is the end where there is no other way', false, 'end'],
  ])('%s', (_, elsewhere, what) => {
    const seat = core(elsewhere);
    seat.connected();
    seat.receive(joined());
    seat.disconnected();
    seat.connected();
    expect(seat.receive(gone)).toMatchObject([{ do: what }]);
  });

  test('is the end for whoever was never in it', () => {
    const seat = core(true);
    seat.connected();
    expect(seat.receive(gone)).toEqual([{ do: 'end', reason: 'room-not-found' }]);
  });
});
