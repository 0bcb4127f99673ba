import type { SentStats } from '../media-engine.ts';
import { audioFrame, FRAME_HEADER } from './frames.ts';
import type { MediaSocket } from './media-socket.ts';
import type { CapturedBlock } from './worker-messages.ts';

/**
 * Blocks of one local audio track, to the engine as Opus packets of 20 ms. A muted microphone goes on as silence, as
 * with every browser: the other side then knows that nothing is missing.
 */

const RATE = 48_000;
/** Voice: fullband, with room for the repair of lost packets inside the packets that follow. */
const SPEECH_BITRATE = 40_000;
const OTHER_BITRATE = 64_000;
/** What the repair is meant for; the receiver's reports do not reach the page. */
const LOSS_PERCENT = 10;
/** Blocks in the encoder, 200 ms: the worker hangs, and sound that is older helps nobody. */
const MAX_QUEUE = 10;
const RETRY_MS = 1_000;

type State = { is: 'encoding'; encoder: AudioEncoder } | { is: 'failed'; at: number } | { is: 'closed' };

export class AudioSender {
  readonly #track: number;
  readonly #port: MessagePort;
  readonly #speech: boolean;
  readonly #socket: () => MediaSocket | null;
  readonly #stats: SentStats = {
    framesEncoded: 0,
    keyFramesEncoded: 0,
    framesDropped: 0,
    totalEncodeTime: 0,
    frameWidth: 0,
    frameHeight: 0,
    sourceFrames: 0,
    sourceWidth: 0,
    sourceHeight: 0,
    totalAudioEnergy: 0,
    totalSamplesDuration: 0,
  };
  #state: State;

  constructor(track: number, port: MessagePort, speech: boolean, socket: () => MediaSocket | null) {
    this.#track = track;
    this.#port = port;
    this.#speech = speech;
    this.#socket = socket;
    this.#state = this.#create();
    port.onmessage = ({ data }: MessageEvent<CapturedBlock>) => {
      this.#take(data);
    };
  }

  get stats(): SentStats[] {
    return [{ ...this.#stats }];
  }

  close(): void {
    this.#port.close();
    if (this.#state.is === 'encoding' && this.#state.encoder.state !== 'closed') this.#state.encoder.close();
    this.#state = { is: 'closed' };
  }

  #take({ at, samples }: CapturedBlock): void {
    let energy = 0;
    for (const sample of samples) energy += sample * sample;
    this.#stats.totalAudioEnergy += energy / RATE;
    this.#stats.totalSamplesDuration += samples.length / RATE;
    if (this.#state.is === 'failed' && performance.now() - this.#state.at >= RETRY_MS) this.#state = this.#create();
    if (this.#state.is !== 'encoding') return;
    const { encoder } = this.#state;
    if (encoder.encodeQueueSize >= MAX_QUEUE) {
      this.#stats.framesDropped += 1;
      return;
    }
    const block = new AudioData({
      format: 'f32-planar',
      sampleRate: RATE,
      numberOfFrames: samples.length,
      numberOfChannels: 1,
      timestamp: Math.round((at * 1_000_000) / RATE),
      data: samples,
    });
    try {
      encoder.encode(block);
    } catch {
      this.#state = { is: 'failed', at: performance.now() };
    } finally {
      block.close();
    }
  }

  #create(): State {
    const encoder: AudioEncoder = new AudioEncoder({
      output: (chunk) => {
        const timestamp = Math.round((chunk.timestamp * RATE) / 1_000_000);
        const bytes = audioFrame(this.#track, timestamp >>> 0, chunk.byteLength);
        chunk.copyTo(bytes.subarray(FRAME_HEADER));
        if (this.#socket()?.send(bytes) === true) this.#stats.framesEncoded += 1;
        else this.#stats.framesDropped += 1;
      },
      error: () => {
        if (this.#state.is === 'encoding' && this.#state.encoder === encoder) {
          this.#state = { is: 'failed', at: performance.now() };
        }
      },
    });
    encoder.configure({
      codec: 'opus',
      sampleRate: RATE,
      numberOfChannels: 1,
      bitrate: this.#speech ? SPEECH_BITRATE : OTHER_BITRATE,
      opus: { frameDuration: 20_000, useinbandfec: this.#speech, packetlossperc: this.#speech ? LOSS_PERCENT : 0 },
    });
    return { is: 'encoding', encoder };
  }
}
