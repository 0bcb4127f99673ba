import { Playout } from './playout/playout.ts';
import type { PlayoutTarget, ToldCounters, ToPlayout } from './worker-messages.ts';

/**
 * Plays the sound of one receiver after another. The first message of the page is the port of the media worker, which
 * says whose packets follow; the second, null, is the end. Its counters go to the page four times a second.
 */

const TELL_EVERY = 12_000;
/** Smaller changes of the delay are of no interest to the worker. */
const TARGET_STEP_MS = 5;

class PlayoutProcessor extends AudioWorkletProcessor {
  #worker: MessagePort | null = null;
  #ended = false;
  #playing: { receiver: number; playout: Playout; toldTarget: number; untold: number } | null = null;

  constructor() {
    super();
    this.port.onmessage = ({ data: worker }: MessageEvent<MessagePort | null>) => {
      if (worker === null) {
        this.#ended = true;
        this.#playing = null;
        this.#worker?.close();
        return;
      }
      this.#worker = worker;
      worker.onmessage = ({ data }: MessageEvent<ToPlayout>) => {
        this.#hear(data);
      };
    };
  }

  override process(_inputs: Float32Array<ArrayBuffer>[][], [output]: Float32Array<ArrayBuffer>[][]): boolean {
    const out = output?.[0];
    const playing = this.#playing;
    if (out === undefined || playing === null) return !this.#ended;
    const { receiver, playout } = playing;
    playout.pull(out);
    const { target } = playout;
    if (Math.abs(target - playing.toldTarget) >= TARGET_STEP_MS) {
      playing.toldTarget = target;
      this.#worker?.postMessage({ target } satisfies PlayoutTarget);
    }
    playing.untold += out.length;
    if (playing.untold >= TELL_EVERY) {
      playing.untold = 0;
      this.port.postMessage({ receiver, counters: playout.counters } satisfies ToldCounters);
    }
    return true;
  }

  #hear(message: ToPlayout): void {
    if ('receiver' in message) {
      const { receiver } = message;
      this.#playing = receiver === null ? null : { receiver, playout: new Playout(), toldTarget: 0, untold: 0 };
      return;
    }
    const { timestamp, samples, age, held } = message;
    this.#playing?.playout.packet(timestamp, samples, age, held);
  }
}

registerProcessor('landline-playout', PlayoutProcessor);
