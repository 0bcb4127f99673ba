import type { Description } from './signals.ts';
import { fragmentsOf } from './sdp.ts';

/**
 * The negotiation of one RTCPeerConnection, as a pure state machine: inputs in, actions out. It is perfect negotiation
 * (W3C WebRTC §10.7) with three additions: operations run one at a time, so that no state between two of them is ever
 * seen; offers carry ids, so that a late answer is recognised; candidates are matched by user name fragment.
 *
 * Transitions of `phase`:
 *   stable → offering → offered → taking-answer → stable
 *   stable or offered → taking-offer → stable          (from offered: only the polite side; its own offer is rolled back)
 * While an operation runs (offering, taking-…) descriptions wait in `inbox`. Whoever has a need when things are stable
 * offers, so a need survives glare.
 */

export type Phase =
  | { is: 'stable' }
  /** setLocalDescription() runs. */
  | { is: 'offering'; id: string }
  /** Our offer is out. */
  | { is: 'offered'; id: string }
  | { is: 'taking-offer'; offer: Description }
  | { is: 'taking-answer'; id: string; answer: Description };

export interface Negotiation {
  readonly polite: boolean;
  readonly phase: Phase;
  /** An offer of ours has to follow as soon as things are stable. */
  readonly needed: boolean;
  /** The next offer restarts ICE. */
  readonly restart: boolean;
  /** The offer that is out carries a restart; if it is rolled back the restart is still due. */
  readonly restartOffered: boolean;
  /** Offers made so far. */
  readonly offers: number;
  /** The answer in force does not say what it answers, so it may have been meant for somebody else. */
  readonly unsure: boolean;
  /** User name fragments of the remote description in force; empty before the first. */
  readonly fragments: readonly string[];
  /** Descriptions that came while an operation ran, oldest first. */
  readonly inbox: readonly Description[];
  /** Candidates whose description has not come yet, oldest first. */
  readonly early: readonly RTCIceCandidateInit[];
}

export type Input =
  /** Something has to be negotiated; `restart`: with new ICE credentials. */
  | { is: 'needed'; restart: boolean }
  | { is: 'description'; description: Description }
  | { is: 'candidate'; candidate: RTCIceCandidateInit }
  /** The running operation worked. `unfinished`: something of ours is still to be negotiated, as an offer was rolled back. */
  | { is: 'done'; unfinished: boolean }
  /** The running operation failed; `signaling` is RTCPeerConnection.signalingState afterwards. */
  | { is: 'failed'; signaling: RTCSignalingState }
  /** Messages may have been lost: an offer without an answer is made again. */
  | { is: 'resend' };

export type Action =
  /** setLocalDescription(), after restartIce() if asked; then `done` or `failed`. */
  | { do: 'make-offer'; restart: boolean }
  | { do: 'send-offer'; id: string }
  /** setRemoteDescription(), which rolls an own offer back, then setLocalDescription(); then `done` or `failed`. */
  | { do: 'take-offer'; offer: Description }
  | { do: 'send-answer'; answers: string | null }
  /** setRemoteDescription(); then `done` or `failed`. */
  | { do: 'take-answer'; answer: Description }
  | { do: 'add-candidate'; candidate: RTCIceCandidateInit }
  /** A minimal client answers to all: the answer that was taken may belong to somebody else's offer, and here is another. */
  | { do: 'doubt' }
  /** The connection is of no use any more: a new one has to be made. */
  | { do: 'rebuild' };

/** Candidates that wait; a link has some 20, a restart as many again. */
export const MAX_EARLY = 64;
/** Descriptions that wait; more than an offer and an answer never do unless somebody floods. */
export const MAX_INBOX = 4;

export function newNegotiation(polite: boolean): Negotiation {
  return {
    polite,
    phase: { is: 'stable' },
    needed: false,
    restart: false,
    restartOffered: false,
    offers: 0,
    unsure: false,
    fragments: [],
    inbox: [],
    early: [],
  };
}

export function isBusy(phase: Phase): boolean {
  return phase.is === 'offering' || phase.is === 'taking-offer' || phase.is === 'taking-answer';
}

/** One input; the actions are to be done in their order. */
export function step(state: Negotiation, input: Input): { state: Negotiation; actions: Action[] } {
  switch (input.is) {
    case 'needed':
      return proceed({ ...state, needed: true, restart: state.restart || input.restart });
    case 'description':
      return proceed({ ...state, inbox: [...state.inbox, input.description].slice(-MAX_INBOX) });
    case 'candidate':
      return candidate(state, input.candidate);
    case 'resend':
      if (state.phase.is === 'offered') return offer(state);
      return { state, actions: [] };
    case 'done':
      return done(input.unfinished ? { ...state, needed: true } : state);
    case 'failed':
      return failed(state, input.signaling);
  }
}

/** Takes what waits, as far as the phase allows. */
function proceed(state: Negotiation, before: Action[] = []): { state: Negotiation; actions: Action[] } {
  let current = state;
  const actions = [...before];
  while (!isBusy(current.phase)) {
    const [first, ...inbox] = current.inbox;
    if (first === undefined) break;
    current = { ...current, inbox };
    const next = first.type === 'offer' ? whatOfOffer(current, first) : whatOfAnswer(current, first);
    if (next === null) continue;
    current = next.state;
    actions.push(next.action);
  }
  if (current.phase.is === 'stable' && current.needed) {
    const made = offer(current);
    return { state: made.state, actions: [...actions, ...made.actions] };
  }
  return { state: current, actions };
}

function whatOfOffer(state: Negotiation, description: Description): { state: Negotiation; action: Action } | null {
  const glare = state.phase.is === 'offered';
  // Glare: the impolite side's offer stands; the other side will answer it.
  if (glare && !state.polite) return null;
  return {
    state: {
      ...state,
      phase: { is: 'taking-offer', offer: description },
      // Rolled back: a restart is still due. Whether anything else is, `done` says.
      needed: state.needed || (glare && state.restartOffered),
      restart: state.restart || (glare && state.restartOffered),
      restartOffered: false,
    },
    action: { do: 'take-offer', offer: description },
  };
}

function whatOfAnswer(state: Negotiation, description: Description): { state: Negotiation; action: Action } | null {
  if (state.phase.is === 'stable' && state.unsure && description.answers === null) {
    const another = !fragmentsOf(description.sdp).some((fragment) => state.fragments.includes(fragment));
    return another ? { state, action: { do: 'doubt' } } : null;
  }
  if (state.phase.is !== 'offered') return null;
  const { id } = state.phase;
  // An answer to an earlier offer. A minimal client does not say to which.
  if (description.answers !== null && description.answers !== id) return null;
  return {
    state: { ...state, phase: { is: 'taking-answer', id, answer: description } },
    action: { do: 'take-answer', answer: description },
  };
}

function offer(state: Negotiation): { state: Negotiation; actions: Action[] } {
  const offers = state.offers + 1;
  return {
    state: {
      ...state,
      phase: { is: 'offering', id: String(offers) },
      needed: false,
      restart: false,
      restartOffered: state.restartOffered || state.restart,
      offers,
    },
    actions: [{ do: 'make-offer', restart: state.restart }],
  };
}

function done(state: Negotiation): { state: Negotiation; actions: Action[] } {
  const { phase } = state;
  switch (phase.is) {
    case 'offering':
      return proceed({ ...state, phase: { is: 'offered', id: phase.id } }, [{ do: 'send-offer', id: phase.id }]);
    case 'taking-offer': {
      const taken = inForce({ ...state, unsure: false }, phase.offer);
      return proceed(taken.state, [{ do: 'send-answer', answers: phase.offer.id }, ...taken.actions]);
    }
    case 'taking-answer': {
      const taken = inForce({ ...state, restartOffered: false, unsure: phase.answer.answers === null }, phase.answer);
      return proceed(taken.state, taken.actions);
    }
    case 'stable':
    case 'offered':
      return { state, actions: [] };
  }
}

/** The remote description now holds: things are stable, and its candidates that came early can be added. */
function inForce(state: Negotiation, description: Description): { state: Negotiation; actions: Action[] } {
  const fragments = fragmentsOf(description.sdp);
  const belongs = (candidate: RTCIceCandidateInit): boolean => matches(candidate, fragments);
  return {
    state: { ...state, phase: { is: 'stable' }, fragments, early: state.early.filter((each) => !belongs(each)) },
    actions: state.early.filter(belongs).map((each) => ({ do: 'add-candidate', candidate: each })),
  };
}

function failed(state: Negotiation, signaling: RTCSignalingState): { state: Negotiation; actions: Action[] } {
  const { phase } = state;
  // A bad offer that left no trace costs nothing but itself.
  if (phase.is === 'taking-offer' && signaling === 'stable') return proceed({ ...state, phase: { is: 'stable' } });
  return { state, actions: [{ do: 'rebuild' }] };
}

function candidate(state: Negotiation, init: RTCIceCandidateInit): { state: Negotiation; actions: Action[] } {
  if (!isTaking(state.phase) && matches(init, state.fragments)) {
    return { state, actions: [{ do: 'add-candidate', candidate: init }] };
  }
  return { state: { ...state, early: [...state.early, init].slice(-MAX_EARLY) }, actions: [] };
}

/** A description is being taken: which fragments count is open. */
function isTaking(phase: Phase): boolean {
  return phase.is === 'taking-offer' || phase.is === 'taking-answer';
}

/** Without a fragment (old clients) a candidate belongs to whatever description there is. */
function matches(candidate: RTCIceCandidateInit, fragments: readonly string[]): boolean {
  if (fragments.length === 0) return false;
  const fragment = candidate.usernameFragment;
  return fragment === undefined || fragment === null || fragments.includes(fragment);
}
