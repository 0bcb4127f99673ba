import { expect, it } from 'vitest';

import { Buffers } from './buffers.ts';

it('gives what it was given, by size', () => {
  const buffers = new Buffers();
  const [small, large] = [buffers.take(10), buffers.take(20)];
  buffers.give(small);
  buffers.give(large);
  expect(buffers.take(20)).toBe(large);
  expect(buffers.take(20)).not.toBe(large);
  expect(buffers.take(10)).toBe(small);
});

it('keeps no more than a room needs, and the newest', () => {
  const buffers = new Buffers();
  const given = Array.from({ length: 40 }, () => new ArrayBuffer(1024 * 1024));
  for (const buffer of given) buffers.give(buffer);
  const taken = given.map(({ byteLength }) => buffers.take(byteLength));
  expect(taken.filter((buffer) => given.includes(buffer))).toEqual(given.slice(-24));
});

it('does not keep what was handed to somebody else', () => {
  const buffers = new Buffers();
  const gone = new ArrayBuffer(8);
  structuredClone(gone, { transfer: [gone] });
  buffers.give(gone);
  expect(buffers.take(0)).not.toBe(gone);
});
