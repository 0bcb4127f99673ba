import { beforeEach, describe, expect, test, vi } from 'vitest';

import type { Channel } from '../backend/backend.ts';
import { BackendError } from '../backend/backend.ts';
import type { ChannelClosed } from '../protocol/generated/ChannelClosed.ts';
import type { NodeErrorCode } from '../protocol/generated/NodeErrorCode.ts';
import { writable } from '../shared/store.ts';
import { ManualTime } from '../shared/manual-time.ts';
import { ModelRoom } from './model-room.ts';
import type { Seat, SeatState } from './seat-model.ts';
import { openSeat } from './seat.ts';
import { peekSeat, takeSeat } from './stored-seat.ts';

beforeEach(() => {
  vi.spyOn(console, 'info').mockReturnValue();
  vi.spyOn(console, 'warn').mockReturnValue();
  vi.spyOn(console, 'debug').mockReturnValue();
});

/** A channel into a {@link ModelRoom} whose frames arrive at once, until it is cut. */
class RoomChannel implements Channel {
  readonly hostFingerprint = null;
  onframe: ((frame: string) => void) | null = null;
  onclose: ((reason: ChannelClosed) => void) | null = null;
  readonly sent: string[] = [];
  closed = false;
  silent = false;
  readonly #room: ModelRoom;

  constructor(room: ModelRoom) {
    this.#room = room;
  }

  send(frame: string): void {
    this.sent.push((JSON.parse(frame) as { action: string }).action);
    for (const answer of this.#room.receive(frame)) this.say(answer);
  }

  say(frame: string): void {
    if (!this.silent) this.onframe?.(frame);
  }

  cut(reason: ChannelClosed): void {
    this.#room.disconnected();
    this.onclose?.(reason);
  }

  close(): void {
    this.closed = true;
  }
}

class Shelf {
  readonly items = new Map<string, string>();
  getItem(key: string): string | null {
    return this.items.get(key) ?? null;
  }
  setItem(key: string, value: string): void {
    this.items.set(key, value);
  }
  removeItem(key: string): void {
    this.items.delete(key);
  }
}

class Stage {
  readonly room = new ModelRoom('r');
  readonly time = new ManualTime();
  readonly shelf = new Shelf();
  readonly page = new EventTarget();
  readonly node = writable<'connected' | 'lost'>('connected');
  readonly channels: RoomChannel[] = [];
  /** Codes with which the next channels fail to open; then they open. */
  failures: NodeErrorCode[] = [];
  dials = 0;

  open(name = 'Ada'): Seat {
    return openSeat({
      backend: {
        node: this.node,
        openChannel: () => {
          this.dials += 1;
          const failure = this.failures.shift();
          if (failure !== undefined) return Promise.reject(new BackendError(failure, ''));
          const channel = new RoomChannel(this.room);
          this.channels.push(channel);
          return Promise.resolve(channel);
        },
      },
      target: { kind: 'meeting', meetingId: 'r' },
      meetingId: 'r',
      name,
      kind: 'app',
      media: { microphone: true, camera: true, screen: false },
      code: null,
      introduce: null,
      storage: this.shelf,
      now: this.time.now,
      random: () => 1,
      setTimer: this.time.setTimer,
      page: this.page,
    });
  }

  get channel(): RoomChannel {
    const channel = this.channels.at(-1);
    if (channel === undefined) throw new Error('no channel was opened');
    return channel;
  }

  async joined(name?: string): Promise<Seat> {
    const seat = this.open(name);
    await this.time.settle();
    expect(seat.state.get().status).toBe('joined');
    return seat;
  }
}

function statuses(seat: Seat): SeatState[] {
  const seen: SeatState[] = [];
  seat.state.subscribe((state) => seen.push(state));
  return seen;
}

describe('a first join', () => {
  test('leads to joined, and to its callback before any message', async () => {
    const stage = new Stage();
    const seat = stage.open();
    const seen: string[] = [];
    seat.onjoined = ({ outcome }) => seen.push(outcome);
    seat.onmessage = ({ action }) => seen.push(action);
    await stage.time.settle();
    for (const frame of stage.room.say('1')) stage.channel.say(frame);
    expect(seen).toEqual(['new', 'signal']);
    expect(seat.state.get()).toEqual({ status: 'joined', clientId: 'me' });
  });

  test('gives up as unreachable after three tries', async () => {
    const stage = new Stage();
    stage.failures = ['unreachable', 'connection-refused', 'unreachable', 'unreachable'];
    const seat = stage.open();
    await stage.time.advance(20_000);
    expect(seat.state.get()).toEqual({ status: 'ended', reason: 'unreachable' });
    expect(stage.dials).toBe(3);
    expect(stage.time.pending).toBe(0);
  });

  for (const [code, reason] of [
    ['meeting-not-found', 'room-not-found'],
    ['fingerprint-mismatch', 'fingerprint-mismatch'],
    ['fingerprint-changed', 'fingerprint-mismatch'],
    ['false-host', 'false-host'],
    ['unsupported-version', 'unsupported-version'],
    ['bad-address', 'unreachable'],
  ] as const) {
    test(`ends at once when the node says ${code}`, async () => {
      const stage = new Stage();
      stage.failures = [code];
      const seat = stage.open();
      await stage.time.settle();
      expect(seat.state.get()).toEqual({ status: 'ended', reason });
    });
  }

  test('is tried again when the room does not answer it', async () => {
    const stage = new Stage();
    const seat = stage.open();
    const [first] = stage.channels;
    if (first !== undefined) first.silent = true;
    await stage.time.advance(7_000);
    expect(first?.closed).toBe(true);
    expect(seat.state.get().status).toBe('joined');
  });
});

describe('a lost connection', () => {
  test('is resumed within a quarter of a second, and says reconnecting meanwhile', async () => {
    const stage = new Stage();
    const seat = await stage.joined();
    const seen = statuses(seat);
    stage.channel.cut('lost');
    await stage.time.advance(250);
    expect(seen).toEqual([
      { status: 'joined', clientId: 'me' },
      { status: 'reconnecting', clientId: 'me', hostLeft: false },
      { status: 'joined', clientId: 'me' },
    ]);
    expect(stage.room.life).toBe(1);
  });

  test('is never given up once joined, and a goodbye of the host is remembered', async () => {
    const stage = new Stage();
    const seat = await stage.joined();
    stage.failures = Array.from({ length: 200 }, () => 'meeting-not-found' as const);
    stage.channel.cut('host-left');
    await stage.time.advance(300_000);
    expect(seat.state.get()).toEqual({ status: 'reconnecting', clientId: 'me', hostLeft: true });
    expect(stage.dials).toBeGreaterThan(80);
    stage.failures = [];
    await stage.time.advance(3_000);
    expect(seat.state.get().status).toBe('joined');
  });

  test('is tried at once when the network is back', async () => {
    const stage = new Stage();
    const seat = await stage.joined();
    stage.failures = ['unreachable', 'unreachable', 'unreachable', 'unreachable', 'unreachable'];
    stage.channel.cut('lost');
    await stage.time.advance(4_000);
    stage.failures = [];
    expect(seat.state.get().status).toBe('reconnecting');
    stage.page.dispatchEvent(new Event('online'));
    await stage.time.settle();
    expect(seat.state.get().status).toBe('joined');
  });

  test('that carries nothing is found out by pings and replaced', async () => {
    const stage = new Stage();
    const seat = await stage.joined();
    const first = stage.channel;
    first.silent = true;
    await stage.time.advance(20_000);
    expect(first.sent.filter((action) => action === 'ping')).toHaveLength(2);
    expect(first.closed).toBe(true);
    expect(stage.channels).toHaveLength(2);
    expect(seat.state.get().status).toBe('joined');
  });

  test('of a room that answers pings is none', async () => {
    const stage = new Stage();
    await stage.joined();
    await stage.time.advance(60_000);
    expect(stage.channels).toHaveLength(1);
  });

  test('right after each join is retried more and more slowly', async () => {
    const stage = new Stage();
    await stage.joined();
    const before = stage.dials;
    for (let at = 0; at < 6; at += 1) {
      stage.channel.cut('lost');
      await stage.time.advance(3_000);
    }
    expect(stage.dials - before).toBeLessThanOrEqual(6);
    const dials = stage.dials;
    stage.channel.cut('lost');
    await stage.time.advance(1_000);
    expect(stage.dials).toBe(dials);
  });
});

describe('when somebody says that the room is elsewhere', () => {
  test('a room that answers is kept', async () => {
    const stage = new Stage();
    const seat = await stage.joined();
    seat.check();
    await stage.time.advance(3_000);
    expect(stage.channel.sent.filter((action) => action === 'ping')).toHaveLength(1);
    expect(stage.channels).toHaveLength(1);
    expect(seat.state.get().status).toBe('joined');
  });

  test('one that does not is given up after a second', async () => {
    const stage = new Stage();
    const seat = await stage.joined();
    const first = stage.channel;
    first.silent = true;
    seat.check();
    await stage.time.advance(999);
    expect(first.closed).toBe(false);
    await stage.time.advance(1);
    expect(first.closed).toBe(true);
    await stage.time.advance(250);
    expect(stage.channels).toHaveLength(2);
    expect(seat.state.get().status).toBe('joined');
  });

  test('a seat that waits tries again at once', async () => {
    const stage = new Stage();
    const seat = await stage.joined();
    stage.failures = ['unreachable', 'unreachable', 'unreachable', 'unreachable', 'unreachable', 'unreachable'];
    stage.channel.cut('lost');
    await stage.time.advance(5_000);
    stage.failures = [];
    const dials = stage.dials;
    expect(seat.state.get().status).toBe('reconnecting');
    seat.check();
    await stage.time.settle();
    expect(stage.dials).toBe(dials + 1);
    expect(seat.state.get().status).toBe('joined');
  });

  test('nothing is left of it when the seat ends', async () => {
    const stage = new Stage();
    const seat = await stage.joined();
    seat.check();
    seat.leave();
    seat.check();
    expect(stage.time.pending).toBe(0);
  });
});

test('what is sent while away arrives after the resume, once', async () => {
  const stage = new Stage();
  const seat = await stage.joined();
  stage.channel.cut('lost');
  seat.send({ action: 'chat', id: 'while-away', text: 'hello' });
  await stage.time.advance(1_000);
  expect(stage.room.done).toEqual(['while-away']);
});

test('what a callback sends goes out after what was sent before it', async () => {
  const stage = new Stage();
  const seat = stage.open();
  seat.onjoined = () => {
    seat.send({ action: 'chat', id: 'from-callback', text: 'b' });
  };
  seat.send({ action: 'chat', id: 'before-the-join', text: 'a' });
  await stage.time.settle();
  expect(stage.room.done).toEqual(['before-the-join', 'from-callback']);
  expect(stage.room.gap).toBe(false);
});

test('leaving tells the room, closes the channel and stops everything', async () => {
  const stage = new Stage();
  const seat = await stage.joined();
  seat.leave();
  expect(stage.channel.sent.at(-1)).toBe('leave');
  expect(stage.channel.closed).toBe(true);
  expect(seat.state.get()).toEqual({ status: 'ended', reason: 'left' });
  expect(stage.time.pending).toBe(0);
  stage.page.dispatchEvent(new Event('pagehide'));
  expect(stage.shelf.items.size).toBe(0);
});

test('losing the own node ends the seat', async () => {
  const stage = new Stage();
  const seat = await stage.joined();
  stage.node.set('lost');
  await stage.time.settle();
  expect(seat.state.get()).toEqual({ status: 'ended', reason: 'node-lost' });
});

describe('a page that goes away', () => {
  test('says closing and leaves its seat for the next load, which takes it', async () => {
    const stage = new Stage();
    const seat = await stage.joined();
    seat.setMediaState({ microphone: false, camera: true, screen: false });
    expect(stage.shelf.items.size).toBe(0);
    stage.page.dispatchEvent(new Event('pagehide'));
    expect(stage.channel.sent.at(-1)).toBe('closing');
    expect(stage.channel.closed).toBe(true);
    expect(stage.shelf.items.size).toBe(1);
    expect(peekSeat(stage.shelf)).toEqual({
      meetingId: 'r',
      target: { kind: 'meeting', meetingId: 'r' },
      name: 'Ada',
      media: { microphone: false, camera: true, screen: false },
    });
    stage.room.disconnected();
    const again = stage.open();
    expect(stage.shelf.items.size).toBe(0);
    const outcomes: string[] = [];
    again.onjoined = ({ outcome }) => outcomes.push(outcome);
    await stage.time.settle();
    expect(outcomes).toEqual(['restored']);
  });

  test('and comes back from the cache resumes and leaves nothing behind', async () => {
    const stage = new Stage();
    const seat = await stage.joined();
    stage.page.dispatchEvent(new Event('pagehide'));
    stage.room.disconnected();
    await stage.time.advance(60_000);
    expect(stage.dials).toBe(1);
    stage.page.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: true }));
    await stage.time.settle();
    expect(seat.state.get().status).toBe('joined');
    expect(stage.shelf.items.size).toBe(0);
    expect(stage.room.life).toBe(1);
  });

  test('for another meeting leaves no seat behind', async () => {
    const stage = new Stage();
    await stage.joined();
    stage.page.dispatchEvent(new Event('pagehide'));
    expect(takeSeat(stage.shelf, 'another')).toBeNull();
    expect(stage.shelf.items.size).toBe(0);
  });

  test('with a broken entry in its storage joins as new', async () => {
    const stage = new Stage();
    stage.shelf.setItem('landline.seat', '{"meetingId":"r","clientId":7}');
    expect(peekSeat(stage.shelf)).toBeNull();
    const seat = await stage.joined();
    expect(seat.state.get().status).toBe('joined');
    expect(stage.shelf.items.size).toBe(0);
  });
});
