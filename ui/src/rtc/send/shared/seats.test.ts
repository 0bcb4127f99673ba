import { expect, test } from 'vitest';

import { Seats } from './seats.ts';

test('a rendition that nobody gets is not in use', () => {
  const seats = new Seats();
  expect(seats.uses('large')).toBe(false);
  seats.assign(1, { to: 'fed', rendition: 'large', by: 'copies' });
  seats.assign(2, { to: 'fed', rendition: 'large', by: 'copies' });
  expect([seats.uses('large'), seats.uses('small')]).toEqual([true, false]);
  seats.assign(1, { to: 'paused' });
  seats.remove(2);
  expect(seats.uses('large')).toBe(false);
});

test('a link that changes uses both until it has the new one', () => {
  const seats = new Seats();
  seats.assign(1, { to: 'fed', rendition: 'large', by: 'copies' });
  seats.assign(1, { to: 'fed', rendition: 'small', by: 'copies' });
  expect([seats.uses('large'), seats.uses('small')]).toEqual([true, true]);
  seats.switched(1, 'small');
  expect([seats.uses('large'), seats.uses('small')]).toEqual([false, true]);
});
