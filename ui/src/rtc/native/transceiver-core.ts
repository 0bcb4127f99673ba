import type { Direction } from '../../protocol/generated/Direction.ts';
import type { Encoding } from '../../protocol/generated/Encoding.ts';
import type { TrackKind } from '../../protocol/generated/TrackKind.ts';
import type { TransceiverState } from '../../protocol/generated/TransceiverState.ts';
import { sameEncoding, UNLIMITED } from './encoding.ts';
import type { Host } from './host.ts';
import type { RemoteTrack } from './media-engine.ts';

export interface CoreInit {
  host: Host;
  id: number;
  kind: TrackKind;
  direction: Direction;
  encoding: Encoding;
}

/**
 * What the transceiver, the sender and the receiver that a page sees are faces of.
 *
 * live → (stop() here) stopping → (negotiated) stopped; live → (stopped by the other side, rolled back, or the connection
 * ended) stopped. `direction` is ours alone and never taken from the engine, whose news may be older than the last setting.
 */
export class TransceiverCore {
  readonly host: Host;
  readonly id: number;
  readonly kind: TrackKind;
  readonly remote: RemoteTrack;
  /** What its sender may send at most. The engine makes less of it by itself where a link needs that. */
  encoding: Encoding;
  life: 'live' | 'stopping' | 'stopped' = 'live';
  /** The engine has told of it. Only then does its absence mean anything. */
  known = false;
  mid: string | null = null;
  direction: Direction;
  currentDirection: Direction | null = null;
  /** It has been negotiated to send: its sender is not taken for another track (W3C webrtc §5.1, addTrack). */
  everSent = false;
  /** The other side sends, and `ontrack` was told. */
  receiving = false;
  /** The engine's name of the receiver in frames and statistics. */
  receiver: number | null = null;
  remoteStreams: readonly string[] = [];
  /** What the page gave the sender. */
  track: MediaStreamTrack | null = null;
  /** By which the media side and the engine know it; null while nothing is sent. */
  trackId: number | null = null;

  constructor({ host, id, kind, direction, encoding }: CoreInit) {
    this.host = host;
    this.id = id;
    this.kind = kind;
    this.direction = direction;
    this.encoding = encoding;
    this.remote = host.session.media.createRemoteTrack(kind);
  }

  get sends(): boolean {
    return this.direction === 'sendrecv' || this.direction === 'sendonly';
  }

  setDirection(direction: Direction): void {
    if (direction === this.direction) return;
    this.direction = direction;
    this.host.change({ do: 'set-direction', connection: this.host.connection, transceiver: this.id, direction });
  }

  setStreams(streams: string[]): void {
    this.host.change({ do: 'set-streams', connection: this.host.connection, transceiver: this.id, streams });
  }

  setTrack(track: MediaStreamTrack | null): void {
    if (track === this.track) return;
    const before = this.trackId;
    this.track = track;
    const { session } = this.host;
    this.trackId = track === null || this.life !== 'live' || session.over ? null : session.useTrack(track);
    this.#tellTrack();
    if (before !== null) session.releaseTrack(before);
  }

  setEncoding(encoding: Encoding): void {
    if (sameEncoding(encoding, this.encoding)) return;
    this.encoding = encoding;
    if (!this.host.closed) this.#tellEncoding();
  }

  /** Tells the engine what it does not know from its making. */
  begin(): void {
    if (!sameEncoding(this.encoding, UNLIMITED)) this.#tellEncoding();
  }

  /** Takes what the engine says. Tracks and streams are the connection's business, as events hang on them. */
  learn(state: TransceiverState): void {
    this.known = true;
    this.mid = state.mid;
    this.currentDirection = state.currentDirection;
    this.everSent ||= state.currentDirection === 'sendrecv' || state.currentDirection === 'sendonly';
    this.receiver = state.receiver;
    if (state.stopped && this.life === 'live') this.stop('stopping');
  }

  /** Frames of the receiver go into its track, or nothing does. */
  bind(receiving: boolean): void {
    this.receiving = receiving;
    if (this.life === 'live') this.remote.bind(receiving ? this.receiver : null);
  }

  /** Nothing is sent or received from here on (W3C webrtc §5.4, "stop sending and receiving"). */
  stop(life: 'stopping' | 'stopped'): void {
    if (this.life === 'live') {
      this.remote.bind(null);
      this.remote.close();
      if (this.trackId !== null) this.host.session.releaseTrack(this.trackId);
      this.trackId = null;
    }
    this.life = life;
    this.receiving = false;
    if (life === 'stopped') this.mid = null;
  }

  #tellTrack(): void {
    if (this.life !== 'live') return;
    const { session, connection } = this.host;
    const track = this.trackId;
    session.tell({
      do: 'set-track',
      connection,
      transceiver: this.id,
      ...(track === null ? {} : { track }),
    });
  }

  #tellEncoding(): void {
    const { session, connection } = this.host;
    session.tell({ do: 'set-encoding', connection, transceiver: this.id, encoding: this.encoding });
  }
}
