import { describe, expect, it } from 'vitest';
import { MAX_COMPARING_MS, ROUND_AFTER_MS, viewOf, wakeAt, step } from './machine.ts';
import { MAX_EARLY } from './early.ts';
import type { Message } from './message.ts';
import { commitmentsOf } from './proof.ts';
import { MAX_MEMBERS, type Participant } from './roster.ts';
import {
  adaCommitted,
  codeOf,
  commitOf,
  hears,
  MEETING,
  newPerson,
  nonceOf,
  put,
  revealOf,
  sees,
  shown,
  statusOf,
  tick,
  withCode,
} from './scripted-people.ts';

const kinds = (said: readonly Message[]): string[] => said.map((message) => message.is);

describe('a round', () => {
  it('takes two messages of each when none is lost, and nobody says more', async () => {
    const { ada, bob } = await withCode();
    expect(codeOf(ada, 0)).toBe(codeOf(bob, 0));
    const status = statusOf(ada, 0);
    expect(status).toMatchObject({ is: 'code', with: ['bob'], current: true });
    if (status.is === 'code') expect(status.code.every((number) => number >= 0 && number < 64)).toBe(true);
    expect(status.is === 'code' && status.code).toHaveLength(5);
    expect(await tick(ada, 60_000)).toEqual([]);
    expect(wakeAt(ada.state)).toBeNull();
  });

  it('shows a nonce only when all commitments are held', async () => {
    const [ada, bob, cem] = [await newPerson('ada'), await newPerson('bob'), await newPerson('cem')];
    const [first] = await sees(ada, 0, [shown(bob), shown(cem)]);
    const roster = first?.roster ?? '';
    expect(await hears(ada, 0, bob, [await commitOf(bob, roster, 0, nonceOf(7))])).toEqual([]);
    for (let now = 0; now < 60_000; now += 1_000) expect(kinds(await tick(ada, now))).not.toContain('reveal');
    expect(statusOf(ada, 60_000)).toEqual({ is: 'waiting', missing: ['cem'] });
    expect(kinds(await hears(ada, 60_000, cem, [await commitOf(cem, roster, 0, nonceOf(8))]))).toContain('reveal');
  });

  it('keeps what a member committed to first, and the next one has another nonce', async () => {
    const { ada, bob, first } = await adaCommitted();
    expect(kinds(await hears(ada, 0, bob, [await commitOf(bob, first.roster, 0, nonceOf(7))]))).toEqual(['reveal']);
    // Bob knows Ada's nonce now and would like another of his own.
    const second = await commitOf(bob, first.roster, 0, nonceOf(9));
    const of = { meetingId: MEETING, roster: first.roster, number: 0 };
    const all = await commitmentsOf(of, [first.commitment, second.commitment]);
    await hears(ada, 0, bob, [second, await revealOf(bob, first.roster, nonceOf(9), all)]);
    expect(codeOf(ada, 0)).toBeNull();
    const [again] = await tick(ada, ROUND_AFTER_MS);
    expect(again).toMatchObject({ is: 'commit', round: 1 });
    expect(again?.is === 'commit' && again.commitment).not.toBe(first.commitment);
  });

  it('takes no nonce that does not open its commitment', async () => {
    const { ada, bob, first } = await adaCommitted();
    const [nonce] = await hears(ada, 0, bob, [await commitOf(bob, first.roster, 0, nonceOf(7))]);
    const commitments = nonce?.is === 'reveal' ? nonce.commitments : '';
    // All that Bob says is true but the nonce, which he chose after he saw Ada's.
    await hears(ada, 0, bob, [await revealOf(bob, first.roster, nonceOf(9), commitments)]);
    expect(codeOf(ada, 0)).toBeNull();
    expect(await tick(ada, ROUND_AFTER_MS)).toMatchObject([{ is: 'commit', round: 1 }]);
  });

  it('keeps a commitment while others are missing, too', async () => {
    const [ada, bob, cem] = [await newPerson('ada'), await newPerson('bob'), await newPerson('cem')];
    const [first] = await sees(ada, 0, [shown(bob), shown(cem)]);
    for (const nonce of [7, 9]) await hears(ada, 0, bob, [await commitOf(bob, first?.roster ?? '', 0, nonceOf(nonce))]);
    expect(await tick(ada, ROUND_AFTER_MS)).toMatchObject([{ is: 'commit', round: 1 }]);
  });

  it('needs a signed name even for what is true', async () => {
    const { ada, bob, first } = await adaCommitted();
    const eve = await newPerson('bob');
    const commit = await commitOf(bob, first.roster, 0, nonceOf(7));
    const { signature } = await commitOf(eve, first.roster, 0, nonceOf(7));
    expect(await hears(ada, 0, bob, [{ ...commit, signature }])).toEqual([]);
    const [nonce] = await hears(ada, 0, bob, [commit]);
    const commitments = nonce?.is === 'reveal' ? nonce.commitments : '';
    const opens = await revealOf(bob, first.roster, nonceOf(7), commitments);
    const forged = await revealOf(eve, first.roster, nonceOf(7), commitments);
    await hears(ada, 0, bob, [{ ...opens, signature: forged.signature }]);
    expect(codeOf(ada, 0)).toBeNull();
    await hears(ada, 0, bob, [opens]);
    expect(codeOf(ada, 0)).not.toBeNull();
  });

  it('shows no code to who saw other commitments, and names the other', async () => {
    const { ada, bob, first } = await adaCommitted();
    await hears(ada, 0, bob, [await commitOf(bob, first.roster, 0, nonceOf(7))]);
    await hears(ada, 0, bob, [await revealOf(bob, first.roster, nonceOf(7), nonceOf(0))]);
    expect(statusOf(ada, 0)).toEqual({ is: 'waiting', missing: ['bob'] });
  });

  it('makes up for a lost commit by the nonce', async () => {
    const { ada, bob, first } = await adaCommitted();
    await sees(bob, 0, [shown(ada)]);
    const nonce = await hears(bob, 0, ada, [first]);
    await hears(bob, 0, ada, await hears(ada, 0, bob, nonce));
    expect(codeOf(ada, 0)).not.toBeNull();
    expect(codeOf(ada, 0)).toBe(codeOf(bob, 0));
  });

  it('takes what came before its roster', async () => {
    const { ada, bob, first } = await adaCommitted();
    await hears(bob, 0, ada, [first]);
    expect(kinds(await sees(bob, 0, [shown(ada)]))).toEqual(['commit', 'reveal']);
  });

  it('believes no name that the server stamps', async () => {
    const { ada, bob, first } = await adaCommitted();
    const eve = await newPerson('bob');
    await hears(ada, 0, eve, [await commitOf(eve, first.roster, 0, nonceOf(7)), first]);
    await hears(ada, 0, ada, [await commitOf(bob, first.roster, 0, nonceOf(7))]);
    expect(statusOf(ada, 0)).toEqual({ is: 'waiting', missing: ['bob'] });
    expect(ada.state.wanted).toBeNull();
  });
});

describe('the next round', () => {
  it('is begun by a member alone, and every two seconds at most', async () => {
    const { ada, bob, last } = await withCode();
    const eve = await newPerson('bob');
    const commit = await commitOf(bob, last.roster, 5, nonceOf(1));
    await hears(ada, 100, bob, [await commitOf(eve, last.roster, 5, nonceOf(1)), { ...commit, round: 6 }]);
    expect(wakeAt(ada.state)).toBeNull();
    let began = 0;
    for (let now = 100; now <= 10_000; now += 100) {
      const said = await hears(ada, now, bob, [await commitOf(bob, last.roster, now, nonceOf(1))]);
      began += kinds(said).filter((kind) => kind === 'commit').length;
    }
    expect(began).toBe(5);
  });

  it('comes once in two seconds when rosters change all the time', async () => {
    const { ada, bob } = await adaCommitted();
    const rosters = new Set<string>();
    for (let now = 0; now < 10_000; now += 100) {
      const other = { ...shown(bob), identity: { key: bob.signer.key, fingerprint: String(now).padStart(64, '0') } };
      for (const { roster } of await sees(ada, now, [other])) rosters.add(roster);
    }
    expect(rosters.size).toBeLessThanOrEqual(5);
  });

  it('has a new number over a roster that is there again', async () => {
    const { ada, bob } = await adaCommitted();
    await sees(ada, 2_000, [shown(bob), shown(await newPerson('cem'))]);
    expect(await sees(ada, 4_000, [shown(bob)])).toMatchObject([{ is: 'commit', round: 1 }]);
  });

  it('waits while people compare, and then follows', async () => {
    const { ada, bob } = await withCode();
    const code = codeOf(ada, 0);
    await put(ada, 3_000, { is: 'comparing', on: true });
    expect(await sees(ada, 3_000, [shown(bob), shown(await newPerson('cem'))])).toEqual([]);
    expect(await tick(ada, 60_000)).toEqual([]);
    expect(codeOf(ada, 60_000)).toBe(code);
    expect(statusOf(ada, 60_000)).toMatchObject({ with: ['bob'], current: false });
    expect(kinds(await put(ada, 60_000, { is: 'comparing', on: false }))).toEqual(['commit']);
    expect(codeOf(ada, 60_000)).toBeNull();
  });

  it('does not wait for ever for a window left open', async () => {
    const { ada, bob } = await withCode();
    await put(ada, 3_000, { is: 'comparing', on: true });
    await sees(ada, 3_000, [shown(bob), shown(await newPerson('cem'))]);
    expect(wakeAt(ada.state)).toBe(3_000 + MAX_COMPARING_MS);
    expect(kinds(await tick(ada, 3_000 + MAX_COMPARING_MS))).toEqual(['commit']);
  });
});

describe('the machine', () => {
  it('answers who is behind once a second', async () => {
    const { ada, bob, last } = await withCode();
    let answers = 0;
    for (let now = 0; now < 10_000; now += 100) {
      answers += (await hears(ada, now, bob, [last])).length;
    }
    expect(answers).toBe(9);
  });

  it('keeps little of what it cannot check', async () => {
    const { ada, bob } = await adaCommitted();
    const commit = await commitOf(bob, nonceOf(1), 0, nonceOf(1));
    for (let n = 0; n < 1_000; n += 1) await put(ada, 0, { is: 'message', from: String(n), message: commit });
    await put(ada, 0, { is: 'message', from: 'x'.repeat(65), message: commit });
    expect(ada.state.early).toHaveLength(MAX_EARLY);
    const crowd: Participant[] = Array.from({ length: 200 }, (_, n) => ({ ...shown(bob), clientId: String(n) }));
    await sees(ada, 10_000, crowd);
    expect(ada.state.roster?.members).toHaveLength(MAX_MEMBERS);
    expect(ada.state.unverifiable).toHaveLength(201 - MAX_MEMBERS);
  });

  it('is alone with minimal clients, which it names', async () => {
    const ada = await newPerson('ada');
    expect(statusOf(ada, 0)).toEqual({ is: 'alone' });
    expect(await sees(ada, 0, [{ clientId: 'old', identity: null }])).toEqual([]);
    expect(viewOf(ada.state, 0)).toEqual({ status: { is: 'alone' }, unverifiable: ['old'] });
  });

  it('lets nobody stand in our place', async () => {
    const { ada, bob } = await adaCommitted();
    await sees(ada, 2_000, [{ ...shown(bob), clientId: 'ada' }]);
    expect(statusOf(ada, 2_000)).toEqual({ is: 'alone' });
  });

  it('tries again when nothing could be signed', async () => {
    const { ada, bob } = await adaCommitted();
    const broken = { key: ada.signer.key, sign: () => Promise.reject(new Error('no node')) };
    const nonce = (): Uint8Array => new Uint8Array(32);
    const others = [shown(bob), shown(await newPerson('cem'))];
    const me = { clientId: 'ada', fingerprint: ada.fingerprint };
    const failed = await step(ada.state, { is: 'roster', me, others }, 5_000, { signer: broken, nonce });
    expect(failed).toMatchObject({ send: [], failed: true });
    expect(wakeAt(failed.state)).toBe(6_000);
    ada.state = failed.state;
    expect(await tick(ada, 5_900)).toEqual([]);
    expect(kinds(await tick(ada, 6_000))).toEqual(['commit']);
  });
});
