import { toPixels, type Colours } from './pixels.ts';
import { readPicture } from './read-picture.ts';

/** What the page puts on a canvas. A frame instead of pixels: one that only a canvas can read. */
export type Drawn = { surface: number; width: number; height: number } & ({ pixels: ArrayBuffer } | { frame: VideoFrame });

/**
 * Makes pixels for one canvas of the page: resting → drawing → shown (until the page gives the pixels back), while the
 * newest frame waits. Frames that a newer one overtakes are dropped.
 */
export class Surface {
  readonly #id: number;
  readonly #colours: (frame: VideoFrame) => Colours;
  readonly #show: (drawn: Drawn) => void;
  #state: 'resting' | 'drawing' | 'shown' | 'closed' = 'resting';
  #next: VideoFrame | null = null;
  #spare: Uint8Array<ArrayBuffer> | null = null;
  #pixels: ArrayBuffer | null = null;

  constructor(id: number, colours: (frame: VideoFrame) => Colours, show: (drawn: Drawn) => void) {
    this.#id = id;
    this.#colours = colours;
    this.#show = show;
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
    } else if (drawn === null) {
      this.#state = 'resting';
    } else {
      this.#state = 'shown';
      this.#show(drawn);
    }
  }

  /** The page has drawn, and gives the pixels back for the next time. */
  shown(pixels: ArrayBuffer | null): void {
    if (this.#state !== 'shown') return;
    this.#state = 'resting';
    this.#pixels = pixels;
  }

  close(): void {
    this.#next?.close();
    this.#next = null;
    this.#state = 'closed';
    this.#spare = null;
    this.#pixels = null;
  }

  async #draw(frame: VideoFrame): Promise<Drawn> {
    const picture = await readPicture(frame, this.#spare);
    if (picture === null) return { surface: this.#id, width: frame.displayWidth, height: frame.displayHeight, frame };
    this.#spare = picture.bytes;
    const { width, height } = picture;
    const size = 4 * width * height;
    const pixels = this.#pixels?.byteLength === size ? this.#pixels : new ArrayBuffer(size);
    this.#pixels = null;
    toPixels(picture, this.#colours(frame), new Int32Array(pixels));
    return { surface: this.#id, width, height, pixels };
  }
}
