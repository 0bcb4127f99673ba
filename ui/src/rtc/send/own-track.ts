import { clonesAreApart } from '../../shared/track-clones.ts';

/**
 * A track of the camera for one encoder alone. In Chromium all senders of a track get the lowest frame rate that one of them is limited to (measured:
 * 10 a second where 30 were asked for, and 30 with a track each): a slow link would slow down everybody.
 * Other engines get the camera's own track, as what their clones do to each other is not known.
 */
export class OwnTrack {
  #of: MediaStreamTrack | null = null;
  #clone: MediaStreamTrack | null = null;

  /** For this camera from now on; null: for none. What it was for before is let go, or the camera would stay on. */
  for(camera: MediaStreamTrack | null): MediaStreamTrack | null {
    if (this.#of !== camera) {
      this.#clone?.stop();
      this.#of = camera;
      this.#clone = camera !== null && clonesAreApart() ? camera.clone() : null;
      if (camera !== null && this.#clone !== null) this.#clone.contentHint = camera.contentHint;
    }
    return this.#clone ?? camera;
  }
}
