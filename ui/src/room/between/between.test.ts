import { beforeEach, describe, expect, test, vi } from 'vitest';

import type { Joined } from '../../protocol/generated/Joined.ts';
import type { MediaState } from '../../protocol/generated/MediaState.ts';
import type { ParticipantKind } from '../../protocol/generated/ParticipantKind.ts';
import { ChannelPair } from '../../rtc/line/channel-pair.ts';
import { Line } from '../../rtc/line/line.ts';
import type { MeshPeer } from '../../rtc/member.ts';
import { writable } from '../../shared/store.ts';
import type { SeatMessage, SeatState } from '../../signaling/seat-model.ts';
import { generateKey } from '../../trust/keys.ts';
import { signerOf, type Signer } from '../../trust/signer.ts';
import { Between, type HeardLine } from './between.ts';

/** Guards what pages do for each other while there is no room. Lines and keys are real; what a link does with a signal is not looked at. */

beforeEach(() => {
  for (const level of ['debug', 'info', 'warn'] as const) vi.spyOn(console, level).mockReturnValue();
});

const FINGERPRINT = 'ab'.repeat(32);
const ON: MediaState = { microphone: true, camera: true, screen: true };

class Person {
  readonly id: string;
  readonly kind: ParticipantKind;
  readonly signer: Signer;
  readonly lines = new Map<string, Line>();
  readonly peers = writable<readonly MeshPeer[]>([]);
  readonly state = writable<SeatState>({ status: 'joining' });
  /** What went to the room. */
  readonly sent: SeatMessage[] = [];
  readonly signals: { from: string; type: string; data: unknown }[] = [];
  readonly states: { from: string; state: MediaState }[] = [];
  readonly chat: HeardLine[] = [];
  readonly hints: string[] = [];
  /** Through whom its own frames go. */
  goesThrough = '';
  /** How often its node was asked for a connection to the room. */
  opened = 0;
  otherWays: ReadonlySet<string> = new Set();
  checks = 0;
  now = 0;
  readonly between: Between;

  constructor(id: string, kind: ParticipantKind, signer: Signer) {
    this.id = id;
    this.kind = kind;
    this.signer = signer;
    this.between = new Between({
      meetingId: 'm',
      mesh: {
        peers: this.peers,
        lineTo: (to) => {
          const line = this.lines.get(to);
          return line?.ready === true ? line : null;
        },
        signalled: (from, type, data) => this.signals.push({ from, type, data }),
        told: (from, state) => this.states.push({ from, state }),
        setOtherWays: (ids) => (this.otherWays = ids),
      },
      seat: {
        state: this.state,
        send: (message) => this.sent.push(message),
        check: () => (this.checks += 1),
      },
      signer: Promise.resolve(signer),
      certificate: Promise.resolve({ certificates: [], fingerprint: FINGERPRINT, release: () => undefined }),
      seatWays: {
        heard: () => undefined,
        joined: () => undefined,
        sweep: () => undefined,
        moved: (from) => this.hints.push(from),
        through: (other) => other === this.goesThrough,
      },
      carries: kind === 'app',
      openChannel: () => {
        this.opened += 1;
        return new Promise(() => undefined);
      },
      now: () => this.now,
    });
    this.between.onchat = (line) => this.chat.push(line);
  }

  /** As the mesh tells of a link that changed. */
  publish(): void {
    this.peers.set([...this.peers.get()]);
  }

  room(there: boolean, host = 'h'): void {
    const joined = { clientId: this.id } as Joined;
    this.state.set(there ? { status: 'joined', clientId: this.id } : { status: 'reconnecting', clientId: this.id, hostLeft: false });
    if (there) this.between.joined(joined, this.kind === 'guest' ? null : host);
  }
}

class Meeting {
  readonly people: Person[] = [];
  readonly pairs = new Map<string, ChannelPair>();

  static async of(...kinds: [string, ParticipantKind][]): Promise<Meeting> {
    const meeting = new Meeting();
    for (const [id, kind] of kinds) meeting.people.push(new Person(id, kind, signerOf(await generateKey())));
    for (const person of meeting.people) {
      const others = meeting.people.filter((other) => other !== person);
      person.peers.set(others.map(({ id, kind, signer }) => ({ id, kind, name: id.toUpperCase(), away: false, identity: { key: signer.key, fingerprint: FINGERPRINT, signature: '' } }) as MeshPeer));
      person.room(true);
    }
    return meeting;
  }

  person(id: string): Person {
    const found = this.people.find((person) => person.id === id);
    if (found === undefined) throw new Error(id);
    return found;
  }

  link(a: string, b: string): void {
    const pair = new ChannelPair();
    this.pairs.set(`${a} ${b}`, pair);
    for (const [from, to, end] of [[a, b, pair.a], [b, a, pair.b]] as const) {
      const person = this.person(from);
      person.lines.set(to, new Line(end, () => to, (heard) => {
        person.between.heard(to, heard);
        if (heard.is === 'ready' || heard.is === 'off') person.publish();
      }));
    }
    pair.open();
    this.carry();
  }

  /** Until nothing waits, also not to be signed or verified. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 20; turn += 1) {
      this.carry();
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }

  carry(): void {
    for (let turn = 0; turn < 5; turn += 1) for (const pair of this.pairs.values()) pair.carry();
  }

  rooms(there: boolean, host?: string): void {
    for (const person of this.people) person.room(there, host);
    this.carry();
  }
}

const full = async (): Promise<Meeting> => {
  const meeting = await Meeting.of(['ana', 'app'], ['ben', 'app'], ['gus', 'guest']);
  meeting.link('ana', 'ben');
  meeting.link('ana', 'gus');
  meeting.link('ben', 'gus');
  return meeting;
};

describe('passing frames on', () => {
  const asks = async (meeting: Meeting, from: string, to: string): Promise<number> => {
    const before = meeting.person(to).opened;
    meeting.person(from).lines.get(to)?.send({ is: 'open', tunnel: 1 });
    await meeting.settle();
    return meeting.person(to).opened - before;
  };

  test('an app does it for guests at any time, and for apps while it is in the room itself', async () => {
    const meeting = await full();
    expect(await asks(meeting, 'ana', 'ben')).toBe(1);
    expect(meeting.person('ben').between.passesOnFor('ana')).toBe(true);
    expect(await asks(meeting, 'gus', 'ben')).toBe(1);
    expect(await asks(meeting, 'ana', 'gus'), 'a guest’s page has no way of its own').toBe(0);
    meeting.rooms(false);
    expect(await asks(meeting, 'gus', 'ben')).toBe(1);
    expect(await asks(meeting, 'ana', 'ben'), 'it would be asked in turn').toBe(0);
  });

  test('nobody passes frames on for whom it asks itself', async () => {
    const meeting = await full();
    meeting.person('ben').goesThrough = 'ana';
    expect(await asks(meeting, 'ana', 'ben')).toBe(0);
  });
});

describe('while there is a room', () => {
  test('nothing goes beside it', async () => {
    const meeting = await full();
    const ana = meeting.person('ana');
    ana.between.signal('ben', 'offer', { sdp: 'v=0' });
    ana.between.say({ id: 'line-one', text: 'hello' });
    ana.between.setMediaState(ON);
    await meeting.settle();
    expect(ana.sent).toEqual([{ action: 'signal', type: 'offer', to: 'ben', data: { sdp: 'v=0' } }]);
    for (const id of ['ben', 'gus']) expect(meeting.person(id)).toMatchObject({ signals: [], chat: [], states: [] });
  });

  test('somebody who lost it is reached by the line', async () => {
    const meeting = await full();
    const ana = meeting.person('ana');
    ana.peers.set(ana.peers.get().map((peer) => (peer.id === 'ben' ? { ...peer, away: true } : peer)));
    ana.between.signal('ben', 'answer', 1);
    ana.between.signal('gus', 'answer', 2);
    await meeting.settle();
    expect(meeting.person('ben').signals).toEqual([{ from: 'ana', type: 'answer', data: 1 }]);
    expect(ana.sent).toMatchObject([{ to: 'gus' }]);
  });
});

describe('without a room', () => {
  test('chat, states and signals go by the lines', async () => {
    const meeting = await full();
    const ana = meeting.person('ana');
    meeting.rooms(false);
    ana.between.say({ id: 'line-one', text: 'hello' });
    ana.between.setMediaState(ON);
    ana.between.signal('gus', 'ice-candidate', null);
    await meeting.settle();
    for (const id of ['ben', 'gus']) {
      expect(meeting.person(id).chat).toEqual([{ id: 'line-one', from: 'ana', name: 'ANA', text: 'hello' }]);
      expect(meeting.person(id).states).toEqual([{ from: 'ana', state: ON }]);
    }
    expect(meeting.person('gus').signals).toEqual([{ from: 'ana', type: 'ice-candidate', data: null }]);
    expect(ana.sent).toEqual([]);
  });

  test('what was said in the last moment is said again, also to whoever gets a line later', async () => {
    const meeting = await Meeting.of(['ana', 'app'], ['ben', 'app'], ['cyd', 'app']);
    meeting.link('ana', 'ben');
    const ana = meeting.person('ana');
    ana.between.unsent = () => [{ id: 'line-one', text: 'did this arrive' }];
    meeting.rooms(false);
    expect(meeting.person('ben').chat).toMatchObject([{ text: 'did this arrive' }]);
    meeting.link('ana', 'cyd');
    expect(meeting.person('cyd').chat).toMatchObject([{ text: 'did this arrive' }]);
  });

  test('somebody without a line is reached by a neighbour, and signals come as they were said', async () => {
    const meeting = await Meeting.of(['ana', 'app'], ['ben', 'app'], ['cyd', 'app']);
    meeting.link('ana', 'ben');
    meeting.link('ben', 'cyd');
    meeting.rooms(false);
    const [ana, cyd] = [meeting.person('ana'), meeting.person('cyd')];
    expect([...ana.otherWays].sort()).toEqual(['ben', 'cyd']);
    ana.between.signal('cyd', 'offer', { sdp: 'one' });
    ana.between.signal('cyd', 'ice-candidate', { candidate: 'two' });
    await meeting.settle();
    expect(cyd.signals).toEqual([
      { from: 'ana', type: 'offer', data: { sdp: 'one' } },
      { from: 'ana', type: 'ice-candidate', data: { candidate: 'two' } },
    ]);
    expect(ana.sent).toEqual([]);
  });

  test('a neighbour that loses its line is no way any more', async () => {
    const meeting = await Meeting.of(['ana', 'app'], ['ben', 'app'], ['cyd', 'app']);
    meeting.link('ana', 'ben');
    meeting.link('ben', 'cyd');
    meeting.rooms(false);
    meeting.pairs.get('ben cyd')?.a.end();
    meeting.carry();
    const ana = meeting.person('ana');
    expect([...ana.otherWays]).toEqual(['ben']);
    ana.between.signal('cyd', 'offer', 1);
    await meeting.settle();
    expect(ana.sent, 'it waits for the room').toMatchObject([{ to: 'cyd' }]);
  });

  test('who passes on cannot speak for somebody, and says nothing twice', async () => {
    const meeting = await Meeting.of(['ana', 'app'], ['ben', 'app'], ['cyd', 'app']);
    meeting.link('ana', 'ben');
    meeting.link('ben', 'cyd');
    meeting.rooms(false);
    const [ana, ben, cyd] = [meeting.person('ana'), meeting.person('ben'), meeting.person('cyd')];
    const passed: unknown[] = [];
    const toCyd = ben.lines.get('cyd');
    if (toCyd === undefined) throw new Error('no line');
    vi.spyOn(toCyd, 'send').mockImplementation((envelope) => passed.push(envelope) > 0);
    ana.between.signal('cyd', 'offer', 'genuine');
    await meeting.settle();
    const [envelope] = passed as { is: 'passed'; from: string; signed: { data: string } }[];
    if (envelope === undefined) throw new Error('nothing was passed on');
    const say = (what: object): void => {
      cyd.between.heard('ben', { is: 'envelope', envelope: what as never });
    };
    say({ ...envelope, signed: { ...envelope.signed, data: '"forged"' } });
    say({ ...envelope, from: 'ben' });
    say(envelope);
    say(envelope);
    await meeting.settle();
    expect(cyd.signals).toEqual([{ from: 'ana', type: 'offer', data: 'genuine' }]);
  });

  test('nothing is passed on to strangers, and not without end', async () => {
    const meeting = await full();
    const ben = meeting.person('ben');
    const toGus = ben.lines.get('gus');
    if (toGus === undefined) throw new Error('no line');
    const sent = vi.spyOn(toGus, 'send');
    const signed = { type: 'offer', data: '1', count: 1, signature: 's' } as const;
    const say = (from: string, to: string): void => {
      ben.between.heard(from, { is: 'envelope', envelope: { is: 'pass', to, signed } });
    };
    say('ana', 'nobody');
    say('nobody', 'gus');
    expect(sent).not.toHaveBeenCalled();
    for (let at = 0; at < 1_000; at += 1) say('ana', 'gus');
    expect(sent).toHaveBeenCalledTimes(512);
  });
});

describe('an app whose room is at another host', () => {
  test('tells guests, who look, but not all the time', async () => {
    const meeting = await full();
    const gus = meeting.person('gus');
    meeting.person('ben').room(true, 'h');
    meeting.carry();
    expect(gus.checks, 'the same host').toBe(0);
    meeting.person('ben').room(true, 'another');
    meeting.carry();
    expect(gus).toMatchObject({ checks: 1, hints: ['ben'] });
    expect(meeting.person('ana').checks, 'apps have nodes').toBe(0);
    gus.between.heard('ben', { is: 'envelope', envelope: { is: 'moved' } });
    expect(gus.checks).toBe(1);
    gus.now = 2_000;
    gus.between.heard('ben', { is: 'envelope', envelope: { is: 'moved' } });
    expect(gus.checks).toBe(2);
  });
});

test('whoever floods a line is not heard any more', async () => {
  const meeting = await full();
  const ana = meeting.person('ana');
  for (let at = 0; at < 2_000; at += 1) ana.between.heard('ben', { is: 'envelope', envelope: { is: 'signal', type: 'offer', data: at } });
  expect(ana.signals.length).toBeLessThan(1_600);
  expect(ana.lines.get('ben')?.ready).toBe(false);
  expect([...ana.otherWays].sort(), 'another way is left').toEqual(['ben', 'gus']);
});

test('chat of one person comes at a bounded rate', async () => {
  const meeting = await full();
  const ana = meeting.person('ana');
  for (let at = 0; at < 200; at += 1) ana.between.heard('ben', { is: 'envelope', envelope: { is: 'chat', id: `line-${at}-of-many`, text: 'x' } });
  expect(ana.chat).toHaveLength(64);
});
