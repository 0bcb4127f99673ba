import { expect, it } from 'vitest';

import { opusSamples } from './opus.ts';

const samples = (configuration: number, code: number, ...rest: number[]): number =>
  opusSamples(Uint8Array.of((configuration << 3) | code, ...rest));

it('an Opus packet tells its length by configuration and number of frames', () => {
  expect([15, 31, 13, 9].map((configuration) => samples(configuration, 0))).toEqual([960, 960, 960, 960]);
  expect([16, 17, 18, 12].map((configuration) => samples(configuration, 0))).toEqual([120, 240, 480, 480]);
  expect(samples(11, 0)).toBe(2_880);
  expect(samples(15, 1)).toBe(1_920);
  expect(samples(18, 3, 0x86)).toBe(2_880);
});

it('a packet that cannot be read counts as 20 ms', () => {
  expect(opusSamples(new Uint8Array())).toBe(960);
  expect(samples(11, 3, 63)).toBe(960);
  expect(samples(11, 3)).toBe(960);
});
