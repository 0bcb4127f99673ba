import { expect, test } from 'vitest';

import { pictureHeight } from './picture.ts';

/** Guards that what is asked of others is as large as what is drawn. */

const box = { width: 400, height: 300 };

test('a face that covers its tile is as high as the tile, or higher where its sides would not reach', () => {
  expect(pictureHeight(box, 16 / 9, 'cover', 1)).toBe(300);
  expect(pictureHeight({ width: 400, height: 200 }, 4 / 3, 'cover', 1)).toBe(300);
});

test('a screen that is fitted in is only as high as its width allows', () => {
  expect(pictureHeight(box, 16 / 9, 'contain', 1)).toBe(225);
  expect(pictureHeight({ width: 900, height: 300 }, 16 / 9, 'contain', 1)).toBe(300);
});

test('dense displays show more pixels', () => {
  expect(pictureHeight(box, 16 / 9, 'cover', 1.5)).toBe(450);
});

test('a box without room shows nothing, and an unknown shape is the usual one', () => {
  expect(pictureHeight({ width: 0, height: 300 }, 16 / 9, 'cover', 1)).toBe(0);
  expect(pictureHeight(box, Number.NaN, 'contain', 1)).toBe(225);
  expect(pictureHeight(box, 0, 'contain', 1)).toBe(225);
});
