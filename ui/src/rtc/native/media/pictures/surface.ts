import { toPixels, type Colours } from './pixels.ts';
import { readPicture } from './read-picture.ts';

/**
 * Draws frames on one canvas: empty ↔ waiting (the newest frame) → drawing. Frames that a newer one overtakes are dropped.
 * The canvas has the size of the frames; how large it is seen is the page's.
 */
export class Surface {
  readonly #canvas: OffscreenCanvas;
  readonly #pen: OffscreenCanvasRenderingContext2D | null;
  readonly #colours: (frame: VideoFrame) => Colours;
  #state: { is: 'open'; next: VideoFrame | null; drawing: boolean } | { is: 'closed' } = { is: 'open', next: null, drawing: false };
  #spare: Uint8Array<ArrayBuffer> | null = null;
  #image: ImageData | null = null;
  #drawn = 0;

  constructor(canvas: OffscreenCanvas, colours: (frame: VideoFrame) => Colours) {
    this.#canvas = canvas;
    this.#pen = canvas.getContext('2d', { alpha: false });
    this.#colours = colours;
  }

  /** Frames drawn. */
  get drawn(): number {
    return this.#drawn;
  }

  /** Keeps a frame for the next {@link draw}; takes it over. */
  keep(frame: VideoFrame): void {
    if (this.#state.is === 'closed') {
      frame.close();
      return;
    }
    this.#state.next?.close();
    this.#state.next = frame;
  }

  /** A frame waits to be drawn, and none is being drawn. */
  get ready(): boolean {
    return this.#state.is === 'open' && !this.#state.drawing && this.#state.next !== null;
  }

  /** Draws the frame that was kept, if there is one. */
  async draw(): Promise<void> {
    const state = this.#state;
    if (state.is === 'closed' || state.drawing || state.next === null) return;
    const frame = state.next;
    state.next = null;
    state.drawing = true;
    try {
      await this.#draw(frame);
    } catch {
      // A frame that cannot be read, or was closed with its source: the next one will do.
    } finally {
      frame.close();
      state.drawing = false;
    }
  }

  close(): void {
    if (this.#state.is === 'open') this.#state.next?.close();
    this.#state = { is: 'closed' };
    this.#spare = null;
    this.#image = null;
  }

  async #draw(frame: VideoFrame): Promise<void> {
    const picture = await readPicture(frame, this.#spare);
    if (this.#state.is === 'closed' || this.#pen === null) return;
    if (picture === null) {
      this.#fit(frame.displayWidth, frame.displayHeight);
      this.#pen.drawImage(frame, 0, 0);
    } else {
      this.#spare = picture.bytes;
      const { width, height } = picture;
      if (this.#image?.width !== width || this.#image.height !== height) this.#image = new ImageData(width, height);
      toPixels(picture, this.#colours(frame), new Int32Array(this.#image.data.buffer));
      this.#fit(width, height);
      this.#pen.putImageData(this.#image, 0, 0);
    }
    this.#drawn += 1;
  }

  #fit(width: number, height: number): void {
    // Setting a size, even the same, clears the canvas.
    if (this.#canvas.width !== width) this.#canvas.width = width;
    if (this.#canvas.height !== height) this.#canvas.height = height;
  }
}
