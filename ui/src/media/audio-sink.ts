import { logFor } from '../shared/log.ts';

/**
 * Plays the sound of everybody, whether their tile is on screen or not: one hidden element a track. Where the browser
 * refuses to play before the person touched the page, the next touch starts it. Tiles are therefore always muted.
 */

const GESTURES = ['pointerdown', 'keydown', 'touchend'] as const;
const log = logFor('sound');

export class AudioSink {
  readonly #elements = new Map<string, HTMLAudioElement>();
  readonly #ongesture = (): void => {
    this.#resume();
  };
  #speakerId: string | null;
  #waiting = false;
  readonly #onblocked: (() => void) | null;

  /** @param onblocked called when sound waits for the person to touch the page */
  constructor(speakerId: string | null, onblocked: (() => void) | null = null) {
    this.#speakerId = speakerId;
    this.#onblocked = onblocked;
  }

  /** Plays this track under that key; null stops. */
  set(key: string, track: MediaStreamTrack | null): void {
    const known = this.#elements.get(key);
    const playing = known?.srcObject instanceof MediaStream ? known.srcObject.getTracks()[0] : undefined;
    if ((playing ?? null) === track) return;
    if (track === null) {
      if (known) remove(known);
      this.#elements.delete(key);
      return;
    }
    const element = known ?? this.#create(key);
    element.srcObject = new MediaStream([track]);
    this.#play(element);
  }

  /** Keys that play. */
  keys(): string[] {
    return [...this.#elements.keys()];
  }

  /** Uses this loudspeaker, where the webview can choose; null is the system's. */
  setSpeaker(speakerId: string | null): void {
    this.#speakerId = speakerId;
    for (const element of this.#elements.values()) this.#route(element);
  }

  close(): void {
    this.#stopWaiting();
    for (const element of this.#elements.values()) remove(element);
    this.#elements.clear();
  }

  #create(key: string): HTMLAudioElement {
    const element = document.createElement('audio');
    element.autoplay = true;
    element.hidden = true;
    document.body.append(element);
    this.#elements.set(key, element);
    this.#route(element);
    return element;
  }

  #route(element: HTMLAudioElement): void {
    if (!('setSinkId' in element)) return;
    element.setSinkId(this.#speakerId ?? '').catch(() => {
      log.warn('the chosen loudspeaker is not there; the default one plays');
    });
  }

  #play(element: HTMLAudioElement): void {
    element.play().catch((error: unknown) => {
      if (!(error instanceof DOMException) || error.name !== 'NotAllowedError' || this.#waiting) return;
      this.#waiting = true;
      log.info('sound waits for a touch of the page');
      for (const gesture of GESTURES) document.addEventListener(gesture, this.#ongesture, true);
      this.#onblocked?.();
    });
  }

  #resume(): void {
    this.#stopWaiting();
    for (const element of this.#elements.values()) if (element.paused) this.#play(element);
  }

  #stopWaiting(): void {
    this.#waiting = false;
    for (const gesture of GESTURES) document.removeEventListener(gesture, this.#ongesture, true);
  }
}

function remove(element: HTMLAudioElement): void {
  element.pause();
  element.srcObject = null;
  element.remove();
}
