import { beforeEach, describe, expect, test, vi } from 'vitest';

import { BackendError, type Channel } from '../../backend/backend.ts';
import { FrameInbox } from '../../backend/frame-inbox.ts';
import type { ChannelClosed } from '../../protocol/generated/ChannelClosed.ts';
import { ChannelPair } from '../../rtc/line/channel-pair.ts';
import { Line } from '../../rtc/line/line.ts';
import { ManualTime } from '../../shared/manual-time.ts';
import { writable } from '../../shared/store.ts';
import { ModelRoom } from '../../signaling/model-room.ts';
import type { Seat, SeatState } from '../../signaling/seat-model.ts';
import { openSeat } from '../../signaling/seat.ts';
import { SeatWays } from './seat-ways.ts';
import { TunnelCarrier, TUNNELS } from './tunnel-carrier.ts';
import { TunnelEnds } from './tunnel-end.ts';

/** Guards: a guest whose host is gone reaches the room through an app, with the same seat. Both ends, and the seat, are the real ones. */

beforeEach(() => {
  for (const level of ['debug', 'info', 'warn'] as const) vi.spyOn(console, level).mockReturnValue();
});

/** A connection to a room, as a node or a guest's page has it. */
class RoomChannel extends FrameInbox {
  readonly #room: ModelRoom;
  readonly actions: string[] = [];
  silent = false;

  constructor(room: ModelRoom) {
    super();
    this.#room = room;
  }

  send(frame: string): void {
    this.actions.push((JSON.parse(frame) as { action: string }).action);
    for (const answer of this.#room.receive(frame)) this.say(answer);
  }

  say(frame: string): void {
    if (!this.silent) this.take(frame);
  }

  cut(reason: ChannelClosed): void {
    this.#room.disconnected();
    this.end(reason);
  }

  close(): void {
    this.end('closed');
  }
}

/** An app that is in the meeting, with a line to the guest. */
class App {
  readonly pair = new ChannelPair();
  readonly line: Line;
  readonly channels: RoomChannel[] = [];
  readonly carrier: TunnelCarrier;
  /** The host that its node finds; null for none. */
  room: ModelRoom | null;
  /** Its node waits for a host. */
  waits = false;
  guest = true;

  constructor(id: string, room: ModelRoom | null, guest: { lines: Map<string, Line>; ways: () => SeatWays }) {
    this.room = room;
    this.carrier = new TunnelCarrier({
      openChannel: () => this.#dial(),
      lineTo: () => (this.line.ready ? this.line : null),
      mayAsk: () => this.guest,
    });
    this.line = new Line(this.pair.a, () => 'gus', (heard) => {
      this.carrier.heard('gus', heard);
    });
    const theirs = new Line(this.pair.b, () => id, (heard) => {
      guest.ways().heard(id, heard);
    });
    guest.lines.set(id, theirs);
    this.pair.open();
  }

  #dial(): Promise<Channel> {
    if (this.waits) return new Promise(() => undefined);
    if (this.room === null) return Promise.reject(new BackendError('unreachable', ''));
    const channel = new RoomChannel(this.room);
    this.channels.push(channel);
    return Promise.resolve(channel);
  }

  get channel(): RoomChannel {
    const channel = this.channels.at(-1);
    if (channel === undefined) throw new Error('the app has opened nothing');
    return channel;
  }
}

class Stage {
  readonly room = new ModelRoom('r');
  readonly time = new ManualTime();
  readonly lines = new Map<string, Line>();
  readonly apps = new Map<string, App>();
  readonly ways: SeatWays;
  /** Whether the guest's own host answers. */
  host: ModelRoom | null = this.room;
  own: RoomChannel | null = null;
  dials: string[] = [];

  constructor() {
    this.ways = new SeatWays({
      backend: {
        node: writable('connected'),
        openChannel: () => {
          this.dials.push('host');
          if (this.host === null) return Promise.reject(new BackendError('unreachable', ''));
          this.own = new RoomChannel(this.host);
          return Promise.resolve(this.own);
        },
      },
      apps: () => [...this.lines].flatMap(([id, line]) => (line.ready ? [id] : [])),
      lineTo: (id) => {
        this.dials.push(id);
        const line = this.lines.get(id);
        return line?.ready === true ? line : null;
      },
      setTimer: this.time.setTimer,
      now: this.time.now,
    });
  }

  app(id: string, room: ModelRoom | null = this.room): App {
    const app = new App(id, room, { lines: this.lines, ways: () => this.ways });
    this.apps.set(id, app);
    return app;
  }

  async joined(): Promise<Seat> {
    const seat = openSeat({
      backend: this.ways,
      target: { kind: 'meeting', meetingId: 'r' },
      meetingId: 'r',
      name: 'Gus',
      kind: 'guest',
      media: { microphone: true, camera: true, screen: false },
      code: null,
      elsewhere: () => this.ways.elsewhere,
      introduce: null,
      storage: null,
      now: this.time.now,
      random: () => 1,
      setTimer: this.time.setTimer,
      page: null,
    });
    seat.onjoined = () => {
      this.ways.joined();
    };
    await this.time.settle();
    expect(seat.state.get().status).toBe('joined');
    this.dials = [];
    return seat;
  }

  /** Lets time pass, and the lines carry. */
  async pass(ms: number): Promise<void> {
    for (let at = 0; at < ms; at += 50) {
      await this.time.advance(50);
      for (const { pair } of this.apps.values()) pair.carry();
      await this.time.settle();
    }
  }

  die(reason: ChannelClosed = 'lost'): void {
    this.host = null;
    this.own?.cut(reason);
  }
}

const seated = { status: 'joined', clientId: 'me' } satisfies SeatState;

describe('a guest whose host dies', () => {
  test('dials it once more and then joins through an app, with the same seat, and what it said meanwhile arrives', async () => {
    const stage = new Stage();
    const ben = stage.app('ben');
    const seat = await stage.joined();
    stage.die();
    seat.send({ action: 'chat', id: 'while-away', text: 'hello' });
    await stage.pass(1_000);
    expect(stage.dials).toEqual(['host', 'ben']);
    expect(seat.state.get()).toEqual(seated);
    expect(ben.channels).toHaveLength(1);
    expect(stage.room.life, 'resumed').toBe(1);
    expect(stage.room.done).toEqual(['while-away']);
  });

  test('hears what the room says, through the app', async () => {
    const stage = new Stage();
    const ben = stage.app('ben');
    const seat = await stage.joined();
    stage.die();
    await stage.pass(1_000);
    const heard: string[] = [];
    seat.onmessage = ({ action }) => heard.push(action);
    for (const frame of stage.room.say('1')) ben.channel.say(frame);
    await stage.pass(50);
    expect(heard).toEqual(['signal']);
  });

  test('waits for the next host with the app, and goes to another one if that takes too long', async () => {
    const stage = new Stage();
    stage.app('ben').waits = true;
    stage.app('cyd');
    const seat = await stage.joined();
    stage.die();
    await stage.pass(5_000);
    expect(seat.state.get().status).toBe('reconnecting');
    await stage.pass(4_000);
    expect(stage.dials).toEqual(['host', 'ben', 'cyd']);
    expect(seat.state.get()).toEqual(seated);
  });

  test('comes back to its host if that was only restarted', async () => {
    const stage = new Stage();
    stage.app('ben', null);
    const seat = await stage.joined();
    stage.die();
    await stage.pass(1_000);
    stage.host = stage.room;
    await stage.pass(12_000);
    expect(seat.state.get()).toEqual(seated);
    expect(stage.dials.at(-1)).toBe('host');
  });

  test('does not take the word of whoever has its address now, as long as there is another way', async () => {
    const stage = new Stage();
    const ben = stage.app('ben');
    const seat = await stage.joined();
    stage.die();
    await stage.time.settle();
    const stranger = new ModelRoom('r');
    stranger.receive = () => ['{"action":"error","code":"room-not-found","message":""}'];
    stage.host = stranger;
    await stage.pass(2_000);
    expect(seat.state.get()).toEqual(seated);
    expect(ben.channels).toHaveLength(1);
  });

  test('and has nobody ends when the room is gone for good', async () => {
    const stage = new Stage();
    const seat = await stage.joined();
    stage.die();
    const stranger = new ModelRoom('r');
    stranger.receive = () => ['{"action":"error","code":"room-not-found","message":""}'];
    stage.host = stranger;
    await stage.pass(2_000);
    expect(seat.state.get()).toEqual({ status: 'ended', reason: 'room-not-found' });
  });
});

describe('a tunnel', () => {
  const tunnelled = async (): Promise<{ stage: Stage; ben: App; seat: Seat }> => {
    const stage = new Stage();
    const ben = stage.app('ben');
    const seat = await stage.joined();
    stage.die();
    // So long that the connection counts as a good one.
    await stage.pass(8_000);
    expect(seat.state.get()).toEqual(seated);
    return { stage, ben, seat };
  };

  test('ends with the connection that it carries, and the guest dials anew and is told why', async () => {
    const { stage, ben, seat } = await tunnelled();
    const seen: SeatState[] = [];
    seat.state.subscribe((state) => seen.push(state));
    ben.channel.cut('host-left');
    await stage.pass(1_000);
    expect(seen).toEqual([seated, { status: 'reconnecting', clientId: 'me', hostLeft: true }, seated]);
    expect(ben.channels).toHaveLength(2);
    expect(ben.carrier.size).toBe(1);
  });

  test('ends when the app’s own seat is at another host', async () => {
    const { stage, ben, seat } = await tunnelled();
    const before = ben.channel;
    ben.carrier.moved();
    expect(before.isClosed).toBe(true);
    await stage.pass(1_000);
    expect(ben.channels).toHaveLength(2);
    expect(seat.state.get()).toEqual(seated);
  });

  test('ends with the line, and with the guest', async () => {
    const { stage, ben } = await tunnelled();
    ben.guest = false;
    ben.carrier.sweep();
    expect(ben.channel.isClosed).toBe(true);
    expect(ben.carrier.size).toBe(0);
    ben.guest = true;
    await stage.pass(5_000);
    stage.lines.get('ben')?.close();
    ben.pair.a.end();
    expect(ben.channel.isClosed).toBe(true);
    expect(ben.carrier.size).toBe(0);
  });

  test('is closed at the other end when the guest leaves', async () => {
    const { stage, ben, seat } = await tunnelled();
    seat.leave();
    await stage.pass(100);
    expect(ben.channel.actions.at(-1)).toBe('leave');
    expect(ben.channel.isClosed).toBe(true);
    expect(ben.carrier.size).toBe(0);
  });

  test('is cut when the guest does not read, and the line lives on', async () => {
    const { ben } = await tunnelled();
    const frame = JSON.stringify({ action: 'pong', filler: 'x'.repeat(200_000) });
    for (let at = 0; at < 20 && ben.carrier.size > 0; at += 1) ben.channel.say(frame);
    expect(ben.carrier.size).toBe(0);
    expect(ben.channel.isClosed).toBe(true);
    expect(ben.line.ready).toBe(true);
    expect(ben.line.waitingBytes).toBeLessThan(3 * 1024 * 1024);
  });
});

describe('an app', () => {
  test('passes nothing on for somebody who is no guest', async () => {
    const stage = new Stage();
    const ben = stage.app('ben');
    ben.guest = false;
    const seat = await stage.joined();
    stage.die();
    await stage.pass(3_000);
    expect(ben.channels).toHaveLength(0);
    expect(seat.state.get().status).toBe('reconnecting');
  });

  test('carries one tunnel for each, and a bounded number of them', () => {
    const open = vi.fn<() => Promise<Channel>>(() => new Promise(() => undefined));
    const refused: string[] = [];
    const carrier = new TunnelCarrier({
      openChannel: open,
      lineTo: (id) => ({
        send: (envelope) => {
          if (envelope.is === 'closed') refused.push(`${id} ${envelope.reason}`);
          return true;
        },
        sendFrame: () => true,
        waitingBytes: 0,
      }),
      mayAsk: () => true,
    });
    for (let at = 0; at < TUNNELS + 1; at += 1) carrier.heard(`guest ${at}`, { is: 'envelope', envelope: { is: 'open', tunnel: 1 } });
    expect(open).toHaveBeenCalledTimes(TUNNELS);
    expect(refused).toEqual([`guest ${TUNNELS} refused`]);
    // One who asks again and again does not get more connections than that at a time.
    for (let at = 2; at < 50; at += 1) carrier.heard('guest 0', { is: 'envelope', envelope: { is: 'open', tunnel: at } });
    expect(open).toHaveBeenCalledTimes(TUNNELS);
  });
});

test('frames of an earlier tunnel are not taken for those of the next', async () => {
  const pair = new ChannelPair();
  const time = new ManualTime();
  const ends = new TunnelEnds();
  const app = new Line(pair.a, () => 'gus', () => undefined);
  const line = new Line(pair.b, () => 'ben', (heard) => {
    ends.heard('ben', heard);
  });
  pair.open();
  const first = ends.open('ben', line, time.setTimer);
  app.send({ is: 'opened', tunnel: 1 });
  pair.carry();
  (await first).close();
  const second = ends.open('ben', line, time.setTimer);
  app.sendFrame('of the first');
  app.send({ is: 'opened', tunnel: 1 });
  app.send({ is: 'opened', tunnel: 2 });
  app.sendFrame('of the second');
  pair.carry();
  const frames: string[] = [];
  (await second).onframe = (frame) => frames.push(frame);
  expect(frames).toEqual(['of the second']);
});
