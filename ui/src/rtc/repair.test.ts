import { describe, expect, it } from 'vitest';
import { linkState } from './link-state.ts';
import { goneIn, repair, type Trouble } from './repair.ts';

const trouble = (part: Partial<Trouble>): Trouble => ({
  polite: false,
  connection: 'disconnected',
  wasConnected: true,
  restarted: false,
  rebuilds: 0,
  forMs: 0,
  ...part,
});

describe('repair', () => {
  it('leaves a link alone that works', () => {
    expect(repair(trouble({ connection: 'connected', forMs: 60_000 }))).toEqual({ is: 'nothing' });
  });

  it('restarts ICE a second after media were lost, the impolite side first', () => {
    expect(repair(trouble({}))).toEqual({ is: 'wait', ms: 1_000 });
    expect(repair(trouble({ forMs: 1_000 }))).toEqual({ is: 'restart-ice' });
    expect(repair(trouble({ forMs: 1_000, polite: true }))).toEqual({ is: 'wait', ms: 3_000 });
    expect(repair(trouble({ forMs: 4_000, polite: true }))).toEqual({ is: 'restart-ice' });
  });

  it('makes a new connection when a restart did not help within 15 seconds', () => {
    expect(repair(trouble({ restarted: true, forMs: 2_000 }))).toEqual({ is: 'wait', ms: 13_000 });
    expect(repair(trouble({ restarted: true, forMs: 15_000 }))).toEqual({ is: 'rebuild' });
  });

  it('makes a new connection when the first one never came about, with growing pauses', () => {
    const never = { connection: 'connecting', wasConnected: false } as const;
    const waits = [0, 1, 2, 3, 4, 5, 50].map((rebuilds) => repair(trouble({ ...never, rebuilds })));
    expect(waits.map((next) => (next.is === 'wait' ? next.ms : next.is))).toEqual([
      15_000, 16_000, 17_000, 20_000, 30_000, 30_000, 30_000,
    ]);
  });
});

describe('linkState', () => {
  it('is connecting until it was connected once, and reconnecting afterwards', () => {
    expect(linkState({ connection: 'new', everConnected: false, rebuilds: 0 })).toBe('connecting');
    expect(linkState({ connection: 'connected', everConnected: true, rebuilds: 0 })).toBe('connected');
    expect(linkState({ connection: 'disconnected', everConnected: true, rebuilds: 0 })).toBe('reconnecting');
    expect(linkState({ connection: 'new', everConnected: true, rebuilds: 1 })).toBe('reconnecting');
  });

  it('is failed after several connections in vain', () => {
    expect(linkState({ connection: 'connecting', everConnected: true, rebuilds: 2 })).toBe('failed');
    expect(linkState({ connection: 'connected', everConnected: true, rebuilds: 2 })).toBe('connected');
  });
});

describe('goneIn', () => {
  it('keeps somebody whose link lives, however long the room has not heard of them', () => {
    expect(goneIn(true, true, 60_000)).toBeNull();
  });

  it('keeps somebody who is in the room, however long the link is dead', () => {
    expect(goneIn(false, false, 60_000)).toBeNull();
  });

  it('lets somebody go two seconds after both were lost', () => {
    expect(goneIn(true, false, 500)).toBe(1_500);
    expect(goneIn(true, false, 2_500)).toBe(0);
  });
});
