import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { layersOf, sizeAt } from './layers.ts';

describe('layers of a source', () => {
  it('are the camera as it is, and what it is when halved, down to something that any link carries', () => {
    expect(layersOf(640, 480, 'motion').map(({ width, height }) => `${width}x${height}`)).toEqual(['640x480', '320x240', '160x120']);
    expect(layersOf(1280, 720, 'motion').map(({ width }) => width)).toEqual([1280, 640, 320]);
    expect(layersOf(320, 180, 'motion').map(({ width }) => width)).toEqual([320, 160]);
  });

  it('have a second one for slow links also if the source is very large', () => {
    expect(layersOf(3840, 2160, 'motion')[1]).toMatchObject({ width: 640, height: 360 });
  });

  it('are one where half of it would be no use', () => {
    expect(layersOf(160, 90, 'motion')).toHaveLength(1);
    expect(layersOf(1024, 768, 'detail')).toHaveLength(1);
  });

  it('of a screen stay readable', () => {
    expect(layersOf(2560, 1440, 'detail')[1]).toMatchObject({ width: 1280, height: 720 });
    expect(layersOf(1280, 720, 'detail').map(({ width }) => width)).toEqual([1280, 640]);
  });

  it('are encoded smaller where nobody wants them higher, in even sizes of the same shape', () => {
    const layer = { width: 640, height: 480 };
    expect([1_080, 480, 360, 271, 0].map((most) => sizeAt(layer, most))).toEqual([layer, layer, { width: 480, height: 360 }, { width: 362, height: 272 }, { width: 2, height: 2 }]);
    // An odd source stays as it is: only what is made smaller is made anew.
    expect(sizeAt({ width: 641, height: 481 }, 481)).toEqual({ width: 641, height: 481 });
  });

  it('have rates in order, for every size', () => {
    const side = fc.integer({ min: 16, max: 8_192 });
    fc.assert(
      fc.property(side, side, fc.constantFrom('motion' as const, 'detail' as const), (width, height, content) => {
        const layers = layersOf(width, height, content);
        for (const [index, layer] of layers.entries()) {
          expect(layer.minBitrate).toBeLessThan(layer.maxBitrate);
          const larger = layers[index - 1];
          if (!larger) continue;
          expect(layer.width * layer.height).toBeLessThan(larger.width * larger.height);
          expect(layer.minBitrate).toBeLessThanOrEqual(larger.minBitrate);
          expect(layer.maxBitrate).toBeLessThanOrEqual(larger.maxBitrate);
          expect((layer.width % 2) + (layer.height % 2)).toBe(0);
        }
      }),
    );
  });
});
