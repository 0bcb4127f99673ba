import type { EncodeTarget } from '../../../protocol/generated/EncodeTarget.ts';
import type { Layer } from '../../../protocol/generated/Layer.ts';
import type { SentStats } from '../media-engine.ts';
import { LayerEncoder } from './layer-encoder.ts';
import { layersOf, MAX_LAYERS, sizeAt, type Content } from './layers.ts';
import { MediaClock } from './media-clock.ts';
import type { MediaSocket } from './media-socket.ts';

/**
 * Frames of one local video track, to the encoders of its layers. Follows the size of its source. A disabled track
 * sends black (W3C mediacapture-streams, `enabled`), rarely, as black does not change.
 */

/** Often enough for somebody who comes later to see black soon and not nothing. */
const BLACK_EVERY_US = 1_000_000;

export class VideoSender {
  readonly #media: MediaStreamTrack;
  readonly #reader: ReadableStreamDefaultReader<VideoFrame>;
  readonly #encoders: readonly LayerEncoder[];
  readonly #content: Content;
  readonly #onlayers: (layers: Layer[]) => void;
  readonly #clock = new MediaClock();
  #layers: Layer[] = [];
  #frames = 0;
  #enabled: boolean;
  #lastBlack = -Infinity;

  constructor(
    track: number,
    media: MediaStreamTrack,
    options: { content: Content; enabled: boolean },
    socket: () => MediaSocket | null,
    onlayers: (layers: Layer[]) => void,
  ) {
    this.#media = media;
    this.#content = options.content;
    this.#enabled = options.enabled;
    this.#onlayers = onlayers;
    this.#encoders = Array.from(
      { length: MAX_LAYERS },
      (_, layer) => new LayerEncoder(track, layer, options.content, socket),
    );
    this.#reader = new MediaStreamTrackProcessor({ track: media }).readable.getReader();
    void this.#read();
  }

  set enabled(enabled: boolean) {
    if (this.#enabled === enabled) return;
    this.#enabled = enabled;
    this.#lastBlack = -Infinity;
    for (const encoder of this.#encoders) encoder.needKey();
  }

  get stats(): SentStats[] {
    const { width = 0, height = 0 } = this.#layers[0] ?? {};
    const source = { sourceFrames: this.#frames, sourceWidth: width, sourceHeight: height };
    return this.#encoders.slice(0, Math.max(1, this.#layers.length)).map(({ stats }) => ({ ...stats, ...source }));
  }

  encode(layer: number, target: EncodeTarget | null): void {
    const encoder = this.#encoders[layer];
    if (encoder) encoder.target = target;
  }

  keyFrame(layer: number): void {
    this.#encoders[layer]?.needKey();
  }

  close(): void {
    this.#reader.cancel().catch(() => undefined);
    this.#media.stop();
    for (const encoder of this.#encoders) encoder.close();
  }

  async #read(): Promise<void> {
    try {
      for (;;) {
        const { value: frame, done } = await this.#reader.read();
        if (done) return;
        try {
          this.#take(frame);
        } finally {
          // An open frame holds one of the few buffers of the camera.
          frame.close();
        }
      }
    } catch {
      // The track ended; the page hears it from the track itself.
    }
  }

  #take(frame: VideoFrame): void {
    const { displayWidth: width, displayHeight: height, timestamp } = frame;
    this.#frames += 1;
    const time = this.#clock.place(timestamp, Math.round(performance.now() * 1_000));
    if (this.#layers[0]?.width !== width || this.#layers[0].height !== height) {
      this.#layers = layersOf(width, height, this.#content);
      this.#onlayers(this.#layers);
    }
    if (this.#enabled) {
      this.#encode(frame, time);
    } else if (time - this.#lastBlack >= BLACK_EVERY_US) {
      this.#lastBlack = time;
      const black = blackFrame(width, height, time);
      this.#encode(black, time);
      black.close();
    }
  }

  #encode(frame: VideoFrame, time: number): void {
    for (const [index, encoder] of this.#encoders.entries()) {
      const layer = this.#layers[index];
      const { target } = encoder;
      if (layer !== undefined && target !== null) encoder.frame(frame, sizeAt(layer, target.height), time);
    }
  }
}

function blackFrame(width: number, height: number, timestamp: number): VideoFrame {
  const luma = width * height;
  const chroma = Math.ceil(width / 2) * Math.ceil(height / 2);
  const data = new Uint8Array(luma + 2 * chroma);
  data.fill(16, 0, luma);
  data.fill(128, luma);
  return new VideoFrame(data, { format: 'I420', codedWidth: width, codedHeight: height, timestamp });
}
