import type { CapturedBlock } from './worker-messages.ts';

/**
 * Cuts the sound of one local track into blocks of 20 ms, mono, straight to the media worker. The worker's port comes
 * as the first message; any second message ends it.
 */

const BLOCK = 960;

class Capture extends AudioWorkletProcessor {
  #to: MessagePort | null = null;
  #ended = false;
  #block = new Float32Array(BLOCK);
  #filled = 0;

  constructor() {
    super();
    this.port.onmessage = ({ data }: MessageEvent<unknown>) => {
      if (data instanceof MessagePort) this.#to = data;
      else {
        this.#ended = true;
        this.#to?.close();
        this.#to = null;
      }
    };
  }

  override process([input]: Float32Array<ArrayBuffer>[][], [output]: Float32Array<ArrayBuffer>[][]): boolean {
    // No channels: the track is muted or the device is not ready; for who listens that is silence.
    const length = output?.[0]?.length ?? 128;
    for (let index = 0; index < length; index += 1) {
      let sum = 0;
      for (const channel of input ?? []) sum += channel[index] ?? 0;
      this.#block[this.#filled] = input === undefined || input.length === 0 ? 0 : sum / input.length;
      this.#filled += 1;
      if (this.#filled === BLOCK) this.#send(currentFrame + index + 1 - BLOCK);
    }
    return !this.#ended;
  }

  #send(at: number): void {
    const block: CapturedBlock = { at, samples: this.#block };
    this.#to?.postMessage(block, [block.samples.buffer]);
    this.#block = new Float32Array(BLOCK);
    this.#filled = 0;
  }
}

registerProcessor('landline-capture', Capture);
