import { expect, test } from 'vitest';

import { sinceClick } from './steps.ts';
import { table } from './table.ts';

// Guards: what people read is what was measured.

test('sides stand beside each other, with the quotient where it says something', () => {
  const columns = [{ name: 'landline', figures: { fps: 30, ms: 4 } }, { name: 'baseline', figures: { fps: 15, ms: NaN } }];
  const text = table('4 people', columns, [{ name: 'pictures', field: 'fps', digits: 1, ratio: true }, { name: 'time', field: 'ms', digits: 2 }]);
  expect(text.split('\n')).toEqual([
    '4 people  landline  baseline  ratio',
    'pictures      30.0      15.0   2.00',
    'time          4.00         -',
  ]);
});

test('one side alone has no quotient', () => {
  const text = table('bots', [{ name: 'landline', figures: { fps: 30 } }], [{ name: 'pictures', field: 'fps', digits: 0, ratio: true }]);
  expect(text.split('\n')).toEqual(['bots      landline', 'pictures        30']);
});

test('of each step of a join the first one after the click counts', () => {
  const marks = [
    { step: 'socket made', at: 90 },
    { step: 'clicked', at: 100 },
    { step: 'link made', at: 130 },
    { step: 'link made', at: 150 },
    { step: 'received', at: 120 },
  ];
  expect(sinceClick(marks, 100)).toEqual({ clicked: 0, 'link made': 30, received: 20 });
});
