import fc from 'fast-check';
import { expect, test } from 'vitest';

import { LineSplitter } from './lines.ts';

/** Cuts bytes at arbitrary places, also within a character. */
function cut(bytes: Uint8Array, places: number[]): Uint8Array[] {
  const at = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
  return [...at, bytes.length].map((end, index) => bytes.slice(index === 0 ? 0 : at[index - 1], end));
}

test('lines come out whole and in order wherever the network cut them', () => {
  const line = fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => !/[\r\n]/.test(text));
  fc.assert(
    fc.property(fc.array(line), fc.array(fc.nat()), fc.constantFrom('\n', '\r\n', '\n\n'), (lines, places, ending) => {
      const bytes = new TextEncoder().encode(lines.map((text) => text + ending).join(''));
      const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
      const splitter = new LineSplitter(1_000);
      const out = cut(bytes, places).flatMap((chunk) => splitter.push(decoder.decode(chunk, { stream: true })) ?? ['!']);
      expect(out).toEqual(lines);
    }),
  );
});

test('a line without end is refused before it fills the memory', () => {
  const splitter = new LineSplitter(10);
  expect(splitter.push('12345')).toEqual([]);
  expect(splitter.push('678901')).toBeNull();
});

test('a line is held until it ends', () => {
  const splitter = new LineSplitter(10);
  expect(splitter.push('{"a"')).toEqual([]);
  expect(splitter.push(':1}\n{')).toEqual(['{"a":1}']);
});
