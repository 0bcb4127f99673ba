import type { Direction } from '../../protocol/generated/Direction.ts';
import { checkPreferences } from './capabilities.ts';
import { NativeReceiver } from './receiver.ts';
import { NativeSender } from './sender.ts';
import type { TransceiverCore } from './transceiver-core.ts';

const DIRECTIONS: readonly Direction[] = ['sendrecv', 'sendonly', 'recvonly', 'inactive'];

/** RTCRtpTransceiver (W3C webrtc §5.4). */
export class NativeTransceiver {
  readonly sender: NativeSender;
  readonly receiver: NativeReceiver;
  readonly #core: TransceiverCore;

  constructor(core: TransceiverCore) {
    this.#core = core;
    this.sender = new NativeSender(core);
    this.receiver = new NativeReceiver(core);
  }

  get mid(): string | null {
    return this.#core.mid;
  }

  get direction(): RTCRtpTransceiverDirection {
    return this.#core.life === 'live' ? this.#core.direction : 'stopped';
  }

  set direction(direction: RTCRtpTransceiverDirection) {
    const known = DIRECTIONS.find((each) => each === direction);
    if (direction !== 'stopped' && known === undefined) return;
    this.#check();
    if (known === undefined) throw new TypeError('stop() stops a transceiver');
    this.#core.setDirection(known);
  }

  get currentDirection(): RTCRtpTransceiverDirection | null {
    return this.#core.life === 'stopped' ? 'stopped' : this.#core.currentDirection;
  }

  stop(): void {
    const core = this.#core;
    if (core.host.closed) throw new DOMException('the connection is closed', 'InvalidStateError');
    if (core.life !== 'live') return;
    core.stop('stopping');
    core.host.change({ do: 'stop-transceiver', connection: core.host.connection, transceiver: core.id });
  }

  /** There is one codec of each kind, so an order of preference changes nothing. */
  setCodecPreferences(codecs: readonly RTCRtpCodec[]): void {
    checkPreferences(this.#core.kind, codecs);
  }

  #check(): void {
    if (this.#core.host.closed) throw new DOMException('the connection is closed', 'InvalidStateError');
    if (this.#core.life !== 'live') throw new DOMException('the transceiver is stopped', 'InvalidStateError');
  }
}
