import { expect, test } from 'vitest';

import { Moves } from './moves.ts';

const at = (host: string, successor: string | undefined, outcome: 'new' | 'restored' = 'restored'): Parameters<Moves['joined']>[0] => ({
  host,
  outcome,
  ...(successor === undefined ? {} : { successor }),
});

test('who hosts now is said once, with the link that was told beforehand', () => {
  const moves = new Moves();
  moves.joined(at('Ana', undefined, 'new'));
  moves.told('https://ben/');
  expect(moves.shown()).toEqual({ moved: null, movedLink: null });
  moves.joined(at('Ana', 'https://ben/'));
  expect(moves.shown().moved).toBeNull();
  moves.joined(at('Ben', 'https://cyd/'));
  expect(moves.shown()).toEqual({ moved: { host: 'Ben', link: 'https://ben/' }, movedLink: 'https://ben/' });
  moves.dismiss();
  expect(moves.shown()).toEqual({ moved: null, movedLink: 'https://ben/' });
  moves.joined(at('Cyd', undefined));
  expect(moves.shown().moved).toEqual({ host: 'Cyd', link: 'https://cyd/' });
});

test('what is no link is none, and a host that hosts again is no news', () => {
  const moves = new Moves();
  moves.joined(at('Ana', 'javascript:alert(1)', 'new'));
  moves.joined(at('Ana', undefined));
  expect(moves.shown().moved).toBeNull();
  moves.joined(at('Ben', undefined));
  expect(moves.shown().moved).toEqual({ host: 'Ben', link: null });
});
