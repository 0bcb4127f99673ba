import { SharedCamera } from '../rtc/send/shared/shared-camera.ts';
import type { Preview } from './model.ts';

/**
 * The encoder for all links, connected while the preview is looked at: making it takes two connections and a worker, which whoever has
 * clicked is not to wait for. It encodes nothing until a link needs it. The next room takes it.
 */
export class EncoderAhead {
  #ready: { readonly shared: SharedCamera; readonly stop: () => void } | null = null;

  /** Returns the way to let go of it, for when the preview ends without a room. */
  prepare(preview: Pick<Preview, 'state'>): () => void {
    this.#drop();
    const shared = SharedCamera.open();
    if (shared === null) return () => undefined;
    const stop = preview.state.subscribe(({ stream }) => {
      const [track = null] = stream?.getVideoTracks() ?? [];
      shared.setTrack(track);
    });
    const ready = { shared, stop };
    this.#ready = ready;
    return () => {
      if (this.#ready === ready) this.#drop();
    };
  }

  /** Null where every link has an encoder of its own. */
  take(): SharedCamera | null {
    const ready = this.#ready;
    this.#ready = null;
    ready?.stop();
    return ready?.shared ?? SharedCamera.open();
  }

  #drop(): void {
    this.#ready?.stop();
    this.#ready?.shared.close();
    this.#ready = null;
  }
}
