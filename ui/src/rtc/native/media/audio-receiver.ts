import type { IncomingFrame } from './frames.ts';
import { firstChannel } from './mono.ts';
import { PacketOrder, type Ordered, type Packet } from './packet-order.ts';
import type { PlayoutTarget, ToPlayout } from './worker-messages.ts';

/**
 * Decodes the sound of one receiver and hands it to its playout worklet, with what that needs to know of the network.
 * The decoder is made anew after an error; it needs no start.
 */

/** Until the worklet tells. */
const FIRST_TARGET_MS = 40;
/** Packets in the decoder, 640 ms: it hangs. */
const MAX_DECODING = 32;

type AudioFrameIn = Extract<IncomingFrame, { kind: 'audio' }>;

interface Decoding {
  timestamp: number;
  arrived: number;
  held: number;
}

export class AudioReceiver {
  readonly #port: MessagePort;
  readonly #order = new PacketOrder();
  /** In the order in which the decoder gives them back: one output for each packet. */
  #decoding: Decoding[] = [];
  #decoder: AudioDecoder | null = null;
  #target = FIRST_TARGET_MS;
  #timer: ReturnType<typeof setTimeout> | null = null;
  /** Microseconds for the decoder: it only has to grow. */
  #clock = 0;

  /** @param port of its player, which stays the caller's */
  constructor(receiver: number, port: MessagePort) {
    this.#port = port;
    this.#send({ receiver });
    port.onmessage = ({ data }: MessageEvent<PlayoutTarget>) => {
      this.#target = data.target;
    };
  }

  frame(frame: AudioFrameIn): void {
    const now = performance.now();
    const packet: Packet = { timestamp: frame.timestamp, payload: frame.payload, arrived: now };
    this.#take(this.#order.push(packet, frame.gap, this.#target, now));
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#forget();
    this.#port.onmessage = null;
    this.#send({ receiver: null });
  }

  #take(ordered: readonly Ordered[]): void {
    for (const each of ordered) {
      if (each.is === 'next') this.#decode(each.packet, each.held);
      else this.#send({ timestamp: each.packet.timestamp, samples: null, age: 0, held: 0 });
    }
    if (this.#timer !== null) clearTimeout(this.#timer);
    const wake = this.#order.wakeAt(this.#target);
    this.#timer =
      wake === null
        ? null
        : setTimeout(() => {
            this.#timer = null;
            this.#take(this.#order.take(this.#target, performance.now()));
          }, Math.max(1, wake - performance.now()));
  }

  #decode(packet: Packet, held: number): void {
    if (this.#decoding.length >= MAX_DECODING) this.#forget();
    this.#decoder ??= this.#create();
    this.#clock += 20_000;
    try {
      this.#decoder.decode(new EncodedAudioChunk({ type: 'key', timestamp: this.#clock, data: packet.payload }));
      this.#decoding.push({ timestamp: packet.timestamp, arrived: packet.arrived, held });
    } catch {
      this.#forget();
    }
  }

  #create(): AudioDecoder {
    const decoder: AudioDecoder = new AudioDecoder({
      output: (data) => {
        if (this.#decoder === decoder) this.#decoded(data);
        data.close();
      },
      error: () => {
        if (this.#decoder === decoder) this.#forget();
      },
    });
    decoder.configure({ codec: 'opus', sampleRate: 48_000, numberOfChannels: 1 });
    return decoder;
  }

  #decoded(data: AudioData): void {
    const packet = this.#decoding.shift();
    if (packet === undefined) return;
    const samples = firstChannel(data);
    const age = performance.now() - packet.arrived;
    this.#send({ timestamp: packet.timestamp, samples, age, held: packet.held });
  }

  #send(message: ToPlayout): void {
    this.#port.postMessage(message, 'samples' in message && message.samples !== null ? [message.samples.buffer] : []);
  }

  /** What was in the decoder is lost; the next packet gets a new one. */
  #forget(): void {
    if (this.#decoder !== null && this.#decoder.state !== 'closed') this.#decoder.close();
    this.#decoder = null;
    this.#decoding = [];
  }
}
