import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { delayBetween, seeded, simulate, voice, type Heard } from './simulation.ts';

const share = ({ counters }: Heard): number => counters.concealedSamples / counters.totalSamplesReceived;
const lastDelay = ({ each }: Heard): number => delayBetween(each.at(-3), each.at(-1) ?? raise());
const raise = (): never => {
  throw new Error('nothing was played');
};

/** The largest step between neighbouring samples: clicks. */
function largestStep(sound: Float32Array): number {
  let largest = 0;
  for (let index = 1; index < sound.length; index += 1) largest = Math.max(largest, Math.abs((sound[index] ?? 0) - (sound[index - 1] ?? 0)));
  return largest;
}
const VOICE_STEP = largestStep(Float32Array.from({ length: 48_000 }, (_, at) => voice(at)));

describe('the jitter buffer', () => {
  it('on a quiet network keeps less than 40 ms and conceals nothing', () => {
    const random = seeded(1);
    const heard = simulate({ packets: 1_000, delay: () => 1 + 2 * random() });
    expect(heard.counters.concealedSamples).toBe(0);
    expect(lastDelay(heard)).toBeLessThan(40);
    expect(heard.target).toBeLessThanOrEqual(40);
  });

  it('plays what was said, sample by sample, once it has settled', () => {
    const heard = simulate({ packets: 500, delay: () => 1 });
    const tail = heard.sound.subarray(-9_600);
    let smallest = Infinity;
    for (let at = 500 * 960 - 9_600 - 4_800; at <= 500 * 960 - 9_600; at += 1) {
      let difference = 0;
      for (let index = 0; index < 480; index += 1) difference += Math.abs((tail[index] ?? 0) - voice(at + index));
      smallest = Math.min(smallest, difference);
    }
    expect(smallest).toBeLessThan(0.001);
  });

  it('waits longer where packets come unevenly, and then loses few', () => {
    const random = seeded(2);
    const heard = simulate({ packets: 1_500, delay: () => 60 * random() });
    const settled = heard.each.slice(10);
    const first = settled[0] ?? raise();
    const last = settled.at(-1) ?? raise();
    expect((last.concealedSamples - first.concealedSamples) / (last.totalSamplesReceived - first.totalSamplesReceived)).toBeLessThan(0.01);
    expect(lastDelay(heard)).toBeGreaterThan(40);
    expect(lastDelay(heard)).toBeLessThan(130);
  });

  it('comes back down when the network calms', () => {
    const random = seeded(3);
    const heard = simulate({ packets: 2_500, delay: (index) => (index < 500 ? 80 * random() : 2) });
    expect(lastDelay(heard)).toBeLessThan(45);
    expect(heard.counters.removedSamplesForAcceleration).toBeGreaterThan(0);
  });

  it('conceals about what is lost, and no more', () => {
    const random = seeded(4);
    const lost = Array.from({ length: 2_000 }, () => random() < 0.05);
    const heard = simulate({ packets: 2_000, delay: (index) => (lost[index] === true ? null : 2 + 3 * random()) });
    const expected = lost.filter(Boolean).length / 2_000;
    expect(share(heard)).toBeGreaterThan(expected * 0.7);
    expect(share(heard)).toBeLessThan(expected * 1.2);
    expect(heard.counters.concealmentEvents).toBeGreaterThan(60);
    expect(heard.counters.silentConcealedSamples).toBe(0);
  });

  it('waits for repairs when they come often', () => {
    const random = seeded(5);
    const repaired = Array.from({ length: 3_000 }, () => random() < 0.08);
    const heard = simulate({ packets: 3_000, delay: (index) => (repaired[index] === true ? 80 : 2) });
    const before = heard.each[29] ?? raise();
    const after = heard.each.at(-1) ?? raise();
    expect((after.concealedSamples - before.concealedSamples) / 48_000 / (heard.each.length - 30)).toBeLessThan(0.01);
  });

  it('makes no clicks, neither by concealing nor by stretching', () => {
    const random = seeded(6);
    const heard = simulate({ packets: 1_000, delay: () => (random() < 0.06 ? null : 30 * random()) });
    expect(largestStep(heard.sound)).toBeLessThan(4 * VOICE_STEP);
  });

  it('follows a sender whose clock runs faster or slower', () => {
    for (const drift of [1.001, 0.999]) {
      const heard = simulate({ packets: 6_000, delay: () => 2, drift });
      expect(share(heard)).toBeLessThan(0.005);
      expect(lastDelay(heard)).toBeGreaterThan(5);
      expect(lastDelay(heard)).toBeLessThan(60);
    }
  });

  it('is silent while the sender pauses, counts that as silence, and goes on at once', () => {
    const heard = simulate({ packets: 600, delay: () => 2, sends: (index) => index < 200 || index >= 400 });
    const { concealedSamples, silentConcealedSamples, concealmentEvents } = heard.counters;
    expect(concealmentEvents).toBe(1);
    expect(concealedSamples - silentConcealedSamples).toBeLessThan(0.1 * 48_000);
    expect(silentConcealedSamples).toBeGreaterThan(3.8 * 48_000);
    expect(lastDelay(heard)).toBeLessThan(60);
    const pause = heard.sound.subarray(4.5 * 48_000, 7.5 * 48_000);
    expect(pause.every((sample) => sample === 0)).toBe(true);
  });

  it('survives a stall of the network and is soon near the present again', () => {
    const heard = simulate({ packets: 1_500, delay: (index) => (index >= 300 && index < 320 ? 2 + (320 - index) * 20 : 2) });
    expect(lastDelay(heard)).toBeLessThan(60);
    expect(share(heard)).toBeLessThan(0.03);
  });

  it('does not mind where timestamps wrap', () => {
    const plain = simulate({ packets: 300, delay: () => 2 });
    const wrapping = simulate({ packets: 300, delay: () => 2, start: 2 ** 32 - 100 * 960 });
    expect(wrapping.counters).toEqual(plain.counters);
  });

  it('stays bounded, finite and in step with its device on any network', () => {
    const packets = fc.array(fc.option(fc.integer({ min: 0, max: 700 }), { freq: 6 }), { minLength: 30, maxLength: 200 });
    fc.assert(
      fc.property(packets, fc.double({ min: 0.98, max: 1.02, noNaN: true }), (delays, drift) => {
        const heard = simulate({ packets: delays.length, delay: (index) => delays[index] ?? null, drift });
        expect(heard.sound.every((sample) => Number.isFinite(sample) && Math.abs(sample) <= 1)).toBe(true);
        const { counters, each } = heard;
        expect(counters.concealedSamples).toBeGreaterThanOrEqual(counters.silentConcealedSamples);
        expect(heard.target).toBeLessThanOrEqual(400);
        for (const later of each) expect(delayBetween(undefined, later) || 0).toBeLessThan(1_100);
        const played = counters.jitterBufferEmittedCount + counters.concealedSamples;
        const stretched = counters.insertedSamplesForDeceleration - counters.removedSamplesForAcceleration;
        // What was skipped is counted as removed and was never played, so the device got at least this much from us.
        expect(played + stretched).toBeLessThanOrEqual(counters.totalSamplesReceived + 2_000);
      }),
      { numRuns: 60 },
    );
  });
});
