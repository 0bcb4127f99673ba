import { Concealment, HISTORY } from './conceal.ts';
import { DelayEstimate } from './delay.ts';
import { crossfade } from './pitch.ts';
import { SoundBuffer } from './sound-buffer.ts';
import { lengthened, shortened, STRETCHABLE } from './stretch.ts';

/**
 * The jitter buffer: packets go in as they come, sound comes out as the device asks. Keeps as much in store as the
 * network needs, and gets there by stretching time; what is missing is concealed. Pure: its clock is what it has played.
 *
 * idle → filling ⇄ playing ⇄ concealing → filling: idle until the first packet; filling until there is enough in
 * store to begin; concealing while the next sample is missing, which after 80 ms is silence, and then nothing hurries
 * any more.
 */

const RATE = 48_000;
/** Made at once: 10 ms. */
const STEP = 480;
/** Seam between concealment and what follows: 5 ms. */
const SEAM = 240;
/** A hole longer than this is not bridged: the sender paused. */
const MAX_HOLE = 5_760;
/** A timestamp this far off belongs to a sender that began anew. */
const JUMP = 2 * RATE;
/** Without a packet for so long, a sender paused. */
const PAUSE = RATE / 2;
/** In store at most, 1 s; what is older goes. */
const MAX_STORED = RATE;
/** Weight of the present store in its mean: about 160 ms, several packets. */
const LEVEL_WEIGHT = 1 / 16;
/** Between two changes of time, 50 ms: more often is heard. */
const STRETCH_EVERY = 5;
/** So much too much is worth an audible seam, as it is delay: 60 ms. */
const FAR_TOO_MUCH = 2_880;

export interface PlayoutCounters {
  totalSamplesReceived: number;
  concealedSamples: number;
  /** The part of them that was silence. As in libwebrtc it goes on while a sender pauses. */
  silentConcealedSamples: number;
  concealmentEvents: number;
  insertedSamplesForDeceleration: number;
  removedSamplesForAcceleration: number;
  /** Seconds, of all samples played. */
  jitterBufferDelay: number;
  jitterBufferEmittedCount: number;
  totalAudioEnergy: number;
  totalSamplesDuration: number;
  audioLevel: number;
}

type Sound = Float32Array<ArrayBuffer>;

/** `waited`: samples of silence since its first packet. */
type Filling = { is: 'filling'; waited: number };
/** `covered`: samples made up so far. */
type Concealing = { is: 'concealing'; concealment: Concealment; covered: number };
type State = { is: 'idle' } | Filling | { is: 'playing' } | Concealing;

export class Playout {
  readonly counters: PlayoutCounters = {
    totalSamplesReceived: 0,
    concealedSamples: 0,
    silentConcealedSamples: 0,
    concealmentEvents: 0,
    insertedSamplesForDeceleration: 0,
    removedSamplesForAcceleration: 0,
    jitterBufferDelay: 0,
    jitterBufferEmittedCount: 0,
    totalAudioEnergy: 0,
    totalSamplesDuration: 0,
    audioLevel: 0,
  };
  readonly #delay = new DelayEstimate();
  readonly #buffer = new SoundBuffer();
  #state: State = { is: 'idle' };
  /** Made, and not asked for yet. */
  #ready = new Float32Array(0);
  readonly #history = new Float32Array(HISTORY);
  /** Position of the next sample. */
  #next = 0;
  /** Position and RTP timestamp of the packet before, to unwrap the next. */
  #last: { at: number; timestamp: number } | null = null;
  /** When the last packet came. */
  #heard = 0;
  /** Samples played: the clock. */
  #clock = 0;
  /** Mean of what is in store, samples. */
  #level = 0;
  #sinceStretch = 0;

  /** Milliseconds that it aims at. */
  get target(): number {
    return this.#delay.target;
  }

  /**
   * A packet. `samples` null: it came too late for the decoder. `age`: milliseconds since it came from the network;
   * `held`: how many of them it was kept back on purpose.
   */
  packet(timestamp: number, samples: Float32Array | null, age: number, held: number): void {
    const moved = this.#last === null ? 0 : (timestamp - this.#last.timestamp) | 0;
    const anew = this.#last !== null && Math.abs(moved) > JUMP;
    const at = this.#last === null || anew ? 0 : this.#last.at + moved;
    if (anew) {
      this.#buffer.clear();
      this.#delay.restart();
    }
    this.#last = { at, timestamp };
    if (this.#state.is === 'idle' || anew) this.#fill(at);
    // Some senders' timestamps stand still while they pause: that is no delay.
    if (this.#clock - this.#heard > PAUSE) this.#delay.restart();
    this.#heard = this.#clock;
    this.#delay.packet(((this.#clock - at) * 1_000) / RATE - held);
    if (samples === null) return;
    const arrived = this.#clock - (age * RATE) / 1_000;
    this.#buffer.insert({ at, samples, arrived }, this.#next);
    const excess = (this.#buffer.end ?? 0) - (this.#buffer.first?.at ?? 0) - MAX_STORED;
    if (excess > 0) this.#skip((this.#buffer.first?.at ?? 0) + excess);
  }

  /** Fills the whole of `out`. */
  pull(out: Float32Array): void {
    if (this.#state.is === 'idle') {
      out.fill(0);
      this.#clock += out.length;
      return;
    }
    let filled = 0;
    while (filled < out.length) {
      if (this.#ready.length === 0) this.#ready = this.#made();
      const part = this.#ready.subarray(0, out.length - filled);
      out.set(part, filled);
      filled += part.length;
      this.#ready = this.#ready.subarray(part.length);
    }
    this.#clock += out.length;
    this.#measure(out);
  }

  /** The next bit of sound, never empty; and it becomes history. */
  #made(): Sound {
    this.#sinceStretch += 1;
    const sound = this.#step();
    if (sound.length >= HISTORY) this.#history.set(sound.subarray(sound.length - HISTORY));
    else {
      this.#history.copyWithin(0, sound.length);
      this.#history.set(sound, HISTORY - sound.length);
    }
    return sound;
  }

  #step(): Sound {
    const state = this.#state;
    switch (state.is) {
      case 'idle':
        return new Float32Array(STEP);
      case 'filling':
        return this.#filling(state);
      case 'playing':
        return this.#playing();
      case 'concealing':
        return this.#concealing(state);
    }
  }

  #filling(state: Filling): Sound {
    const first = this.#buffer.first;
    const stored = this.#stored(first?.at ?? 0);
    const target = this.#samples(this.target);
    // Half a packet swings around the mean; or so long ago that a sparse sender must be let begin.
    if (first !== undefined && (stored >= target || state.waited >= target)) {
      this.#next = first.at;
      this.#level = stored;
      this.#state = { is: 'playing' };
      const sound = this.#take(Math.min(STEP, this.#buffer.contiguous(this.#next)));
      crossfade(sound, 0, Math.min(SEAM, sound.length), () => 0, (index) => sound[index] ?? 0);
      return sound;
    }
    if (first !== undefined) state.waited += STEP;
    if (this.counters.jitterBufferEmittedCount > 0) this.#countConcealed(STEP, true);
    return new Float32Array(STEP);
  }

  #playing(): Sound {
    const available = this.#buffer.contiguous(this.#next);
    if (available === 0) {
      this.counters.concealmentEvents += 1;
      const state: Concealing = { is: 'concealing', concealment: new Concealment(this.#history), covered: 0 };
      this.#state = state;
      return this.#concealing(state);
    }
    this.#level += (this.#stored(this.#next) - this.#level) * LEVEL_WEIGHT;
    return this.#stretched(available) ?? this.#take(Math.min(STEP, available));
  }

  /** With time changed, if the store is too small or too large and the sound allows it. */
  #stretched(available: number): Sound | null {
    if (available < STRETCHABLE) return null;
    const target = this.#samples(this.target);
    const excess = this.#level - target;
    const farTooMuch = excess > FAR_TOO_MUCH;
    if (this.#sinceStretch < STRETCH_EVERY && !farTooMuch) return null;
    const count = Math.min(available, 3 * STEP);
    if (excess > Math.max(STEP, target / 4)) {
      return this.#changed(count, (sound) => shortened(sound, farTooMuch));
    }
    if (-excess > Math.max(STEP / 2, target / 4)) return this.#changed(count, lengthened);
    return null;
  }

  #changed(count: number, change: (sound: Sound) => Sound | null): Sound {
    const sound = this.#take(count);
    const other = change(sound);
    this.#sinceStretch = 0;
    if (other === null) return sound;
    const longer = other.length - sound.length;
    if (longer > 0) this.counters.insertedSamplesForDeceleration += longer;
    else this.counters.removedSamplesForAcceleration -= longer;
    this.#level += longer;
    return other;
  }

  #concealing(state: Concealing): Sound {
    const first = this.#buffer.first;
    if (first === undefined) {
      // The sender pauses, or its packets are late: then they are played after all, and the delay is what grew.
      if (state.concealment.silent) return this.#filling(this.#fill(this.#next));
      return this.#conceal(state, STEP);
    }
    const hole = first.at - this.#next - state.covered;
    if (hole > 0 && hole <= MAX_HOLE) return this.#conceal(state, Math.min(STEP, hole));
    this.#next = first.at;
    this.#state = { is: 'playing' };
    const sound = this.#take(Math.min(STEP, this.#buffer.contiguous(this.#next)));
    const before = state.concealment.next(Math.min(SEAM, sound.length));
    crossfade(sound, 0, before.length, (index) => before[index] ?? 0, (index) => sound[index] ?? 0);
    return sound;
  }

  #conceal(state: Concealing, count: number): Sound {
    this.#countConcealed(count, state.concealment.silent);
    state.covered += count;
    return state.concealment.next(count);
  }

  #countConcealed(count: number, silent: boolean): void {
    this.counters.concealedSamples += count;
    if (silent) this.counters.silentConcealedSamples += count;
  }

  #take(count: number): Sound {
    const { samples, waited } = this.#buffer.take(this.#next, count, this.#clock);
    this.#next += count;
    this.counters.jitterBufferDelay += waited / RATE;
    this.counters.jitterBufferEmittedCount += count;
    return samples;
  }

  #fill(next: number): Filling {
    const state: Filling = { is: 'filling', waited: 0 };
    this.#next = next;
    this.#state = state;
    return state;
  }

  /** Goes on at a later position, as too much is in store. */
  #skip(at: number): void {
    this.#buffer.dropBefore(at);
    if (at <= this.#next || this.#state.is === 'filling') return;
    this.counters.removedSamplesForAcceleration += at - this.#next;
    this.#next = at;
    this.#level = this.#stored(at);
  }

  #stored(from: number): number {
    const end = this.#buffer.end;
    return end === null ? 0 : end - from;
  }

  #samples(ms: number): number {
    return (ms * RATE) / 1_000;
  }

  #measure(out: Float32Array): void {
    const { counters } = this;
    let energy = 0;
    let peak = 0;
    for (const sample of out) {
      // As 16-bit samples, like a browser: a decoder's silence is not quite nought.
      const level = Math.trunc(sample * 32_768) / 32_768;
      energy += level * level;
      peak = Math.max(peak, Math.abs(level));
    }
    counters.totalSamplesReceived += out.length;
    counters.totalSamplesDuration += out.length / RATE;
    counters.totalAudioEnergy += energy / RATE;
    // Falls to half in some 90 ms, so that a reading a second still meets the voice.
    counters.audioLevel = Math.min(1, Math.max(peak, counters.audioLevel * 0.98));
  }
}
