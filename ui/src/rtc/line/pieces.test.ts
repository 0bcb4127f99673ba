import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { MESSAGE_BYTES } from '../../protocol/limits.ts';
import { Assembly, cut, PIECE_BYTES, type Kind, type Taken } from './pieces.ts';

/** Guards what comes from another participant byte by byte: nothing of it may cost more than one message, or come out as another. */

function putTogether(pieces: readonly Uint8Array[]): Taken[] {
  const assembly = new Assembly();
  return pieces.map((piece) => assembly.take(piece));
}

const kinds = fc.constantFrom<Kind>('envelope', 'frame');

describe('a message', () => {
  test('comes out as it went in, whatever it is and however long', () => {
    const texts = fc.tuple(fc.string({ unit: 'grapheme', maxLength: 40 }), fc.integer({ min: 1, max: 2_000 })).map(([text, times]) => text.repeat(times));
    fc.assert(
      fc.property(fc.array(fc.tuple(kinds, texts), { maxLength: 4 }), (messages) => {
        const assembly = new Assembly();
        const fitting = messages.flatMap(([kind, text]) => {
          const pieces = cut(kind, text);
          return pieces === null ? [] : [{ kind, text, pieces }];
        });
        for (const { kind, text, pieces } of fitting) {
          const taken = pieces.map((piece) => assembly.take(piece));
          expect(taken.slice(0, -1).every(({ is }) => is === 'more')).toBe(true);
          expect(taken.at(-1)).toEqual({ is: 'whole', whole: { kind, text } });
        }
      }),
      { numRuns: 60 },
    );
  });

  test('of the largest size takes pieces of at most 16 KiB, and one byte more is refused', () => {
    const pieces = cut('frame', 'x'.repeat(MESSAGE_BYTES)) ?? [];
    expect(pieces).toHaveLength(17);
    expect(Math.max(...pieces.map(({ length }) => length))).toBe(PIECE_BYTES);
    expect(putTogether(pieces).at(-1)).toMatchObject({ is: 'whole' });
    expect(cut('frame', 'x'.repeat(MESSAGE_BYTES + 1))).toBeNull();
    expect(cut('envelope', 'ä'.repeat(MESSAGE_BYTES / 2 + 1))).toBeNull();
  });

  test('that fits exactly is one piece, and so is an empty one', () => {
    expect(cut('envelope', 'x'.repeat(PIECE_BYTES - 1))).toHaveLength(1);
    expect(cut('envelope', 'x'.repeat(PIECE_BYTES))).toHaveLength(2);
    expect(putTogether(cut('envelope', '') ?? [])).toEqual([{ is: 'whole', whole: { kind: 'envelope', text: '' } }]);
  });
});

describe('pieces that nobody cuts', () => {
  const piece = (flags: number, length = 2): Uint8Array => new Uint8Array(1 + length).fill(65).fill(flags, 0, 1);

  test.each([
    ['nothing at all', [new Uint8Array(0)]],
    ['an unknown kind', [piece(4)]],
    ['too large', [piece(1, PIECE_BYTES)]],
    ['another kind in the middle', [piece(0), piece(3)]],
    ['one that says nothing and goes on', [piece(0, 0)]],
    ['half a letter at the end', [Uint8Array.of(1, 0xc3)]],
  ])('%s: malformed', (_, pieces) => {
    expect(putTogether(pieces).at(-1)).toMatchObject({ is: 'malformed' });
  });

  test('that never end cost one message', () => {
    const assembly = new Assembly();
    let taken = 0;
    while (assembly.take(piece(0, PIECE_BYTES - 1)).is === 'more') taken += 1;
    expect(taken * (PIECE_BYTES - 1)).toBeLessThanOrEqual(MESSAGE_BYTES);
    expect(taken).toBeGreaterThan(10);
  });

  test('of any bytes never throw', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 64 }), { maxLength: 8 }), (pieces) => {
        putTogether(pieces);
      }),
    );
  });
});
