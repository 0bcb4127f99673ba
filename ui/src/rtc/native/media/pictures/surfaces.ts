import { browserTimer } from '../../../../shared/timer.ts';
import { VP8_COLOURS, type Colours } from './pixels.ts';
import { Rounds } from './rounds.ts';
import { Surface } from './surface.ts';

/** All canvases of the page that show a track (worker side): those of remote tracks by their slot, those of local ones with a reader each. */

interface Local {
  enabled: boolean;
  media: MediaStreamTrack;
  reader: ReadableStreamDefaultReader<VideoFrame>;
}

type Shown = { surface: Surface; of: { slot: number } | { local: Local } };

export class Surfaces {
  readonly #shown = new Map<number, Shown>();
  readonly #rounds = new Rounds(
    () => {
      for (const { surface } of this.#shown.values()) void this.#draw(surface);
    },
    () => performance.now(),
    browserTimer,
  );
  /** Frames drawn on surfaces that are gone. */
  #drawnBefore = 0;

  get drawn(): number {
    let drawn = this.#drawnBefore;
    for (const { surface } of this.#shown.values()) drawn += surface.drawn;
    return drawn;
  }

  showSlot(id: number, slot: number, canvas: OffscreenCanvas): void {
    this.#shown.set(id, { surface: new Surface(canvas, () => VP8_COLOURS), of: { slot } });
  }

  /** `media` is a clone, and ends with the surface. */
  showLocal(id: number, media: MediaStreamTrack, enabled: boolean, canvas: OffscreenCanvas): void {
    const reader = new MediaStreamTrackProcessor({ track: media }).readable.getReader();
    const local = { enabled, media, reader };
    const surface = new Surface(canvas, coloursOf);
    this.#shown.set(id, { surface, of: { local } });
    void read(local, (frame) => {
      surface.keep(frame);
      this.#rounds.come('own');
    });
  }

  enable(id: number, enabled: boolean): void {
    const of = this.#shown.get(id)?.of;
    if (of !== undefined && 'local' in of) of.local.enabled = enabled;
  }

  /** The source has ended: its last picture stays. */
  end(id: number): void {
    const of = this.#shown.get(id)?.of;
    if (of !== undefined && 'local' in of) endLocal(of.local);
  }

  hide(id: number): void {
    this.end(id);
    const shown = this.#shown.get(id);
    this.#shown.delete(id);
    if (shown === undefined) return;
    this.#drawnBefore += shown.surface.drawn;
    shown.surface.close();
  }

  /** A frame came for this slot; it stays the caller's. */
  frame(slot: number, frame: VideoFrame): void {
    for (const { surface, of } of this.#shown.values()) {
      if (!('slot' in of) || of.slot !== slot) continue;
      surface.keep(frame.clone());
      this.#rounds.come('other');
    }
  }

  async #draw(surface: Surface): Promise<void> {
    await surface.draw();
    // It came while another was drawn, and may be the last one for long.
    if (surface.ready) this.#rounds.come('other');
  }
}

/** `show` takes frames over. */
async function read(local: Local, show: (frame: VideoFrame) => void): Promise<void> {
  try {
    for (;;) {
      const { value: frame, done } = await local.reader.read();
      if (done) return;
      if (local.enabled) show(frame);
      else frame.close();
    }
  } catch {
    // The track ended; the page hears it from the track itself.
  }
}

function endLocal({ reader, media }: Local): void {
  reader.cancel().catch(() => undefined);
  media.stop();
}

function coloursOf({ colorSpace }: VideoFrame): Colours {
  return { matrix: colorSpace.matrix === 'bt709' ? 'bt709' : 'bt601', fullRange: colorSpace.fullRange === true };
}
