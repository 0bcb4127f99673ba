import { expect, it } from 'vitest';

import { ManualTime } from '../../../../shared/manual-time.ts';
import { Rounds } from './rounds.ts';

function clocked(): { time: ManualTime; rounds: Rounds; drawnAt: number[] } {
  const time = new ManualTime();
  const drawnAt: number[] = [];
  const rounds = new Rounds(() => drawnAt.push(time.now()), time.now, time.setTimer);
  return { time, rounds, drawnAt };
}

/** One source that gives a picture every 33 ms from `phase` on, for 330 ms. */
async function run(time: ManualTime, sources: readonly (readonly [phase: number, come: () => void])[]): Promise<void> {
  for (let ms = 0; ms < 330; ms += 1) {
    for (const [phase, come] of sources) if (ms % 33 === phase) come();
    await time.advance(1);
  }
}

it('one source is drawn as it comes', async () => {
  const { time, rounds, drawnAt } = clocked();
  await run(time, [[0, () => { rounds.come('other'); }]]);
  expect(drawnAt).toEqual([0, 33, 66, 99, 132, 165, 198, 231, 264, 297]);
});

it('eight sources out of step are drawn together', async () => {
  const { time, rounds, drawnAt } = clocked();
  await run(time, [0, 4, 8, 12, 16, 20, 24, 28].map((phase) => [phase, () => { rounds.come('other'); }] as const));
  expect(drawnAt.length).toBeLessThanOrEqual(12);
});

it('the own picture goes with that of the other', async () => {
  const { time, rounds, drawnAt } = clocked();
  await run(time, [[0, () => { rounds.come('other'); }], [20, () => { rounds.come('own'); }]]);
  expect(drawnAt).toEqual([0, 33, 66, 99, 132, 165, 198, 231, 264, 297]);
});

it('alone it is drawn by itself, and what came last is drawn in any case', async () => {
  const { time, rounds, drawnAt } = clocked();
  rounds.come('own');
  await time.advance(10);
  rounds.come('own');
  await time.advance(1_000);
  expect(drawnAt).toEqual([0, 40]);
});

it('a picture from others does not wait for the own one', async () => {
  const { time, rounds, drawnAt } = clocked();
  rounds.come('own');
  await time.advance(10);
  rounds.come('own');
  rounds.come('other');
  await time.advance(1_000);
  expect(drawnAt).toEqual([0, 28]);
});
