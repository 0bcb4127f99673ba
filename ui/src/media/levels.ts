import type { Analysis } from '../shared/players.ts';
import { analyse } from './players.ts';
import { levelOf, nextSpeaking, SILENT, type Speaking } from './speaking.ts';

/**
 * Loudness of every participant, ten times a second: one AudioContext for all, one analyser a track, unless the track's
 * own player has one. Chromium feeds a
 * remote track into it only while some element plays that track too (audio-sink.ts does).
 */

const EVERY_MS = 100;
/** Samples looked at: 43 ms at 48 kHz, enough for one reading in ten a second. */
const WINDOW = 2_048;

interface Meter {
  track: MediaStreamTrack;
  analysis: Analysis;
  samples: Float32Array<ArrayBuffer>;
  speaking: Speaking;
}

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

  /** Measures this track for that participant; null stops. */
  set(id: string, track: MediaStreamTrack | null): void {
    const known = this.#meters.get(id);
    if ((known?.track ?? null) === track || this.#closed) return;
    if (known) {
      known.analysis.close();
      this.#meters.delete(id);
      if (known.speaking.speaking) this.#onspeaking(id, false);
      this.#tell(id, 0);
    }
    if (track !== null) this.#add(id, track);
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

  #add(id: string, track: MediaStreamTrack): void {
    try {
      const analysis = analyse(track, WINDOW) ?? this.#analyse(track);
      this.#meters.set(id, { track, analysis, samples: new Float32Array(WINDOW), speaking: SILENT });
      this.resume();
    } catch {
      // No audio hardware at all, or an ended track: a meeting without rings is still a meeting.
    }
  }

  #analyse(track: MediaStreamTrack): Analysis {
    this.#context ??= new AudioContext();
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
      meter.analysis.analyser.getFloatTimeDomainData(meter.samples);
      const level = meter.track.enabled ? levelOf(meter.samples) : 0;
      const before = meter.speaking;
      meter.speaking = nextSpeaking(before, level, EVERY_MS);
      if (before.speaking !== meter.speaking.speaking) this.#onspeaking(id, meter.speaking.speaking);
      this.#tell(id, level);
    }
  }

  #tell(id: string, level: number): void {
    for (const listener of this.#listeners.get(id) ?? []) listener(level);
  }
}
