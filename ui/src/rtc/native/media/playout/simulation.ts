import { Playout, type PlayoutCounters } from './playout.ts';

/** A sender, a network and a sound device for tests of the jitter buffer; seeded, without a clock of its own. */

export interface Network {
  /** Milliseconds that packet `index` takes; null: it is lost. */
  delay: (index: number) => number | null;
  packets: number;
  /** Samples of the sender's clock in one of ours. */
  drift?: number;
  /** Sent at all. */
  sends?: (index: number) => boolean;
  /** RTP timestamp of the first packet. */
  start?: number;
}

const PACKET = 960;
const BLOCK = 128;

/** A voice, nearly: 140 Hz with harmonics, in syllables of a third of a second. */
export function voice(at: number): number {
  return SECOND[at % 48_000] ?? 0;
}

/** All of it repeats each second. */
const SECOND = Float32Array.from({ length: 48_000 }, (_, at) => {
  const loudness = 0.5 - 0.5 * Math.cos((2 * Math.PI * at) / 16_000);
  let sound = 0;
  for (let harmonic = 1; harmonic <= 5; harmonic += 1) sound += Math.sin((2 * Math.PI * 140 * harmonic * at) / 48_000) / harmonic;
  return 0.2 * loudness * sound;
});

export interface Heard {
  sound: Float32Array;
  counters: PlayoutCounters;
  target: number;
  /** Counters each time so many seconds were played. */
  each: PlayoutCounters[];
}

export function simulate(network: Network): Heard {
  const playout = new Playout();
  const drift = network.drift ?? 1;
  const coming = Array.from({ length: network.packets }, (_, index) => {
    const delay = network.sends?.(index) === false ? null : network.delay(index);
    // A packet leaves when its last sample was spoken.
    return { index, at: delay === null ? null : ((index + 1) * PACKET) / drift + delay * 48 };
  })
    .flatMap(({ index, at }) => (at === null ? [] : [{ index, at }]))
    .sort((a, b) => a.at - b.at);
  const blocks = Math.floor((network.packets * PACKET) / drift / BLOCK);
  const sound = new Float32Array(blocks * BLOCK);
  const each: PlayoutCounters[] = [];
  let next = 0;
  for (let block = 0; block < blocks; block += 1) {
    for (let packet = coming[next]; packet !== undefined && packet.at <= block * BLOCK; packet = coming[next]) {
      const { index } = packet;
      const samples = Float32Array.from({ length: PACKET }, (_, sample) => voice(index * PACKET + sample));
      playout.packet(((network.start ?? 0) + index * PACKET) >>> 0, samples, 0, 0);
      next += 1;
    }
    playout.pull(sound.subarray(block * BLOCK, (block + 1) * BLOCK));
    if (block % 375 === 374) each.push({ ...playout.counters });
  }
  return { sound, counters: playout.counters, target: playout.target, each };
}

/** Mean time in the buffer between two readings, milliseconds. */
export function delayBetween(before: PlayoutCounters | undefined, after: PlayoutCounters): number {
  const seconds = after.jitterBufferDelay - (before?.jitterBufferDelay ?? 0);
  return (1_000 * seconds) / (after.jitterBufferEmittedCount - (before?.jitterBufferEmittedCount ?? 0));
}

/** Numbers in 0…1 that are the same each time. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
