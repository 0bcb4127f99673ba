import type { SourceState } from '../room/model.ts';
import { writable, type Readable } from '../shared/store.ts';
import { mediaDevices } from './devices.ts';
import { problemOf } from './problem.ts';

/** A screen, window or tab that is shared: off → starting → on | off (cancelled) | failed; on → off, also by the browser's own button. */
export interface ScreenState {
  screen: SourceState;
  video: MediaStreamTrack | null;
  /** Where the platform gives it. */
  audio: MediaStreamTrack | null;
}

/** Text needs resolution more than motion, and every link encodes the whole screen for itself. */
const FRAMES_PER_SECOND = 15;

const OFF: ScreenState = { screen: { status: 'off' }, video: null, audio: null };

export class ScreenShare {
  readonly #state = writable<ScreenState>(OFF);
  #turn = 0;

  get state(): Readable<ScreenState> {
    return this.#state;
  }

  /** Asks what to share. Has to be called in the task of a click. */
  async start(): Promise<void> {
    if (this.#state.get().video !== null || this.#state.get().screen.status === 'starting') return;
    this.#turn += 1;
    const turn = this.#turn;
    const devices = mediaDevices() as Partial<MediaDevices> | undefined;
    if (devices?.getDisplayMedia === undefined) {
      this.#state.set({ ...OFF, screen: { status: 'failed', problem: 'unsupported' } });
      return;
    }
    this.#state.set({ ...OFF, screen: { status: 'starting' } });
    try {
      const stream = await devices.getDisplayMedia({
        video: { frameRate: { ideal: FRAMES_PER_SECOND, max: FRAMES_PER_SECOND } },
        // The meeting's own sound must not go round in a circle.
        audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false, suppressLocalAudioPlayback: false },
        systemAudio: 'include',
        selfBrowserSurface: 'exclude',
        surfaceSwitching: 'include',
      } as DisplayMediaStreamOptions);
      this.#started(turn, stream);
    } catch (error) {
      if (turn !== this.#turn) return;
      const problem = problemOf(error);
      // Cancelling is an answer, not an error.
      this.#state.set(problem === 'denied' ? OFF : { ...OFF, screen: { status: 'failed', problem } });
    }
  }

  stop(): void {
    this.#turn += 1;
    const { video, audio } = this.#state.get();
    for (const track of [video, audio]) {
      if (track === null) continue;
      track.onended = null;
      track.stop();
    }
    this.#state.set(OFF);
  }

  #started(turn: number, stream: MediaStream): void {
    const video = stream.getVideoTracks()[0] ?? null;
    const audio = stream.getAudioTracks()[0] ?? null;
    if (turn !== this.#turn || video === null) {
      for (const track of stream.getTracks()) track.stop();
      return;
    }
    video.contentHint = 'detail';
    if (audio) audio.contentHint = 'music';
    video.onended = () => {
      this.stop();
    };
    if (audio) {
      audio.onended = () => {
        this.#state.update((state) => ({ ...state, audio: null }));
      };
    }
    this.#state.set({ screen: { status: 'on' }, video, audio });
  }
}
