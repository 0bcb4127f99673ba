import { browserTimer } from '../../../../shared/timer.ts';
import { Buffers } from './buffers.ts';
import { VP8_COLOURS, type Colours } from './pixels.ts';
import { Rounds } from './rounds.ts';
import { Surface, type Drawn } from './surface.ts';

/** All canvases of the page that show a track (worker side): those of remote tracks by their slot, those of local ones with a reader each. */

interface Local {
  enabled: boolean;
  media: MediaStreamTrack;
  reader: ReadableStreamDefaultReader<VideoFrame>;
}

type Shown = { surface: Surface; of: { slot: number } | { local: Local } };

export class Surfaces {
  readonly #show: (drawn: Drawn) => void;
  readonly #buffers = new Buffers();
  readonly #shown = new Map<number, Shown>();
  readonly #rounds = new Rounds(
    () => {
      for (const { surface } of this.#shown.values()) void surface.draw();
    },
    () => performance.now(),
    browserTimer,
  );

  constructor(show: (drawn: Drawn) => void) {
    this.#show = show;
  }

  showSlot(id: number, slot: number): void {
    this.#shown.set(id, { surface: new Surface(id, () => VP8_COLOURS, this.#buffers, this.#show), of: { slot } });
  }

  /** `media` is a clone, and ends with the surface. */
  showLocal(id: number, media: MediaStreamTrack, enabled: boolean): void {
    const reader = new MediaStreamTrackProcessor({ track: media }).readable.getReader();
    const local = { enabled, media, reader };
    const surface = new Surface(id, coloursOf, this.#buffers, this.#show);
    this.#shown.set(id, { surface, of: { local } });
    void read(local, (frame) => {
      surface.keep(frame);
      this.#rounds.come('own');
    });
  }

  /** The page has drawn this surface. */
  drawn(id: number, pixels: ArrayBuffer | null): void {
    const surface = this.#shown.get(id)?.surface;
    if (surface === undefined) {
      if (pixels !== null) this.#buffers.give(pixels);
      return;
    }
    surface.shown(pixels);
    // It came meanwhile, and may be the last one for long.
    if (surface.ready) this.#rounds.come('other');
  }

  /** How wide it is seen, in device pixels. */
  resize(id: number, width: number): void {
    const surface = this.#shown.get(id)?.surface;
    if (surface) surface.width = Math.max(1, width);
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
    this.#shown.get(id)?.surface.close();
    this.#shown.delete(id);
  }

  /** A frame came for this slot; it stays the caller's. */
  frame(slot: number, frame: VideoFrame): void {
    for (const { surface, of } of this.#shown.values()) {
      if (!('slot' in of) || of.slot !== slot) continue;
      surface.keep(frame.clone());
      this.#rounds.come('other');
    }
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
