import { expect, test } from 'vitest';
import { Loudness, type Tells } from './loudness.ts';

const telling = (...sources: { audioLevel?: number; rtpTimestamp: number }[]): Tells => ({
  getSynchronizationSources: () => sources.map((source) => ({ source: 1, timestamp: 0, ...source })),
});

test('the newest packet says it, once', () => {
  const loudness = new Loudness();
  expect(loudness.read(telling({ audioLevel: 0.5, rtpTimestamp: 960 }))).toBe(0.5);
  expect(loudness.read(telling({ audioLevel: 0.5, rtpTimestamp: 960 }))).toBe(0);
  expect(loudness.read(telling({ audioLevel: 0.25, rtpTimestamp: 1920 }))).toBe(0.25);
});

test('without a receiver or a packet it is silent', () => {
  expect(new Loudness().read(null)).toBe(0);
  expect(new Loudness().read(telling())).toBe(0);
});

test('packets that do not tell are known as such', () => {
  expect(new Loudness().read(telling({ rtpTimestamp: 960 }))).toBeNull();
  expect(new Loudness().read({})).toBeNull();
});
