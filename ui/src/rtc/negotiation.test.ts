import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isBusy, MAX_EARLY, MAX_INBOX, newNegotiation, step, type Action, type Input, type Negotiation } from './negotiation.ts';
import type { Description } from './signals.ts';

const sdp = (fragment: string): string => `v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\na=ice-ufrag:${fragment}\r\n`;

const describeAs = (part: Partial<Description> & Pick<Description, 'type'>): Description => ({
  sdp: sdp('frag'),
  id: null,
  answers: null,
  link: null,
  linkTo: null,
  sources: new Map(),
  ...part,
});
const offer = (id: string, fragment = 'frag'): Description => describeAs({ type: 'offer', id, sdp: sdp(fragment) });
const answer = (answers: string | null, fragment = 'frag'): Description =>
  describeAs({ type: 'answer', answers, sdp: sdp(fragment) });

const done: Input = { is: 'done', unfinished: false };
const needed: Input = { is: 'needed', restart: false };
const take = (description: Description): Input => ({ is: 'description', description });
const candidate = (usernameFragment?: string): Input => ({
  is: 'candidate',
  candidate: { candidate: 'candidate:1', sdpMid: '0', ...(usernameFragment === undefined ? {} : { usernameFragment }) },
});

function run(polite: boolean, ...inputs: Input[]): { state: Negotiation; last: Action[]; all: Action[] } {
  let state = newNegotiation(polite);
  let last: Action[] = [];
  const all: Action[] = [];
  for (const input of inputs) {
    const next = step(state, input);
    state = next.state;
    last = next.actions;
    all.push(...last);
  }
  return { state, last, all };
}
const names = (actions: readonly Action[]): string[] => actions.map((action) => action.do);

describe('one side', () => {
  it('offers when something is needed, and sends the offer only once it is set', () => {
    expect(names(run(true, needed).all)).toEqual(['make-offer']);
    expect(run(true, needed, done).last).toEqual([{ do: 'send-offer', id: '1' }]);
  });

  it('answers an offer with the id of the offer', () => {
    const { last, state } = run(true, take(offer('x')), done);
    expect(last).toEqual([{ do: 'send-answer', answers: 'x' }]);
    expect(state.phase).toEqual({ is: 'stable' });
  });

  it('takes the answer to its offer and is stable then', () => {
    const { state, all } = run(false, needed, done, take(answer('1')), done);
    expect(names(all)).toEqual(['make-offer', 'send-offer', 'take-answer']);
    expect(state.phase).toEqual({ is: 'stable' });
  });

  it('drops an answer to an earlier offer, and takes the one to the newest', () => {
    const resent = run(false, needed, done, { is: 'resend' }, done, take(answer('1')));
    expect(resent.last).toEqual([]);
    expect(resent.state.phase).toEqual({ is: 'offered', id: '2' });
    expect(names(step(resent.state, take(answer('2'))).actions)).toEqual(['take-answer']);
  });

  it('takes an answer that does not say what it answers, but only while an offer is out', () => {
    expect(names(run(false, needed, done, take(answer(null))).last)).toEqual(['take-answer']);
    expect(run(false, take(answer(null))).last).toEqual([]);
  });

  it('doubts an answer that named no offer when another one comes, and no other', () => {
    const taken = run(false, needed, done, take(answer(null, 'theirs')), done).state;
    expect(names(step(taken, take(answer(null, 'ours'))).actions)).toEqual(['doubt']);
    expect(step(taken, take(answer(null, 'theirs'))).actions).toEqual([]);
    const sure = run(false, needed, done, take(answer('1', 'theirs')), done).state;
    expect(step(sure, take(answer(null, 'ours'))).actions).toEqual([]);
  });

  it('offers once for needs that come while it is offering', () => {
    const { all } = run(false, needed, needed, needed, done, take(answer('1')), done, done);
    expect(names(all).filter((name) => name === 'make-offer')).toHaveLength(2);
  });

  it('ignores the other side’s offer in glare if it is impolite', () => {
    const { last, state } = run(false, needed, done, take(offer('theirs')));
    expect(last).toEqual([]);
    expect(state.phase).toEqual({ is: 'offered', id: '1' });
  });

  it('gives way in glare if it is polite, and offers again if something is left to negotiate', () => {
    const glare = run(true, needed, done, take(offer('theirs')));
    expect(names(glare.last)).toEqual(['take-offer']);
    expect(names(step(glare.state, done).actions)).toEqual(['send-answer']);
    expect(names(step(glare.state, { is: 'done', unfinished: true }).actions)).toEqual(['send-answer', 'make-offer']);
  });

  it('does not lose an ICE restart that was rolled back', () => {
    const { last } = run(true, { is: 'needed', restart: true }, done, take(offer('theirs')), done);
    expect(last).toContainEqual({ do: 'make-offer', restart: true });
  });

  it('lets candidates wait that come before their description, and adds them after it', () => {
    const early = run(true, candidate('frag'), candidate('other'), take(offer('x', 'frag')));
    expect(names(early.last)).toEqual(['take-offer']);
    const after = step(early.state, done);
    expect(names(after.actions)).toEqual(['send-answer', 'add-candidate']);
    expect(after.state.early).toHaveLength(1);
  });

  it('adds a candidate of the description in force, and of no other', () => {
    const { state } = run(true, take(offer('x', 'frag')), done);
    expect(names(step(state, candidate('frag')).actions)).toEqual(['add-candidate']);
    expect(names(step(state, candidate()).actions)).toEqual(['add-candidate']);
    expect(step(state, candidate('foreign')).actions).toEqual([]);
  });

  it('keeps a bounded number of candidates and descriptions', () => {
    const { state } = run(true, needed, ...Array.from({ length: 500 }, (_, i) => candidate(`f${String(i)}`)));
    expect(state.early).toHaveLength(MAX_EARLY);
    const flooded = run(true, needed, ...Array.from({ length: 50 }, (_, i) => take(offer(String(i)))));
    expect(flooded.state.inbox).toHaveLength(MAX_INBOX);
  });

  it('drops a bad offer that left no trace, and gives up on everything else', () => {
    const bad = run(true, take(offer('bad')), { is: 'failed', signaling: 'stable' });
    expect(bad.last).toEqual([]);
    expect(bad.state.phase).toEqual({ is: 'stable' });
    expect(names(run(true, take(offer('bad')), { is: 'failed', signaling: 'have-remote-offer' }).last)).toEqual(['rebuild']);
    expect(names(run(true, needed, { is: 'failed', signaling: 'stable' }).last)).toEqual(['rebuild']);
  });
});

/** A browser's RTCPeerConnection as far as signaling goes (W3C WebRTC §4.4.1.5), refusing what it would refuse. */
class Side {
  state: Negotiation;
  signaling: RTCSignalingState = 'stable';
  running: Action[] = [];
  /** Things of ours to negotiate, those in the pending offer, and those agreed. */
  wanted = 0;
  pending = 0;
  agreed = 0;
  restarts = 0;
  readonly outbox: Description[] = [];

  constructor(
    readonly name: string,
    polite: boolean,
  ) {
    this.state = newNegotiation(polite);
  }

  input(input: Input): void {
    const { state, actions } = step(this.state, input);
    this.state = state;
    this.running.push(...actions);
  }

  /** Carries out the next action of the chain. */
  act(): void {
    const action = this.running.shift();
    switch (action?.do) {
      case undefined:
        return;
      case 'make-offer':
        this.#must(['stable', 'have-local-offer']);
        this.signaling = 'have-local-offer';
        this.pending = this.wanted;
        if (action.restart) this.restarts += 1;
        return this.input(done);
      case 'take-offer':
        this.#must(['stable', 'have-local-offer']);
        this.signaling = 'stable';
        this.pending = 0;
        return this.input({ is: 'done', unfinished: this.wanted > this.agreed });
      case 'take-answer':
        this.#must(['have-local-offer']);
        this.signaling = 'stable';
        this.agreed = this.pending;
        return this.input(done);
      case 'send-offer':
        this.outbox.push(offer(action.id));
        return;
      case 'send-answer':
        this.outbox.push(answer(action.answers));
        return;
      case 'add-candidate':
      case 'doubt':
        return;
      case 'rebuild':
        throw new Error(`${this.name} gave up`);
    }
  }

  #must(states: RTCSignalingState[]): void {
    if (!states.includes(this.signaling)) throw new Error(`${this.name}: InvalidStateError in ${this.signaling}`);
  }
}

type Event = 'need' | 'restart' | 'act' | 'deliver' | 'lose';

describe('two sides', () => {
  it('end stable with all agreed, whatever the order of needs, restarts, losses and deliveries', () => {
    const events = fc.array(
      fc.record({
        side: fc.boolean(),
        event: fc.constantFrom<Event>('need', 'need', 'restart', 'act', 'act', 'act', 'deliver', 'deliver', 'deliver', 'lose'),
      }),
      { maxLength: 120 },
    );
    fc.assert(
      fc.property(events, (script) => {
        const sides = [new Side('polite', true), new Side('impolite', false)] as const;
        const other = (side: Side): Side => (side === sides[0] ? sides[1] : sides[0]);
        const deliver = (side: Side): void => {
          const description = side.outbox.shift();
          if (description) other(side).input(take(description));
        };
        const settle = (): void => {
          for (let rounds = 0; rounds < 1_000; rounds += 1) {
            if (sides.every((side) => side.running.length === 0 && side.outbox.length === 0)) return;
            for (const side of sides) {
              side.act();
              deliver(side);
            }
          }
          throw new Error('they never come to rest');
        };
        for (const { side: which, event } of script) {
          const side = sides[which ? 0 : 1];
          if (event === 'need') {
            side.wanted += 1;
            side.input(needed);
          } else if (event === 'restart') side.input({ is: 'needed', restart: true });
          else if (event === 'act') side.act();
          else if (event === 'deliver') deliver(side);
          else side.outbox.shift();
        }
        settle();
        // After losses both sides are told so; more than one round is needed when that ends in glare.
        for (const side of sides) side.input({ is: 'resend' });
        settle();
        for (const side of sides) {
          expect(side.state.phase).toEqual({ is: 'stable' });
          expect(isBusy(side.state.phase)).toBe(false);
          expect(side.signaling).toBe('stable');
          expect(side.state.needed).toBe(false);
          expect(side.state.restart).toBe(false);
          expect(side.agreed).toBe(side.wanted);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
