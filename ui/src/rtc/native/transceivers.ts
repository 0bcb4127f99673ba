import type { Direction } from '../../protocol/generated/Direction.ts';
import type { Encoding } from '../../protocol/generated/Encoding.ts';
import type { TrackKind } from '../../protocol/generated/TrackKind.ts';
import type { TransceiverState } from '../../protocol/generated/TransceiverState.ts';
import { UNLIMITED } from './encoding.ts';
import { NativeTrackEvent } from './events.ts';
import type { Host } from './host.ts';
import { RemoteStreams } from './remote-streams.ts';
import type { NativeSender } from './sender.ts';
import type { StatsTransceiver } from './stats-report.ts';
import { TransceiverCore } from './transceiver-core.ts';
import { NativeTransceiver } from './transceiver.ts';

/**
 * The transceivers of one connection: those made here, at once, and those that the engine tells of. Their order is the
 * engine's; what it has not heard of yet comes last.
 */

export interface Wanted {
  kind: TrackKind;
  track: MediaStreamTrack | null;
  direction: Direction;
  streams: readonly MediaStream[];
  encoding: Encoding;
}

interface Entry {
  core: TransceiverCore;
  face: NativeTransceiver;
}

export class Transceivers {
  readonly #host: Host;
  readonly #streams = new RemoteStreams();
  #entries: Entry[] = [];

  constructor(host: Host) {
    this.#host = host;
  }

  get faces(): NativeTransceiver[] {
    return this.#entries.map(({ face }) => face);
  }

  /** Those that are not stopped. */
  get live(): NativeTransceiver[] {
    return this.#entries.filter(({ core }) => core.life !== 'stopped').map(({ face }) => face);
  }

  /** Makes one here. */
  add({ kind, track, direction, streams, encoding }: Wanted): NativeTransceiver {
    const { session, connection } = this.#host;
    const id = session.newId();
    const entry = this.#make(id, kind, direction, encoding);
    this.#host.change({ do: 'add-transceiver', connection, transceiver: id, kind, direction, streams: idsOf(streams) }, () => {
      // The engine takes no more of them.
      entry.core.stop('stopped');
      this.#entries = this.#entries.filter((each) => each !== entry);
    });
    entry.core.begin();
    entry.core.setTrack(track);
    return entry.face;
  }

  /** W3C webrtc §5.1, addTrack. @throws InvalidAccessError if it is being sent already */
  addTrack(track: MediaStreamTrack, streams: readonly MediaStream[]): NativeSender {
    if (this.#entries.some(({ core }) => core.track === track && core.life === 'live')) {
      throw new DOMException('the track is being sent already', 'InvalidAccessError');
    }
    const kind = kindOf(track);
    const free = this.#entries.find(
      ({ core }) => core.kind === kind && core.track === null && core.life === 'live' && !core.everSent,
    );
    if (free === undefined) {
      return this.add({ kind, track, direction: 'sendrecv', streams, encoding: UNLIMITED }).sender;
    }
    free.core.setTrack(track);
    free.core.setStreams(idsOf(streams));
    if (free.core.direction === 'recvonly') free.core.setDirection('sendrecv');
    else if (free.core.direction === 'inactive') free.core.setDirection('sendonly');
    return free.face.sender;
  }

  /** @throws InvalidAccessError if the sender is another connection's */
  removeTrack(sender: NativeSender): void {
    const entry = this.#entries.find(({ face }) => face.sender === sender);
    if (entry === undefined) throw new DOMException('a sender of another connection', 'InvalidAccessError');
    const { core } = entry;
    if (core.life !== 'live' || core.track === null) return;
    core.setTrack(null);
    if (core.direction === 'sendrecv') core.setDirection('recvonly');
    else if (core.direction === 'sendonly') core.setDirection('inactive');
  }

  /** Takes what the engine says. The events that are due have to be told once everything else is known. */
  learn(states: readonly TransceiverState[]): NativeTrackEvent[] {
    const told: Entry[] = [];
    const due: NativeTrackEvent[] = [];
    for (const state of states) {
      const entry = this.#find(state);
      if (entry === null) continue;
      told.push(entry);
      const event = this.#learnOne(entry, state);
      if (event !== null) due.push(event);
    }
    const unheard: Entry[] = [];
    for (const entry of this.#entries) {
      if (told.includes(entry)) continue;
      if (entry.core.known) this.#stop(entry);
      else unheard.push(entry);
    }
    this.#entries = [...told, ...unheard];
    return due;
  }

  /** The connection ends, or the engine is lost. */
  end(how: 'closed' | 'lost'): void {
    for (const { core } of this.#entries) {
      if (how === 'closed') core.stop('stopped');
      else core.bind(false);
    }
  }

  forStats(): StatsTransceiver[] {
    return this.#entries.map(({ core }) => ({
      mid: core.mid,
      kind: core.kind,
      receiver: core.receiver,
      receiverTrack: core.remote.track.id,
      track: core.trackId,
      senderTrack: core.track?.id ?? null,
    }));
  }

  /** Whose statistics `getStats(track)` means. @throws InvalidAccessError if it is none's or several ones' */
  owner(track: MediaStreamTrack): { is: 'sender' | 'receiver'; mid: string | null } {
    const owners = this.#entries.flatMap(({ core }) => [
      ...(core.track === track ? [{ is: 'sender' as const, mid: core.mid }] : []),
      ...(core.remote.track === track ? [{ is: 'receiver' as const, mid: core.mid }] : []),
    ]);
    const [first, ...others] = owners;
    if (first === undefined || others.length > 0) {
      throw new DOMException('a track of no sender or receiver, or of several', 'InvalidAccessError');
    }
    return first;
  }

  #find(state: TransceiverState): Entry | null {
    const entry = this.#entries.find(({ core }) => core.id === state.transceiver);
    if (entry !== undefined) return entry;
    // Already over when first heard of.
    if (state.stopped) return null;
    return this.#make(state.transceiver, state.kind, state.direction, UNLIMITED);
  }

  #make(id: number, kind: TrackKind, direction: Direction, encoding: Encoding): Entry {
    const core = new TransceiverCore({ host: this.#host, id, kind, direction, encoding });
    const entry = { core, face: new NativeTransceiver(core) };
    this.#entries.push(entry);
    return entry;
  }

  #learnOne({ core, face }: Entry, state: TransceiverState): NativeTrackEvent | null {
    const was = core.receiving;
    core.learn(state);
    const receiving = state.receiving && core.life === 'live';
    if (receiving !== was) core.bind(receiving);
    const { track } = core.remote;
    const { streams, added } = this.#streams.assign(track, receiving ? state.remoteStreams : []);
    if (!receiving || (was && !added)) return null;
    return new NativeTrackEvent('track', { receiver: face.receiver, track, streams, transceiver: face });
  }

  #stop({ core }: Entry): void {
    this.#streams.assign(core.remote.track, []);
    core.stop('stopped');
  }
}

function idsOf(streams: readonly MediaStream[]): string[] {
  return [...new Set(streams.map(({ id }) => id))];
}

/** @throws TypeError for what is neither sound nor picture */
export function kindOf({ kind }: { kind: string }): TrackKind {
  if (kind !== 'audio' && kind !== 'video') throw new TypeError('neither audio nor video');
  return kind;
}
