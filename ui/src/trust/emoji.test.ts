import { expect, it } from 'vitest';
import { EMOJI, emojiOf } from './emoji.ts';

it('has 64 pictures, each one code point that needs no selector', () => {
  expect(EMOJI).toHaveLength(64);
  for (const { emoji } of EMOJI) expect(emoji).toMatch(/^\p{Emoji_Presentation}$/u);
});

it('has no people, no flags and nothing that takes a skin tone', () => {
  for (const { emoji } of EMOJI) expect(emoji).not.toMatch(/\p{Emoji_Modifier_Base}|\p{Regional_Indicator}/u);
});

it('has nothing newer than Unicode 11', () => {
  // The blocks of pictures, less what came into them later.
  const old = (point: number): boolean =>
    point <= 0x1f6d2 ||
    (point >= 0x1f6e0 && point <= 0x1f6f9) ||
    (point >= 0x1f910 && point <= 0x1f93e) ||
    (point >= 0x1f940 && point <= 0x1f970) ||
    (point >= 0x1f980 && point <= 0x1f9a2) ||
    point === 0x1f9f2;
  for (const { emoji } of EMOJI) expect(old(emoji.codePointAt(0) ?? 0), emoji).toBe(true);
});

it('names each by its own name in each language', () => {
  const distinct = (values: string[]): number => new Set(values).size;
  expect(distinct(EMOJI.map(({ emoji }) => emoji))).toBe(64);
  expect(distinct(EMOJI.map(({ names }) => names.en))).toBe(64);
  expect(distinct(EMOJI.map(({ names }) => names['zh-CN']))).toBe(64);
});

it('gives the pictures of a code', () => {
  expect(emojiOf([0, 63, 22, 22, 1]).map(({ names }) => names.en)).toEqual(['cat', 'anchor', 'star', 'star', 'lion']);
});
