import { Playout } from './playout/playout.ts';
import type { DecodedPacket, PlayoutTarget } from './worker-messages.ts';

/**
 * Plays the sound of one remote track. A message with a port: packets come from there, from the media worker; null:
 * none do any more; undefined: the end. Its counters go to the page four times a second.
 */

const TELL_EVERY = 12_000;
/** Smaller changes of the delay are of no interest to the worker. */
const TARGET_STEP_MS = 5;

class PlayoutProcessor extends AudioWorkletProcessor {
  #from: MessagePort | null = null;
  #playout = new Playout();
  #toldTarget = 0;
  #untold = 0;
  #ended = false;

  constructor() {
    super();
    this.port.onmessage = ({ data }: MessageEvent<MessagePort | null | undefined>) => {
      this.#from?.close();
      this.#from = data ?? null;
      this.#ended = data === undefined;
      // Whatever comes next is another sender, or none.
      this.#playout = new Playout();
      this.#toldTarget = 0;
      if (this.#from) {
        this.#from.onmessage = ({ data: packet }: MessageEvent<DecodedPacket>) => {
          this.#playout.packet(packet.timestamp, packet.samples, packet.age, packet.held);
        };
      }
    };
  }

  override process(_inputs: Float32Array<ArrayBuffer>[][], [output]: Float32Array<ArrayBuffer>[][]): boolean {
    const out = output?.[0];
    if (out === undefined) return !this.#ended;
    this.#playout.pull(out);
    const { target } = this.#playout;
    if (Math.abs(target - this.#toldTarget) >= TARGET_STEP_MS) {
      this.#toldTarget = target;
      this.#from?.postMessage({ target } satisfies PlayoutTarget);
    }
    this.#untold += out.length;
    if (this.#untold >= TELL_EVERY && this.#from) {
      this.#untold = 0;
      this.port.postMessage(this.#playout.counters);
    }
    return !this.#ended;
  }
}

registerProcessor('landline-playout', PlayoutProcessor);
