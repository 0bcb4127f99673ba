import { logFor } from '../shared/log.ts';
import { clonesAreApart } from '../shared/track-clones.ts';

/**
 * The own camera as its own tile shows it: a second track of the same source, which can be made small and slow without anybody
 * else noticing. Only where clones are known to be apart; elsewhere the camera's track itself.
 */

/** A tile in which one sees whether one sits straight. */
const THIN = { width: 320, height: 240, frameRate: 15 };

const log = logFor('media');

export class OwnPicture {
  readonly track: MediaStreamTrack;
  readonly #own: boolean;
  #thin = false;

  constructor(camera: MediaStreamTrack) {
    this.#own = clonesAreApart();
    this.track = this.#own ? camera.clone() : camera;
  }

  setThin(thin: boolean): void {
    if (!this.#own || this.#thin === thin) return;
    this.#thin = thin;
    this.track.applyConstraints(thin ? THIN : {}).catch((error: unknown) => {
      log.debug(`the own picture stays as it is (${error instanceof Error ? error.name : 'unknown'})`);
    });
  }

  /** The second track would keep the camera, and its light, on. */
  stop(): void {
    if (this.#own) this.track.stop();
  }
}
