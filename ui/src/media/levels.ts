import type { Analysis } from '../shared/players.ts';
import { analyse } from './players.ts';
import { levelOf, levelOfAmplitude, nextSpeaking, SILENT, type Speaking } from './speaking.ts';

/**
 * Loudness of every participant, ten times a second. What others say of their sound (RFC 6464) comes with its packets and costs
 * nothing; where it does not come, and for our own microphone, an analyser listens: the one of the track's own player, or one of
 * an AudioContext for all. Chromium feeds a remote track into that only while some element plays the track too (audio-sink.ts does).
 */

const EVERY_MS = 100;
/** Samples looked at: 43 ms at 48 kHz, enough for one reading in ten a second. */
const WINDOW = 2_048;

/** Amplitude that the sender tells, 0 to 1. Null: it does not tell. */
export type Told = () => number | null;

type Ear = { by: 'told'; told: Told } | { by: 'analysis'; analysis: Analysis; samples: Float32Array<ArrayBuffer> };

interface Meter {
  track: MediaStreamTrack;
  ear: Ear;
  speaking: Speaking;
}

/** No loudspeaker has to run for it, and nobody waits for its sound. Browsers that know neither pass both over. */
const UNHEARD = { latencyHint: 'playback', sinkId: { type: 'none' } } as const;

export class Levels {
  readonly #meters = new Map<string, Meter>();
  readonly #listeners = new Map<string, Set<(level: number) => void>>();
  readonly #onspeaking: (id: string, speaking: boolean) => void;
  #context: AudioContext | null = null;
  #timer: ReturnType<typeof setInterval> | null = null;
  #closed = false;

  constructor(onspeaking: (id: string, speaking: boolean) => void) {
    this.#onspeaking = onspeaking;
  }

  /** Measures this track for that participant, by what its sender tells if it does; null stops. */
  set(id: string, track: MediaStreamTrack | null, told: Told | null = null): void {
    const known = this.#meters.get(id);
    if ((known?.track ?? null) === track || this.#closed) return;
    if (known) {
      if (known.ear.by === 'analysis') known.ear.analysis.close();
      this.#meters.delete(id);
      if (known.speaking.speaking) this.#onspeaking(id, false);
      this.#tell(id, 0);
    }
    if (track !== null) this.#add(id, track, told);
    this.#run();
  }

  listen(id: string, listener: (level: number) => void): () => void {
    const listeners = this.#listeners.get(id) ?? new Set();
    this.#listeners.set(id, listeners);
    // A wrapper, so that the same function can listen twice.
    const own = (level: number): void => {
      listener(level);
    };
    listeners.add(own);
    return () => {
      listeners.delete(own);
      if (listeners.size === 0 && this.#listeners.get(id) === listeners) this.#listeners.delete(id);
    };
  }

  /** After a click or key: contexts start suspended in pages that nobody touched. */
  resume(): void {
    if (this.#context?.state === 'suspended') this.#context.resume().catch(() => undefined);
  }

  close(): void {
    if (this.#closed) return;
    for (const id of [...this.#meters.keys()]) this.set(id, null);
    this.#closed = true;
    this.#listeners.clear();
    this.#context?.close().catch(() => undefined);
    this.#context = null;
  }

  #add(id: string, track: MediaStreamTrack, told: Told | null): void {
    try {
      const own = analyse(track, WINDOW);
      const ear: Ear = own === null && told !== null ? { by: 'told', told } : listening(own ?? this.#analyse(track));
      this.#meters.set(id, { track, ear, speaking: SILENT });
      this.resume();
    } catch {
      // No audio hardware at all, or an ended track: a meeting without rings is still a meeting.
    }
  }

  #analyse(track: MediaStreamTrack): Analysis {
    this.#context ??= new AudioContext(UNHEARD);
    const source = this.#context.createMediaStreamSource(new MediaStream([track]));
    const analyser = this.#context.createAnalyser();
    analyser.fftSize = WINDOW;
    source.connect(analyser);
    return {
      analyser,
      close: () => {
        source.disconnect();
      },
    };
  }

  #run(): void {
    if (this.#meters.size === 0) {
      if (this.#timer !== null) clearInterval(this.#timer);
      this.#timer = null;
    } else {
      this.#timer ??= setInterval(() => {
        this.#measure();
      }, EVERY_MS);
    }
  }

  #measure(): void {
    for (const [id, meter] of this.#meters) {
      const level = meter.track.enabled ? this.#level(meter) : 0;
      const before = meter.speaking;
      meter.speaking = nextSpeaking(before, level, EVERY_MS);
      if (before.speaking !== meter.speaking.speaking) this.#onspeaking(id, meter.speaking.speaking);
      this.#tell(id, level);
    }
  }

  #level(meter: Meter): number {
    const { ear } = meter;
    if (ear.by === 'analysis') {
      ear.analysis.analyser.getFloatTimeDomainData(ear.samples);
      return levelOf(ear.samples);
    }
    const told = ear.told();
    if (told !== null) return levelOfAmplitude(told);
    try {
      meter.ear = listening(this.#analyse(meter.track));
    } catch {
      // As in `#add`. Asked again: it may still be told.
    }
    return 0;
  }

  #tell(id: string, level: number): void {
    for (const listener of this.#listeners.get(id) ?? []) listener(level);
  }
}

function listening(analysis: Analysis): Ear {
  return { by: 'analysis', analysis, samples: new Float32Array(WINDOW) };
}
