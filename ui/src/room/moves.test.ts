import { expect, test } from 'vitest';

import { Moves } from './moves.ts';

const at = (host: string, successor: string | undefined, role: 'host' | 'participant' = 'participant', outcome: 'new' | 'restored' = 'restored'): Parameters<Moves['joined']>[0] => ({
  host,
  role,
  outcome,
  ...(successor === undefined ? {} : { successor }),
});

test('who hosts now is said once, with the link that was told beforehand', () => {
  const moves = new Moves();
  moves.joined(at('Ana', undefined, 'participant', 'new'));
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

test('whoever hosts itself is told so, and what is no link is none', () => {
  const moves = new Moves();
  moves.joined(at('Ana', 'javascript:alert(1)', 'participant', 'new'));
  moves.joined(at('Ben', undefined, 'host'));
  expect(moves.shown().moved).toEqual({ host: null, link: null });
});
