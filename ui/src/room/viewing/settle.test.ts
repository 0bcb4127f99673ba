import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { VIEW_HEIGHTS } from '../../rtc/send/plan.ts';
import { NOTHING_SHOWN, see, settle, stepFor, type Settled } from './settle.ts';

/** Guards that senders hear of sizes neither late nor all the time. */

describe('the step of a picture', () => {
  test('between two is the larger one', () => {
    expect([1, 90, 91, 180, 300, 720, 5_000].map((pixels) => stepFor(pixels, 0))).toEqual([90, 90, 180, 180, 360, 720, 2160]);
  });

  test('is none for a picture without pixels', () => {
    expect([0, -1, Number.NaN].map((pixels) => stepFor(pixels, 360))).toEqual([0, 0, 0]);
  });

  test('stays for a picture that is a little larger or smaller', () => {
    expect(stepFor(370, 360)).toBe(360);
    expect(stepFor(380, 360)).toBe(540);
    expect(stepFor(268, 360)).toBe(360);
    expect(stepFor(215, 360)).toBe(240);
  });

  test('does not flap: of two sizes side by side at most one changes it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3_000 }), fc.constantFrom(...VIEW_HEIGHTS), (pixels, before) => {
        const first = stepFor(pixels, before);
        const second = stepFor(pixels + 2, first);
        expect(stepFor(pixels, second)).toBe(second);
      }),
    );
  });
});

describe('a size', () => {
  const shown = (height: number): Settled => ({ height, next: null });

  test('that comes is asked for at once', () => {
    expect(see(NOTHING_SHOWN, 300, 0)).toEqual(shown(360));
  });

  test('that grows is asked for after 150 ms, also while it goes on growing', () => {
    let settled = see(shown(180), 300, 0);
    expect(settle(settled, 149).height).toBe(180);
    settled = see(settled, 500, 140);
    expect(settle(settled, 150)).toEqual(shown(540));
  });

  test('of nothing is asked for within 300 ms, and not if the picture is back before', () => {
    const gone = see(shown(360), 0, 0);
    expect(settle(gone, 200).height).toBe(360);
    expect(settle(gone, 300)).toEqual(shown(0));
    expect(see(gone, 350, 100)).toEqual(shown(360));
  });
});
