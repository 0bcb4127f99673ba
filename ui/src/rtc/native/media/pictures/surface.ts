import type { Buffers } from './buffers.ts';
import { toPixels, type Colours, type Picture } from './pixels.ts';
import { readPicture } from './read-picture.ts';
import { shrink } from './shrink.ts';

/** What the page puts on a canvas. A frame instead of pixels: one that only a canvas can read. */
export type Drawn = { surface: number; width: number; height: number } & ({ pixels: ArrayBuffer } | { frame: VideoFrame });

/**
 * Makes pixels for one canvas of the page: resting → drawing → shown (until the page gives the pixels back), while the
 * newest frame waits. Frames that a newer one overtakes are dropped.
 */
export class Surface {
  readonly #id: number;
  readonly #colours: (frame: VideoFrame) => Colours;
  readonly #buffers: Buffers;
  readonly #show: (drawn: Drawn) => void;
  #state: 'resting' | 'drawing' | 'shown' | 'closed' = 'resting';
  #next: VideoFrame | null = null;
  #width = Infinity;

  constructor(id: number, colours: (frame: VideoFrame) => Colours, buffers: Buffers, show: (drawn: Drawn) => void) {
    this.#id = id;
    this.#colours = colours;
    this.#buffers = buffers;
    this.#show = show;
  }

  /** How wide it is seen, in device pixels: more would only be drawn to be thrown away. */
  set width(width: number) {
    this.#width = width;
  }

  /** A frame waits and can be drawn. */
  get ready(): boolean {
    return this.#state === 'resting' && this.#next !== null;
  }

  /** Keeps a frame for the next {@link draw}; takes it over. */
  keep(frame: VideoFrame): void {
    if (this.#state === 'closed') {
      frame.close();
      return;
    }
    this.#next?.close();
    this.#next = frame;
  }

  /** Draws the frame that was kept, if there is one. */
  async draw(): Promise<void> {
    const frame = this.#next;
    if (this.#state !== 'resting' || frame === null) return;
    this.#next = null;
    this.#state = 'drawing';
    let drawn: Drawn | null = null;
    try {
      drawn = await this.#draw(frame);
    } catch {
      // A frame that cannot be read, or was closed with its source: the next one will do.
    }
    if (drawn === null || !('frame' in drawn)) frame.close();
    // It may have been closed meanwhile.
    const state = this.#state as 'drawing' | 'closed';
    if (state === 'closed') {
      if (drawn !== null && 'frame' in drawn) frame.close();
      else if (drawn !== null) this.#buffers.give(drawn.pixels);
    } else if (drawn === null) {
      this.#state = 'resting';
    } else {
      this.#state = 'shown';
      this.#show(drawn);
    }
  }

  /** The page has drawn, and gives the pixels back for the next time. */
  shown(pixels: ArrayBuffer | null): void {
    if (pixels !== null) this.#buffers.give(pixels);
    if (this.#state === 'shown') this.#state = 'resting';
  }

  close(): void {
    this.#next?.close();
    this.#next = null;
    this.#state = 'closed';
  }

  async #draw(frame: VideoFrame): Promise<Drawn> {
    const picture = await readPicture(frame, (size) => new Uint8Array(this.#buffers.take(size)));
    if (picture === null) return { surface: this.#id, width: frame.displayWidth, height: frame.displayHeight, frame };
    const seen = this.#halved(picture);
    const { width, height } = seen;
    const size = 4 * width * height;
    const pixels = this.#buffers.take(size);
    toPixels(seen, this.#colours(frame), new Int32Array(pixels));
    this.#buffers.give(picture.bytes.buffer);
    return { surface: this.#id, width, height, pixels };
  }

  #halved(picture: Picture): Picture {
    let seen = picture;
    while (seen.width >= 2 * this.#width && seen.height > 1) seen = shrink(seen, seen.width >> 1, seen.height >> 1);
    return seen;
  }
}
