import { initialiseMedia } from './initialise-media.ts';
import type { Drawn } from './pictures/surface.ts';
import type { FromWorker, ToWorker, WorkerAbilities } from './worker-messages.ts';

/**
 * The media worker, seen from the page: one for the page, started with the first question whether there is one, so that
 * its pool is filled by the time the first track is needed. Should it die, the next link starts another.
 */

/**
 * Tracks made ahead. A room of 32 people joined at once asks for 31 times a camera and a screen before the worker can
 * answer. Forty tracks take WebKitGTK some 30 ms, once.
 */
const POOL = 72;

export interface PooledTrack {
  slot: number;
  track: MediaStreamTrack;
}

export class WorkerLink {
  static #present: WorkerLink | null = null;
  readonly #worker: Worker;
  readonly #abilities: Promise<WorkerAbilities>;
  readonly #pool: PooledTrack[] = [];
  readonly #slots = new WeakMap<MediaStreamTrack, number>();
  /** Who puts pictures on canvases. */
  ondrawn: ((drawn: Drawn) => void) | null = null;
  #filled: () => void = () => undefined;
  #onmessage: ((message: FromWorker) => void) | null = null;
  #ondied: (() => void) | null = null;

  static get(): WorkerLink {
    return (WorkerLink.#present ??= new WorkerLink());
  }

  private constructor() {
    initialiseMedia();
    this.#worker = new Worker(new URL('./media-worker.ts', import.meta.url), { type: 'module', name: 'media' });
    const filled = new Promise<void>((resolve) => {
      this.#filled = resolve;
    });
    const abilities = new Promise<WorkerAbilities>((resolve) => {
      this.#worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
        if (data.is === 'abilities') {
          if (data.abilities.frames) this.send({ do: 'make-tracks', count: POOL });
          resolve(data.abilities);
        } else if (data.is === 'tracks') {
          this.#pool.push(...data.tracks);
          this.#filled();
        } else if (data.is === 'drawn') this.ondrawn?.(data.drawn);
        else this.#onmessage?.(data);
      };
      this.#worker.onerror = () => {
        if (WorkerLink.#present === this) WorkerLink.#present = null;
        resolve({ frames: false, videoCodec: false, audioCodec: false });
        this.#filled();
        this.#worker.terminate();
        this.#ondied?.();
      };
    });
    this.#abilities = abilities.then(async (found) => {
      if (found.frames) await filled;
      return found;
    });
    this.send({ do: 'probe' });
  }

  /** Known once the pool is full. */
  get abilities(): Promise<WorkerAbilities> {
    return this.#abilities;
  }

  send(message: ToWorker, transfer: Transferable[] = []): void {
    this.#worker.postMessage(message, transfer);
  }

  /** What it says goes there from now on; the one before hears nothing any more. */
  listen(onmessage: ((message: FromWorker) => void) | null, ondied: (() => void) | null): void {
    this.#onmessage = onmessage;
    this.#ondied = ondied;
  }

  /** A track of the pool, which is filled up behind it. */
  takeTrack(): PooledTrack | null {
    const track = this.#pool.shift();
    if (track === undefined) return null;
    this.send({ do: 'make-tracks', count: 1 });
    this.#slots.set(track.track, track.slot);
    return track;
  }

  /** The slot of a remote track; null: it is not one of this worker. */
  slotOf(track: MediaStreamTrack): number | null {
    return this.#slots.get(track) ?? null;
  }
}
