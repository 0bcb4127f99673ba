import type { SetTimer } from '../shared/timer.ts';
import { Connection, type ConnectionOptions } from './connection.ts';
import type { Outgoing } from './slots.ts';

/**
 * A connection whose offer is made and whose addresses are gathered before anybody is there whom it is for: whoever comes in is sent it
 * in the same moment, and does not wait until this page has drawn the newcomer. At most one, and none while things change.
 *
 * none → (quiet for a moment) made → taken | out of date → none
 */
export class OfferAhead {
  readonly #parts: OfferAheadParts;
  #ready: Connection | null = null;
  #stopTimer: () => void = () => undefined;

  constructor(parts: OfferAheadParts) {
    this.#parts = parts;
  }

  /** What an offer says is another now, or somebody may come: the next one is made when it is quiet. */
  renew(): void {
    this.close();
    if (this.#parts.options() === null) return;
    this.#stopTimer = this.#parts.setTimer(() => {
      const options = this.#parts.options();
      if (options === null) return;
      const made = new Connection({
        ...options,
        peerId: 'nobody yet',
        polite: false,
        addresses: () => [],
        send: () => undefined,
        onchange: () => undefined,
        onheard: () => undefined,
        ondoubt: () => undefined,
        onbroken: () => {
          this.#drop(made);
        },
      });
      made.offerAhead();
      this.#ready = made;
    }, QUIET_MS);
  }

  /** The one that is ready, which sends from now on what was last given out; null if there is none. */
  take(): Connection | null {
    const taken = this.#ready;
    this.#ready = null;
    this.renew();
    return taken;
  }

  close(): void {
    this.#stopTimer();
    this.#stopTimer = () => undefined;
    if (this.#ready !== null) this.#drop(this.#ready);
  }

  #drop(connection: Connection): void {
    if (this.#ready === connection) this.#ready = null;
    connection.close();
  }
}

export interface OfferAheadParts {
  /** What a connection is made with now; null: none is to be made ahead. */
  readonly options: () => (Pick<ConnectionOptions, 'iceServers' | 'shared' | 'certificates' | 'links' | 'efficient'> & { outgoing: Outgoing }) | null;
  readonly setTimer: SetTimer;
}

/** Several people who come at once are not to wait for it. */
const QUIET_MS = 1_500;
