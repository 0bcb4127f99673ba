import { logFor } from '../shared/log.ts';
import { playSound } from './players.ts';

/**
 * Plays the sound of everybody, whether their tile is on screen or not: one hidden element a track, where the track does
 * not need another player. Where the browser refuses to play before the person touched the page, the next touch starts
 * it. Tiles are therefore always muted.
 */

type Played = { by: 'element'; track: MediaStreamTrack; element: HTMLAudioElement } | { by: 'player'; track: MediaStreamTrack; stop: () => void };

const GESTURES = ['pointerdown', 'keydown', 'touchend'] as const;
const log = logFor('sound');

export class AudioSink {
  readonly #played = new Map<string, Played>();
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
    const known = this.#played.get(key) ?? null;
    if ((known?.track ?? null) === track) return;
    if (track === null) {
      if (known) end(known);
      this.#played.delete(key);
      return;
    }
    const stop = playSound(track);
    if (stop !== null) {
      if (known) end(known);
      this.#played.set(key, { by: 'player', track, stop });
      return;
    }
    if (known?.by === 'player') known.stop();
    // Kept for the next track: an element that plays may go on without another touch of the page.
    const element = known?.by === 'element' ? known.element : this.#create();
    element.srcObject = new MediaStream([track]);
    this.#played.set(key, { by: 'element', track, element });
    this.#play(element);
  }

  /** Keys that play. */
  keys(): string[] {
    return [...this.#played.keys()];
  }

  /** Uses this loudspeaker, where the webview can choose; null is the system's. */
  setSpeaker(speakerId: string | null): void {
    this.#speakerId = speakerId;
    for (const element of this.#elements()) this.#route(element);
  }

  close(): void {
    this.#stopWaiting();
    for (const played of this.#played.values()) end(played);
    this.#played.clear();
  }

  #elements(): HTMLAudioElement[] {
    return [...this.#played.values()].flatMap((played) => (played.by === 'element' ? [played.element] : []));
  }

  #create(): HTMLAudioElement {
    const element = document.createElement('audio');
    element.autoplay = true;
    element.hidden = true;
    document.body.append(element);
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
    for (const element of this.#elements()) if (element.paused) this.#play(element);
  }

  #stopWaiting(): void {
    this.#waiting = false;
    for (const gesture of GESTURES) document.removeEventListener(gesture, this.#ongesture, true);
  }
}

function end(played: Played): void {
  if (played.by === 'player') {
    played.stop();
    return;
  }
  played.element.pause();
  played.element.srcObject = null;
  played.element.remove();
}
