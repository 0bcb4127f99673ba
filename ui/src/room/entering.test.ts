import { expect, test } from 'vitest';

import { ManualTime } from '../shared/manual-time.ts';
import { Entering } from './entering.ts';

/** Guards that a room is drawn when it does not hold anything up, and in any case soon. */

function scene(): { entering: Entering; time: ManualTime; drawn: () => Promise<boolean> } {
  const time = new ManualTime();
  const entering = new Entering(time.setTimer);
  let drawn = false;
  void entering.done.then(() => (drawn = true));
  return {
    entering,
    time,
    drawn: async () => {
      await time.settle();
      return drawn;
    },
  };
}

test('whoever comes first sees the room at once', async () => {
  const { entering, drawn, time } = scene();
  expect(await drawn()).toBe(false);
  entering.joined([]);
  expect(await drawn()).toBe(true);
  expect(time.pending).toBe(0);
});

test('else when all who were there are answered and told where we are, in whatever order that is heard of', async () => {
  const { entering, drawn, time } = scene();
  entering.answered('b');
  entering.joined(['a', 'b']);
  entering.answered('a');
  entering.addressed('a');
  await time.advance(10);
  expect(await drawn()).toBe(false);
  entering.addressed('b');
  expect(await drawn()).toBe(false);
  await time.advance(5);
  expect(await drawn()).toBe(true);
  // Links that are made anew later are nothing to it.
  entering.answered('a');
  entering.addressed('a');
  expect(time.pending).toBe(0);
});

test('whoever does not offer holds nobody up for long', async () => {
  const { entering, drawn, time } = scene();
  entering.joined(['a']);
  await time.advance(149);
  expect(await drawn()).toBe(false);
  await time.advance(1);
  expect(await drawn()).toBe(true);
});

test('at the door there is nothing to wait for', async () => {
  const { entering, drawn } = scene();
  entering.end();
  expect(await drawn()).toBe(true);
});
