import { keyRequest, type IncomingFrame } from './frames.ts';
import { Freezes } from './freezes.ts';
import { keyFrameSize, type FrameSize } from './key-frame-size.ts';
import { MediaClock } from './media-clock.ts';
import { keyRequestPause } from './pacing.ts';
import type { ReceivedVideo } from './worker-messages.ts';

/**
 * Decodes the video of one receiver: waiting (for a key frame, which it asks for) ↔ decoding. A gap, an error or a
 * decoder that lags leads back to waiting: rather no picture for a moment than a broken or a late one. A decoder is
 * kept while waiting, as a new one costs more than a frame, unless it failed, does not come to an end, or the size
 * changes: WebKitGTK 2.50 then hands out frames that say the size of before.
 */

/** Frames in the decoder, 400 ms at 30 a second: it will not catch up. */
const MAX_PENDING = 12;
/** Requests without any frame in between: nobody sends. */
const MAX_UNHEARD = 4;

type VideoFrameIn = Extract<IncomingFrame, { kind: 'video' }>;

/** `pending`: timestamps of what is in it. */
interface Work {
  decoder: VideoDecoder;
  size: FrameSize;
  pending: number[];
}

type State =
  | { is: 'waiting'; work: Work | null; asked: number; unheard: number; timer: ReturnType<typeof setTimeout> | null }
  | { is: 'decoding'; work: Work };

export class VideoReceiver {
  readonly #receiver: number;
  readonly #send: (frame: Uint8Array<ArrayBuffer>) => void;
  /** Takes the frame over. */
  readonly #show: (frame: VideoFrame) => void;
  readonly #freezes = new Freezes();
  readonly #stats = {
    framesReceived: 0,
    framesDecoded: 0,
    framesDropped: 0,
    keyFramesDecoded: 0,
    frameWidth: 0,
    frameHeight: 0,
  };
  #state: State = { is: 'waiting', work: null, asked: 0, unheard: 0, timer: null };
  #rtp: number | null = null;
  /** Ticks of 90 kHz since the first frame: the RTP timestamp, unwrapped. */
  #ticks = 0;
  readonly #clock = new MediaClock();

  constructor(receiver: number, send: (frame: Uint8Array<ArrayBuffer>) => void, show: (frame: VideoFrame) => void) {
    this.#receiver = receiver;
    this.#send = send;
    this.#show = show;
  }

  get stats(): ReceivedVideo {
    return {
      kind: 'video',
      ...this.#stats,
      freezeCount: this.#freezes.count,
      totalFreezesDuration: this.#freezes.duration,
    };
  }

  frame(frame: VideoFrameIn): void {
    this.#stats.framesReceived += 1;
    const timestamp = this.#unwrap(frame.timestamp);
    if (this.#state.is === 'decoding') {
      const { work } = this.#state;
      if ((frame.gap && !frame.key) || work.pending.length >= MAX_PENDING) this.#wait(work);
    }
    if (this.#state.is === 'waiting') {
      const { work } = this.#state;
      this.#state.unheard = 0;
      if (!frame.key) {
        this.#stats.framesDropped += 1;
        // A key frame is of no use to a decoder that has not even done what it has.
        if (work === null || work.pending.length < MAX_PENDING / 2) this.#ask();
        return;
      }
      this.#leave(work, keyFrameSize(frame.payload));
    } else if (frame.key) {
      const { work } = this.#state;
      const size = keyFrameSize(frame.payload);
      if (!same(work.size, size)) this.#leave(work, size);
    }
    this.#decode(frame, timestamp);
  }

  close(): void {
    const { work } = this.#state;
    if (this.#state.is === 'waiting' && this.#state.timer !== null) clearTimeout(this.#state.timer);
    if (work !== null) end(work);
    this.#state = { is: 'waiting', work: null, asked: 0, unheard: MAX_UNHEARD, timer: null };
  }

  #decode(frame: VideoFrameIn, timestamp: number): void {
    if (this.#state.is !== 'decoding') return;
    const { decoder, pending } = this.#state.work;
    try {
      decoder.decode(
        new EncodedVideoChunk({ type: frame.key ? 'key' : 'delta', timestamp, data: frame.payload }),
      );
      pending.push(timestamp);
      if (frame.key) this.#stats.keyFramesDecoded += 1;
    } catch {
      this.#fail();
    }
  }

  /** To decoding, with the decoder that is there if it is any good. */
  #leave(kept: Work | null, size: FrameSize): void {
    if (this.#state.is === 'waiting' && this.#state.timer !== null) clearTimeout(this.#state.timer);
    if (kept !== null && kept.pending.length < MAX_PENDING && same(kept.size, size)) {
      this.#state = { is: 'decoding', work: kept };
      return;
    }
    if (kept !== null) end(kept);
    const decoder: VideoDecoder = new VideoDecoder({
      output: (frame) => {
        if (this.#state.work?.decoder === decoder) this.#decoded(this.#state.work, frame);
        else frame.close();
      },
      error: () => {
        if (this.#state.work?.decoder === decoder) this.#fail();
      },
    });
    decoder.configure({ codec: 'vp8', codedWidth: size.width, codedHeight: size.height, optimizeForLatency: true });
    this.#state = { is: 'decoding', work: { decoder, pending: [], size } };
  }

  #decoded({ pending }: Work, frame: VideoFrame): void {
    // Damaged frames come out as nothing, without an error: what is older than this one will not come any more.
    while (pending[0] !== undefined && pending[0] <= frame.timestamp) pending.shift();
    this.#stats.framesDecoded += 1;
    this.#stats.frameWidth = frame.displayWidth;
    this.#stats.frameHeight = frame.displayHeight;
    this.#freezes.frame(performance.now());
    this.#show(frame);
  }

  /** Back to waiting for a key frame. */
  #wait(work: Work | null): void {
    this.#state = { is: 'waiting', work, asked: 0, unheard: 0, timer: null };
  }

  #fail(): void {
    const { work } = this.#state;
    if (this.#state.is === 'waiting' && this.#state.timer !== null) clearTimeout(this.#state.timer);
    if (work !== null) {
      this.#stats.framesDropped += work.pending.length;
      end(work);
    }
    this.#wait(null);
    this.#ask();
  }

  #ask(): void {
    const state = this.#state;
    if (state.is !== 'waiting' || state.timer !== null) return;
    this.#send(keyRequest(this.#receiver));
    const pause = keyRequestPause(state.asked);
    state.asked += 1;
    state.unheard += 1;
    state.timer = setTimeout(() => {
      state.timer = null;
      if (state.unheard < MAX_UNHEARD) this.#ask();
    }, pause);
  }

  /** Microseconds on the worker's clock, so that a track goes on in time whatever receiver it shows next. */
  #unwrap(rtp: number): number {
    if (this.#rtp !== null) this.#ticks += (rtp - this.#rtp) | 0;
    this.#rtp = rtp;
    return this.#clock.place(Math.round((this.#ticks * 100) / 9), Math.round(performance.now() * 1_000));
  }
}

function same(one: FrameSize, other: FrameSize): boolean {
  return one.width === other.width && one.height === other.height;
}

function end({ decoder }: Work): void {
  if (decoder.state !== 'closed') decoder.close();
}
