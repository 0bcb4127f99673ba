import { describe, expect, it } from 'vitest';
import { judge } from './generation.ts';
import type { Description } from './signals.ts';

const description = (part: Partial<Description>): Description => ({
  type: 'offer',
  sdp: 'v=0\r\no=- 77 1 IN IP4 0.0.0.0\r\n',
  id: '1',
  answers: null,
  link: 'b1',
  linkTo: null,
  sources: new Map(),
  ...part,
});

describe('judge', () => {
  it('takes the first description of any connection', () => {
    expect(judge({ own: 'a1', other: null }, description({}), false)).toBe('take');
  });

  it('takes what comes from the connection that it knows', () => {
    expect(judge({ own: 'a1', other: 'b1' }, description({ linkTo: 'a1' }), true)).toBe('take');
  });

  it('renews for an offer from a new connection, even while the old one works', () => {
    expect(judge({ own: 'a1', other: 'b1' }, description({ link: 'b2' }), true)).toBe('renew');
  });

  it('drops what is meant for an earlier connection of ours', () => {
    expect(judge({ own: 'a2', other: null }, description({ linkTo: 'a1' }), false)).toBe('drop');
    expect(judge({ own: 'a2', other: null }, description({ type: 'answer', linkTo: 'a1' }), false)).toBe('drop');
  });

  it('drops an answer from another connection than it offered to', () => {
    expect(judge({ own: 'a1', other: 'b1' }, description({ type: 'answer', link: 'b2' }), false)).toBe('drop');
  });

  it('takes a minimal client’s offers by session id, and leaves a link that works alone when it offers to somebody else', () => {
    const minimal = description({ link: null, id: null });
    expect(judge({ own: 'a1', other: null }, minimal, false)).toBe('take');
    expect(judge({ own: 'a1', other: 'session 77' }, minimal, true)).toBe('take');
    expect(judge({ own: 'a1', other: 'session 5' }, minimal, true)).toBe('drop');
    expect(judge({ own: 'a1', other: 'session 5' }, minimal, false)).toBe('renew');
  });

  it('looks at another answer of a minimal client as long as the first did not lead to a link', () => {
    const minimal = description({ type: 'answer', link: null, id: null });
    expect(judge({ own: 'a1', other: 'session 5' }, minimal, false)).toBe('take');
    expect(judge({ own: 'a1', other: 'session 5' }, minimal, true)).toBe('drop');
  });
});
