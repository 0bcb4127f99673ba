import type { EncodeTarget } from '../../../protocol/generated/EncodeTarget.ts';
import type { SentStats } from '../media-engine.ts';
import { FRAME_HEADER, videoFrame } from './frames.ts';
import type { Content } from './layers.ts';
import type { MediaSocket } from './media-socket.ts';
import { EncodeTime, FrameGate, nextSetup, type Setup } from './pacing.ts';
import { readPicture } from './pictures/read-picture.ts';
import { shrink } from './pictures/shrink.ts';

/**
 * Encodes one layer of one track as VP8, while the engine wants it: idle ↔ running (one VideoEncoder for each setup).
 * Frames that cannot be carried are dropped before they are encoded, so that no frame refers to one that was never
 * sent; if one is lost behind the encoder all the same, the next is a key frame.
 */

/** A frame in work and one behind it; more is delay. */
const MAX_QUEUE = 2;
/** After an encoder failed. */
const RETRY_MS = 1_000;

type State =
  | { is: 'idle' }
  | { is: 'running'; encoder: VideoEncoder; setup: Setup; since: number }
  | { is: 'failed'; at: number };

export class LayerEncoder {
  readonly stats: SentStats = {
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
  readonly #track: number;
  readonly #layer: number;
  readonly #content: Content;
  readonly #socket: () => MediaSocket | null;
  readonly #gate = new FrameGate();
  #state: State = { is: 'idle' };
  #target: EncodeTarget | null = null;
  #keyNeeded = true;
  /** A frame is being made smaller; others that come meanwhile are dropped. */
  #shrinking = false;
  #spare: Uint8Array<ArrayBuffer> | null = null;
  /** Of the encoder of the time. */
  #work = new EncodeTime();

  constructor(track: number, layer: number, content: Content, socket: () => MediaSocket | null) {
    this.#track = track;
    this.#layer = layer;
    this.#content = content;
    this.#socket = socket;
  }

  set target(target: EncodeTarget | null) {
    this.#target = target;
    if (target === null) this.close();
  }

  get target(): EncodeTarget | null {
    return this.#target;
  }

  needKey(): void {
    this.#keyNeeded = true;
  }

  /**
   * Takes a look at a frame, which stays the caller's. `size`: what this layer is to be; `time`: of the frame on the
   * clock of all tracks, microseconds.
   */
  frame(frame: VideoFrame, size: { width: number; height: number }, time: number): void {
    const target = this.#target;
    if (target === null || !this.#gate.pass(time, target.framerate)) return;
    const state = this.#state;
    if (state.is === 'failed' && performance.now() - state.at < RETRY_MS) return;
    const busy = this.#shrinking || (state.is === 'running' && state.encoder.encodeQueueSize >= MAX_QUEUE);
    if (busy || this.#socket()?.flows !== true) {
      this.stats.framesDropped += 1;
      return;
    }
    if (frame.displayWidth === size.width && frame.displayHeight === size.height) this.#encode(new VideoFrame(frame, { timestamp: time }), size);
    else void this.#shrink(frame.clone(), size, time);
  }

  close(): void {
    if (this.#state.is === 'running' && this.#state.encoder.state !== 'closed') this.#state.encoder.close();
    this.#state = { is: 'idle' };
    this.#work = new EncodeTime();
    this.#keyNeeded = true;
  }

  /** Takes the frame over. */
  #encode(frame: VideoFrame, size: { width: number; height: number }): void {
    const target = this.#target;
    try {
      if (target === null) return;
      const encoder = this.#prepared(size, target);
      this.#work.begin(frame.timestamp, performance.now());
      encoder.encode(frame, { keyFrame: this.#keyNeeded });
      this.#keyNeeded = false;
    } catch {
      this.#fail();
    } finally {
      frame.close();
    }
  }

  /** The encoder would do it too, but by the conversion that several threads must not use at once (pictures/pixels.ts). */
  async #shrink(frame: VideoFrame, size: { width: number; height: number }, time: number): Promise<void> {
    this.#shrinking = true;
    try {
      const picture = await readPicture(frame, (size) => this.#memory(size));
      if (picture === null) {
        this.#encode(new VideoFrame(frame, { timestamp: time }), size);
        return;
      }
      const { bytes, format } = shrink(picture, size.width, size.height);
      this.#encode(new VideoFrame(bytes, { format, codedWidth: size.width, codedHeight: size.height, timestamp: time }), size);
    } catch {
      // Closed with its source; the next one will do.
      this.stats.framesDropped += 1;
    } finally {
      frame.close();
      this.#shrinking = false;
    }
  }

  #memory(size: number): Uint8Array<ArrayBuffer> {
    if (this.#spare?.length !== size) this.#spare = new Uint8Array(size);
    return this.#spare;
  }

  #prepared(size: { width: number; height: number }, target: EncodeTarget): VideoEncoder {
    const now = performance.now();
    const running = this.#state.is === 'running' ? this.#state : null;
    const setup = nextSetup(running?.setup ?? null, size, target, running === null ? 0 : now - running.since);
    if (setup === null && running !== null) return running.encoder;
    const chosen = setup ?? { ...target, ...size };
    const encoder = running?.encoder ?? this.#create();
    encoder.configure({
      codec: 'vp8',
      ...chosen,
      latencyMode: 'realtime',
      // 'variable' lets a still picture be cheap; the engine paces what comes in bursts.
      bitrateMode: 'variable',
      contentHint: this.#content,
    });
    this.#state = { is: 'running', encoder, setup: chosen, since: now };
    this.#keyNeeded = true;
    return encoder;
  }

  #create(): VideoEncoder {
    const encoder: VideoEncoder = new VideoEncoder({
      output: (chunk) => {
        // What a closed encoder still had in work belongs to a chain that nobody has.
        if (this.#state.is === 'running' && this.#state.encoder === encoder) this.#send(chunk);
      },
      error: () => {
        if (this.#state.is === 'running' && this.#state.encoder === encoder) this.#fail();
      },
    });
    return encoder;
  }

  #send(chunk: EncodedVideoChunk): void {
    if (this.#state.is !== 'running') return;
    this.stats.totalEncodeTime += this.#work.end(chunk.timestamp, performance.now()) / 1_000;
    const { width, height } = this.#state.setup;
    const key = chunk.type === 'key';
    const timestamp = Math.round((chunk.timestamp * 9) / 100) >>> 0;
    const bytes = videoFrame({ track: this.#track, layer: this.#layer, key, timestamp, width, height }, chunk.byteLength);
    chunk.copyTo(bytes.subarray(FRAME_HEADER));
    if (this.#socket()?.send(bytes) !== true) {
      this.stats.framesDropped += 1;
      this.#keyNeeded = true;
      return;
    }
    this.stats.framesEncoded += 1;
    if (key) this.stats.keyFramesEncoded += 1;
    this.stats.frameWidth = width;
    this.stats.frameHeight = height;
  }

  #fail(): void {
    this.close();
    this.#state = { is: 'failed', at: performance.now() };
  }
}
