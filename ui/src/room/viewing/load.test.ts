import { expect, test } from 'vitest';

import { between, countersOf, type LinkLoad } from '../../rtc/send/readings.ts';
import type { Source } from '../../rtc/source.ts';
import { sendingBudget, viewingBudget } from './budget.ts';
import { FULL, LEVELS } from './governor.ts';
import { loadOf as loadWith } from './load.ts';

/** Guards that the governor hears of our own trouble, and not of the network's or of somebody else's. */

const STILL: LinkLoad = { seconds: 1, estimate: null, packetsSent: 0, bytesSent: 0, sendDelay: 0, bandwidthLimited: 0, cpuLimited: 0, encodeTime: 0, framesEncoded: 0, framesReceived: 0, framesDecoded: 0, framesDropped: 0, freezes: 0, packetsLost: 0 };
const link = (more: Partial<LinkLoad>): LinkLoad => ({ ...STILL, framesReceived: 30, framesDecoded: 30, ...more });
const loadOf = (links: ReadonlyMap<string, LinkLoad>, known: ReadonlySet<string>, cores: number, shown = { frames: 0, dropped: 0 }): ReturnType<typeof loadWith> => loadWith(links, known, cores, shown);
const steady = new Set(['a', 'b', 'c']);

test('frames that are dropped without loss are late, those of a lossy or new link are not', () => {
  expect(loadOf(new Map([['a', link({ framesDropped: 6 })]]), steady, 2).lateFrames).toBeCloseTo(0.2);
  expect(loadOf(new Map([['a', link({ framesDropped: 6, packetsLost: 3 })], ['b', link({})]]), steady, 2).lateFrames).toBe(0);
  expect(loadOf(new Map([['new', link({ framesDropped: 6 })]]), steady, 2).lateFrames).toBeNull();
});

test('frames that came and were never on the screen are late too', () => {
  const links = new Map([['a', link({ framesDropped: 3 })]]);
  expect(loadOf(links, steady, 2, { frames: 100, dropped: 25 }).lateFrames).toBeCloseTo(0.35);
  expect(loadOf(links, steady, 2, { frames: 4, dropped: 4 }).lateFrames).toBeCloseTo(0.1);
});

test('a picture that comes back after a pause did not freeze', () => {
  const frozen = link({ freezes: 1 });
  expect(loadOf(new Map([['new', frozen], ['a', frozen], ['b', link({ freezes: 1, packetsLost: 1 })]]), steady, 2)).toMatchObject({ frozenLinks: 1, links: 3 });
});

test('encoders count by the one that is slowest, and by all of them together', () => {
  const encoding = (time: number): LinkLoad => link({ encodeTime: time, framesEncoded: 30 });
  expect(loadOf(new Map([['a', encoding(0.9)]]), steady, 8).encoderBusy).toBeCloseTo(0.9);
  expect(loadOf(new Map([['a', encoding(0.6)], ['b', encoding(0.6)], ['c', encoding(0.6)]]), steady, 2).encoderBusy).toBeCloseTo(0.9);
  expect(loadOf(new Map([['a', link({ cpuLimited: 0.9 })]]), steady, 2).limitedByCpu).toBe(true);
  expect(loadOf(new Map([['a', link({ cpuLimited: 0.3 })]]), steady, 2).limitedByCpu).toBe(false);
});

test('counters of a report are those of pictures, and of the path that is used', () => {
  const report: [string, object][] = [
    ['1', { type: 'candidate-pair', nominated: true, state: 'succeeded', availableOutgoingBitrate: 700 }],
    ['2', { type: 'candidate-pair', nominated: false, state: 'waiting', availableOutgoingBitrate: 9 }],
    ['3', { type: 'outbound-rtp', kind: 'video', mid: '1', packetsSent: 5, totalEncodeTime: 2 }],
    ['4', { type: 'outbound-rtp', kind: 'audio', mid: '0', packetsSent: 50 }],
    ['5', { type: 'inbound-rtp', kind: 'video', mid: '1', framesReceived: 7, freezeCount: 1 }],
    ['6', { type: 'inbound-rtp', kind: 'video', mid: 'unknown', framesReceived: 70 }],
    ['7', { type: 'transport', selectedCandidatePairId: '1' }],
  ];
  const sources = new Map<string, Source>([['0', 'microphone'], ['1', 'camera']]);
  const counters = countersOf(report, sources, 1_000);
  expect(counters).toMatchObject({ estimate: 700, packetsSent: 5, encodeTime: 2, framesReceived: 7, freezes: 1 });
  const later = countersOf([['5', { type: 'inbound-rtp', kind: 'video', mid: '1', framesReceived: 3 }]], sources, 3_000);
  // Another stream began to count anew.
  expect(between(counters, later)).toMatchObject({ seconds: 2, framesReceived: 0, estimate: null });
});

test('budgets follow the cores; a governor takes from what is sent of a face, and leaves the least', () => {
  const range = { wanted: 20_000_000, least: 1_000_000 };
  expect(viewingBudget(2).pictures).toBe(12);
  expect(viewingBudget(Number.NaN)).toEqual(viewingBudget(2));
  expect(viewingBudget(64).pictures).toBe(32);
  expect(sendingBudget(2, FULL, range).pixels).toBe(60_000_000);
  expect(sendingBudget(2, FULL, { ...range, least: 70_000_000 }).pixels).toBe(70_000_000);
  expect(sendingBudget(2, FULL, range).face).toEqual({ height: 2160, framesPerSecond: 30 });
  expect(sendingBudget(2, LEVELS.at(-1) ?? FULL, range).face).toEqual({ height: 240, framesPerSecond: 10 });
});
