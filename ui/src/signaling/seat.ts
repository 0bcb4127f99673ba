import type { Backend, Channel } from '../backend/backend.ts';
import { BackendError } from '../backend/backend.ts';
import type { ChannelClosed } from '../protocol/generated/ChannelClosed.ts';
import type { MediaState } from '../protocol/generated/MediaState.ts';
import type { ParticipantKind } from '../protocol/generated/ParticipantKind.ts';
import type { Target } from '../protocol/generated/Target.ts';
import { HANDSHAKE_MS, PING_EVERY_MS } from '../protocol/limits.ts';
import { logFor } from '../shared/log.ts';
import { writable } from '../shared/store.ts';
import type { SetTimer } from '../shared/timer.ts';
import { channelFailure } from './channel-failure.ts';
import { Heartbeat } from './heartbeat.ts';
import { watchPage } from './page-life.ts';
import { retryDelay } from './reconnect.ts';
import type { SeatEffect } from './seat-core.ts';
import { SeatCore } from './seat-core.ts';
import type { Introduction, RoomMessage, Seat, SeatEnd, SeatMessage, SeatState } from './seat-model.ts';
import type { SeatShelf } from './stored-seat.ts';
import { dropSeat, keepSeat, takeSeat } from './stored-seat.ts';

/**
 * Carries out what {@link SeatCore} says: opens connections, tells time, tries again.
 *
 * dialing → (channel) introducing → open → (joined) … → (closed) waiting → dialing …; any → ended.
 */

export interface SeatOptions {
  backend: Pick<Backend, 'openChannel' | 'node'>;
  target: Target;
  meetingId: string;
  /** As others see it; empty for none. */
  name: string;
  kind: ParticipantKind;
  media: MediaState;
  /** The code of the meeting, if it needs one and we know it. Used until we are in. */
  code: string | null;
  /** Whether the room may be reached by another way than this connection: then "no such room" is not the end of a seat once had. */
  elsewhere?: () => boolean;
  /** Finds out what to show at the door; may talk with the host over the channel, and leaves it as it was. Null: nothing. */
  introduce: ((channel: Channel, before: boolean) => Promise<Introduction>) | null;
  /** `sessionStorage`, or null where there is none. */
  storage: SeatShelf | null;
  /** Milliseconds, rising. */
  now: () => number;
  /** 0 to 1. */
  random: () => number;
  setTimer: SetTimer;
  /** `window`: pagehide, pageshow and online come from there. */
  page: Pick<EventTarget, 'addEventListener' | 'removeEventListener'> | null;
}

/** Time for a channel to open. The node tries all addresses of a host meanwhile. */
const DIAL_MS = 15_000;
/** Time for a sign of life when somebody says that the room is elsewhere: a LAN answers in milliseconds. */
const CHECK_MS = 1_000;
/** A connection that lasted so long was a good one: the next loss is tried again quickly. */
const STABLE_MS = 5_000;
/** After a refusal for a breach of the protocol, tries are as far apart as after this many failures. */
const FAILURES_OF_A_REFUSAL = 4;

type Wire =
  | { at: 'dialing'; stopTimer: () => void }
  | { at: 'open'; channel: Channel; since: number; heartbeat: Heartbeat; stopTimer: () => void }
  | { at: 'waiting'; stopTimer: () => void }
  /** The page is in the browser's cache, or about to go. */
  | { at: 'asleep' }
  | { at: 'ended' };

const log = logFor('seat');

/** Takes a place in a room; the first join starts at once. */
export function openSeat(options: SeatOptions): Seat {
  return new SeatShell(options);
}

class SeatShell implements Seat {
  readonly state = writable<SeatState>({ status: 'joining' });
  onjoined: Seat['onjoined'] = null;
  onmessage: ((message: RoomMessage) => void) | null = null;

  readonly #options: SeatOptions;
  readonly #core: SeatCore;
  #startedAt: number;
  #wire: Wire = { at: 'asleep' };
  #failed = 0;
  #stopCheck: () => void = () => undefined;
  #effects: SeatEffect[] = [];
  #running = false;
  #stopListening: () => void;

  constructor(options: SeatOptions) {
    this.#options = options;
    const { meetingId, name, kind, media, storage, elsewhere } = options;
    this.#core = new SeatCore({ meetingId, name, kind, media, stored: takeSeat(storage, meetingId), ...(elsewhere && { elsewhere }) });
    this.#startedAt = options.now();
    this.#stopListening = this.#listen();
    this.#dial();
  }

  send(message: SeatMessage): void {
    this.#run(this.#core.send(message));
  }

  setMediaState(state: MediaState): void {
    this.#run(this.#core.setMediaState(state));
  }

  check(): void {
    const wire = this.#wire;
    if (wire.at === 'waiting') {
      wire.stopTimer();
      this.#dial();
      return;
    }
    if (wire.at !== 'open' || this.#core.phase !== 'seated') return;
    this.#stopCheck();
    const before = wire.heartbeat.count;
    this.#stopCheck = this.#options.setTimer(() => {
      if (this.#wire !== wire || wire.heartbeat.count !== before) return;
      log.warn('the room does not answer');
      this.#lost('lost');
    }, CHECK_MS);
    this.#run(this.#core.ping());
  }

  leave(): void {
    this.#run(this.#core.leave());
  }

  closing(): void {
    if (this.#wire.at === 'ended' || this.#wire.at === 'asleep') return;
    const { stored, media } = this.#core;
    const { storage, meetingId, target, name } = this.#options;
    if (stored !== null) keepSeat(storage, { meetingId, target, name, media }, stored);
    this.#run(this.#core.closing());
    this.#hangUp({ at: 'asleep' });
  }

  #listen(): () => void {
    const { page, backend, storage } = this.#options;
    const stopPage = watchPage(page, {
      onhide: () => {
        this.closing();
      },
      onback: () => {
        if (this.#wire.at !== 'asleep') return;
        dropSeat(storage);
        this.#failed = 0;
        this.#reconnecting(false);
        this.#dial();
      },
      ononline: () => {
        if (this.#wire.at !== 'waiting') return;
        this.#wire.stopTimer();
        this.#dial();
      },
    });
    const stopNode = backend.node.subscribe((node) => {
      if (node === 'connected') return;
      // Not within the constructor, where the first call comes: whoever opens the seat is to see its state change.
      queueMicrotask(() => {
        this.#run(this.#core.end('node-lost'));
      });
    });
    return () => {
      stopPage();
      stopNode();
    };
  }

  #dial(): void {
    const { backend, target, setTimer, code, introduce } = this.#options;
    const wire: Wire = {
      at: 'dialing',
      stopTimer: setTimer(() => {
        if (this.#wire === wire) this.#retry();
      }, DIAL_MS),
    };
    this.#wire = wire;
    const before = this.#joinedBefore();
    const opening = backend.openChannel(target, before ? null : code).then(async (channel) => {
      if (introduce === null || this.#wire !== wire) return { channel, introduction: {} };
      try {
        return { channel, introduction: await introduce(channel, before) };
      } catch (error) {
        channel.close();
        throw error;
      }
    });
    opening.then(
      ({ channel, introduction }) => {
        if (this.#wire !== wire) {
          channel.close();
          return;
        }
        wire.stopTimer();
        this.#opened(channel, introduction);
      },
      (error: unknown) => {
        if (this.#wire !== wire) return;
        wire.stopTimer();
        const code = error instanceof BackendError ? error.code : 'internal';
        log.debug(`no connection: ${code}`);
        const end = channelFailure(code, this.#joinedBefore());
        if (end === null) this.#retry();
        else this.#run(this.#core.end(end));
      },
    );
  }

  #opened(channel: Channel, introduction: Introduction): void {
    const wire: Wire = {
      at: 'open',
      channel,
      since: this.#options.now(),
      heartbeat: new Heartbeat(),
      stopTimer: this.#options.setTimer(() => {
        if (this.#wire === wire) this.#lost('lost');
      }, HANDSHAKE_MS),
    };
    this.#wire = wire;
    channel.onframe = (frame) => {
      if (this.#wire !== wire) return;
      wire.heartbeat.heard();
      this.#run(this.#core.receive(frame));
    };
    channel.onclose = (reason) => {
      if (this.#wire === wire) this.#lost(reason);
    };
    // A channel that was closed already has said so, and there is another wire now.
    if (this.#isCurrent(wire)) this.#run(this.#core.connected(introduction));
  }

  #isCurrent(wire: Wire): boolean {
    return this.#wire === wire;
  }

  /** Every few seconds of an open connection: acknowledges, and asks a silent room for a sign of life. */
  #tick(): void {
    const wire = this.#wire;
    if (wire.at !== 'open') return;
    const next = wire.heartbeat.tick();
    if (next === 'give-up') {
      log.warn('the room went silent');
      this.#lost('lost');
      return;
    }
    wire.stopTimer = this.#options.setTimer(() => {
      if (this.#wire === wire) this.#tick();
    }, PING_EVERY_MS);
    this.#run([...this.#core.acknowledge(), ...(next === 'ping' ? this.#core.ping() : [])]);
  }

  #lost(reason: ChannelClosed): void {
    const wire = this.#wire;
    if (wire.at !== 'open') return;
    // Only a connection that carried a seat for a while makes up for earlier failures.
    const lasted = this.#core.phase === 'seated' && this.#options.now() - wire.since >= STABLE_MS;
    if (lasted) this.#failed = 0;
    if (reason === 'refused') this.#failed = Math.max(this.#failed, FAILURES_OF_A_REFUSAL);
    this.#core.disconnected();
    this.#reconnecting(reason === 'host-left');
    this.#retry();
  }

  #retry(): void {
    this.#failed += 1;
    const { now, random, setTimer } = this.#options;
    const delay = retryDelay({
      failed: this.#failed,
      joinedBefore: this.#joinedBefore(),
      elapsedMs: now() - this.#startedAt,
      random: random(),
    });
    if (delay === null) {
      this.#run(this.#core.end('unreachable'));
      return;
    }
    const wire: Wire = {
      at: 'waiting',
      stopTimer: setTimer(() => {
        if (this.#wire === wire) this.#dial();
      }, delay),
    };
    this.#hangUp(wire);
  }

  /** Lets go of the connection, if there is one, and goes on with `next`. */
  #hangUp(next: Wire): void {
    const wire = this.#wire;
    this.#wire = next;
    if (wire.at === 'ended' || wire.at === 'asleep') return;
    wire.stopTimer();
    if (wire.at !== 'open') return;
    wire.channel.onframe = null;
    wire.channel.onclose = null;
    wire.channel.close();
    this.#core.disconnected();
  }

  #joinedBefore(): boolean {
    const { status } = this.state.get();
    return status !== 'joining' && status !== 'waiting';
  }

  #reconnecting(hostLeft: boolean): void {
    const state = this.state.get();
    if (state.status !== 'joined' && state.status !== 'reconnecting') return;
    // A goodbye stays true while nobody answers.
    const left = hostLeft || (state.status === 'reconnecting' && state.hostLeft);
    if (state.status === 'reconnecting' && state.hostLeft === left) return;
    if (state.status === 'joined') log.info('connection to the room lost, trying again');
    this.state.set({ status: 'reconnecting', clientId: state.clientId, hostLeft: left });
  }

  /** Carries effects out in order, also those that come up meanwhile. */
  #run(effects: SeatEffect[]): void {
    this.#effects.push(...effects);
    if (this.#running) return;
    this.#running = true;
    try {
      for (let effect = this.#effects.shift(); effect !== undefined; effect = this.#effects.shift()) {
        this.#carryOut(effect);
      }
    } finally {
      this.#running = false;
    }
  }

  #carryOut(effect: SeatEffect): void {
    switch (effect.do) {
      case 'send':
        if (this.#wire.at === 'open') this.#wire.channel.send(effect.frame);
        break;
      case 'joined':
        log.info(`joined (${effect.joined.outcome})`);
        this.#startTicking();
        this.state.set({ status: 'joined', clientId: effect.joined.clientId });
        this.onjoined?.(effect.joined, this.#wire.at === 'open' ? this.#wire.channel.hostFingerprint : null);
        break;
      case 'waiting':
        log.info('knocking');
        // A connection that is lost while we wait is made anew as if we had just come.
        this.#startedAt = this.#options.now();
        this.#startTicking();
        this.state.set({ status: 'waiting' });
        break;
      case 'deliver':
        this.onmessage?.(effect.message);
        break;
      case 'reconnect':
        log.warn(effect.why);
        this.#lost('lost');
        break;
      case 'end':
        this.#end(effect.reason);
        break;
      case 'note':
        log.debug(effect.text);
        break;
    }
  }

  #startTicking(): void {
    if (this.#wire.at !== 'open') return;
    this.#wire.stopTimer();
    this.#tick();
  }

  #end(reason: SeatEnd): void {
    log.info(`ended: ${reason}`);
    this.#stopListening();
    this.#stopCheck();
    dropSeat(this.#options.storage);
    this.#hangUp({ at: 'ended' });
    this.state.set({ status: 'ended', reason });
  }
}
