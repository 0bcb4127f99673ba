import { logFor } from '../../shared/log.ts';
import { decodeEnvelope, encodeEnvelope, type Envelope } from './envelope.ts';
import { Assembly, cut, type Kind } from './pieces.ts';

/**
 * The use of one data channel: envelopes and frames both ways, in order. The browser opens a channel even if the other page
 * knows nothing of it, so it counts only once the other side has said `hello`.
 *
 * opening → (the channel opens, we say hello) greeting → (the other's hello) ready; any → off, for good. Off is the use, not the
 * link: media go on, and a link that is made anew has a new line.
 */

/** The same on both sides: the channel is not announced. Above the numbers that browsers give to channels of their own. */
const CHANNEL_ID = 15;
const LABEL = 'landline';

/** Bytes that wait in the browser; more waits here. Keeps the path busy, and leaves browsers' own limits (16 MiB) alone. */
const BUFFERED_BYTES = 256 * 1024;
/** When so few wait in the browser, more is given to it. */
const LOW_BYTES = 64 * 1024;
/** Bytes that wait here: what a room keeps for one connection. Whoever does not read so much reads nothing. */
export const WAITING_BYTES = 4 * 1024 * 1024;

/** What of an RTCDataChannel is used. */
export type DataChannel = Pick<
  RTCDataChannel,
  'send' | 'close' | 'bufferedAmount' | 'bufferedAmountLowThreshold' | 'binaryType' | 'onopen' | 'onmessage' | 'onclose' | 'onbufferedamountlow'
>;

/** What comes by a line. */
export type Heard =
  /** It can be used from now on. */
  | { is: 'ready' }
  | { is: 'envelope'; envelope: Envelope }
  | { is: 'frame'; frame: string }
  /** It cannot be used any more. */
  | { is: 'off' };

type State = { is: 'opening' } | { is: 'greeting' } | { is: 'ready' } | { is: 'off' };

const log = logFor('line');

/** The channel of a connection, agreed on without being announced. */
export function lineChannel(peer: RTCPeerConnection): DataChannel {
  return peer.createDataChannel(LABEL, { negotiated: true, id: CHANNEL_ID, ordered: true });
}

export class Line {
  readonly #channel: DataChannel;
  readonly #peerId: () => string;
  readonly #onheard: (heard: Heard) => void;
  readonly #assembly = new Assembly();
  #state: State = { is: 'opening' };
  #waiting: Uint8Array<ArrayBuffer>[] = [];
  #waitingBytes = 0;

  /** @param peerId for logs */
  constructor(channel: DataChannel, peerId: () => string, onheard: (heard: Heard) => void) {
    this.#channel = channel;
    this.#peerId = peerId;
    this.#onheard = onheard;
    channel.binaryType = 'arraybuffer';
    channel.bufferedAmountLowThreshold = LOW_BYTES;
    channel.onopen = () => {
      if (this.#state.is === 'opening') this.#state = { is: 'greeting' };
      this.#post('envelope', encodeEnvelope({ is: 'hello' }));
    };
    channel.onmessage = ({ data }: MessageEvent<unknown>) => {
      this.#take(data);
    };
    channel.onclose = () => {
      this.#end(null);
    };
    channel.onbufferedamountlow = () => {
      this.#flush();
    };
  }

  get ready(): boolean {
    return this.#state.is === 'ready';
  }

  /** Bytes that wait here for the other side to read. */
  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /** False if it cannot be sent: the line is not ready, or no message may be so large. */
  send(envelope: Envelope): boolean {
    return this.ready && this.#post('envelope', encodeEnvelope(envelope));
  }

  /** Carries a frame of a room as it is. */
  sendFrame(frame: string): boolean {
    return this.ready && this.#post('frame', frame);
  }

  /** Ends the use of the channel, and the channel. */
  close(): void {
    this.#end(null);
  }

  #take(data: unknown): void {
    if (this.#state.is === 'off') return;
    if (!(data instanceof ArrayBuffer)) {
      this.#end('text where bytes are expected');
      return;
    }
    const taken = this.#assembly.take(new Uint8Array(data));
    if (taken.is === 'malformed') this.#end(taken.why);
    if (taken.is !== 'whole') return;
    const { kind, text } = taken.whole;
    if (kind === 'frame') {
      if (this.ready) this.#onheard({ is: 'frame', frame: text });
      else this.#end('a frame before hello');
      return;
    }
    const envelope = decodeEnvelope(text);
    if (envelope === undefined) this.#end('no envelope');
    else if (envelope !== null) this.#open(envelope);
  }

  #open(envelope: Envelope): void {
    if (this.ready) {
      if (envelope.is !== 'hello') this.#onheard({ is: 'envelope', envelope });
      return;
    }
    if (envelope.is !== 'hello') {
      this.#end(`${envelope.is} before hello`);
      return;
    }
    this.#state = { is: 'ready' };
    this.#onheard({ is: 'ready' });
  }

  #post(kind: Kind, text: string): boolean {
    const pieces = cut(kind, text);
    if (pieces === null) return false;
    const bytes = pieces.reduce((sum, piece) => sum + piece.length, 0);
    if (this.#waitingBytes + bytes > WAITING_BYTES) {
      this.#end('the other side does not read');
      return false;
    }
    this.#waiting.push(...pieces);
    this.#waitingBytes += bytes;
    this.#flush();
    return this.#state.is !== 'off';
  }

  #flush(): void {
    while (this.#state.is !== 'off' && this.#channel.bufferedAmount < BUFFERED_BYTES) {
      const piece = this.#waiting.shift();
      if (piece === undefined) return;
      this.#waitingBytes -= piece.length;
      try {
        this.#channel.send(piece);
      } catch {
        this.#end('sending failed');
      }
    }
  }

  /** @param why of a breach; null if the channel or the link ended */
  #end(why: string | null): void {
    if (this.#state.is === 'off') return;
    const known = this.#state.is === 'ready';
    this.#state = { is: 'off' };
    this.#waiting = [];
    this.#waitingBytes = 0;
    if (why !== null) log.warn(`${this.#peerId()}: ${why}; the line is not used any more`);
    const channel = this.#channel;
    channel.onopen = null;
    channel.onmessage = null;
    channel.onclose = null;
    channel.onbufferedamountlow = null;
    channel.close();
    if (known) this.#onheard({ is: 'off' });
  }
}
