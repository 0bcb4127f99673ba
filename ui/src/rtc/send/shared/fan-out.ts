import { Copying, type Copy, type Pulse, type Timed } from './copying.ts';
import { KeyRequests } from './key-requests.ts';
import { Pairing, type Pair } from './pairing.ts';
import { Pulses } from './pulse.ts';
import type { RenditionId } from '../plan.ts';

/**
 * Every link's share in the shared encoder: what becomes of each frame that a link's own encoder made. Pure; the worker around
 * it has the streams.
 *
 * own (frames go on as they are) → fed (they are carriers) → leaving (still carriers, until the first key frame of the camera
 * itself, which is larger than a carrier) → own. Paused: nothing is to be sent, so what still comes is dropped. A fed link that
 * is to get the other rendition goes on with the one it has until the other one's key frame is there.
 *
 * Fed by copies: the encoder's frames are written to the link beside its carriers, which are few and not sent. Fed by carriers: each of
 * them is sent with the bytes of one of the encoder's frames.
 */

export type Feeding = 'copies' | 'carriers';

/** What a link is to get. */
export type Assignment =
  | { readonly to: 'own' }
  | { readonly to: 'paused' }
  | { readonly to: 'fed'; readonly rendition: RenditionId; readonly by: Feeding };

/** A frame of the shared encoder. */
export interface Payload extends Timed {
  readonly data: ArrayBuffer;
}

export type Outcome<Carrier, P extends Payload = Payload> =
  /** With these bytes; null: with its own. */
  | { readonly do: 'write'; readonly link: number; readonly carrier: Carrier; readonly data: ArrayBuffer | null }
  | { readonly do: 'copy'; readonly link: number; readonly payload: P; readonly rtpTimestamp: number }
  | { readonly do: 'ask'; readonly rendition: RenditionId }
  /** The link gets another rendition from now on, so it needs the other one's carriers. */
  | { readonly do: 'switched'; readonly link: number; readonly rendition: RenditionId }
  /** Copies do not fit this link. */
  | { readonly do: 'refused'; readonly link: number };

/** A frame of a link's own encoder. */
export interface Arrival<Carrier> extends Omit<Pulse, 'at'> {
  readonly carrier: Carrier;
  /** Pixels; 0 where it is not known, of others than key frames. */
  readonly width: number;
}

export interface LinkCount {
  /** Frames of the link's own encoder that came by, whatever became of them. */
  seen: number;
  /** Frames of the shared encoder that it was given. */
  replaced: number;
  passed: number;
  /** Payloads that wait. */
  waiting: number;
}

/** Carriers are this wide and high: VP8's macroblock, the least that it encodes. */
export const CARRIER_SIZE = 16;

type State =
  | { is: 'own' }
  | { is: 'paused' }
  | { is: 'fed'; now: RenditionId; wanted: RenditionId }
  | { is: 'leaving'; now: RenditionId };

type Feed<Carrier, P extends Payload> = { readonly by: 'copies'; readonly with: Copying<P> } | { readonly by: 'carriers'; readonly with: Pairing<Carrier, P> };

interface Link<Carrier, P extends Payload> {
  state: State;
  feed: Feed<Carrier, P>;
  readonly count: { seen: number; replaced: number; passed: number };
}

export class FanOut<Carrier, P extends Payload = Payload> {
  readonly #links = new Map<number, Link<Carrier, P>>();
  readonly #requests: Record<RenditionId, KeyRequests> = { large: new KeyRequests(), small: new KeyRequests() };
  readonly #pulses = new Pulses();

  /** The first frames of a link come after this; it is paused. */
  add(link: number): void {
    this.#links.set(link, { state: { is: 'paused' }, feed: fed('carriers'), count: { seen: 0, replaced: 0, passed: 0 } });
  }

  remove(link: number): void {
    this.#links.delete(link);
  }

  assign(id: number, assignment: Assignment): void {
    const link = this.#links.get(id);
    if (link === undefined) return;
    const { state } = link;
    switch (assignment.to) {
      case 'own':
        if (state.is === 'fed') link.state = { is: 'leaving', now: state.now };
        else if (state.is === 'paused') link.state = { is: 'own' };
        return;
      case 'paused':
        link.state = { is: 'paused' };
        link.feed.with.restart();
        return;
      case 'fed':
        if (link.feed.by !== assignment.by) {
          link.feed = fed(assignment.by);
          link.state = { is: 'fed', now: assignment.rendition, wanted: assignment.rendition };
        } else if (state.is === 'fed') link.state = { ...state, wanted: assignment.rendition };
        else if (state.is === 'leaving') link.state = { is: 'fed', now: state.now, wanted: assignment.rendition };
        else {
          link.feed.with.restart();
          link.state = { is: 'fed', now: assignment.rendition, wanted: assignment.rendition };
        }
    }
  }

  /** The camera was switched, or is off: what waits belongs to a moment that is over. */
  restart(): void {
    for (const { feed } of this.#links.values()) feed.with.restart();
  }

  /** Whether a carrier has to be made of each frame of this rendition, for links that are fed by them. */
  carries(rendition: RenditionId): boolean {
    return [...this.#links.values()].some(({ state, feed }) => feed.by === 'carriers' && gets(state, rendition));
  }

  /** Whether a carrier has to be made now, for links that get copies. `at`: when the frame was taken. `now`: milliseconds. */
  pulses(rendition: RenditionId, at: number, now: number): boolean {
    const copied = [...this.#links.values()].flatMap(({ state, feed }) => (feed.by === 'copies' && gets(state, rendition) ? [feed.with] : []));
    return copied.length > 0 && this.#pulses.write(at, copied.some(({ open }) => !open), now);
  }

  /** A frame of the shared encoder. */
  payload(rendition: RenditionId, payload: P, now: number): Outcome<Carrier, P>[] {
    const outcomes: Outcome<Carrier, P>[] = [];
    for (const [id, link] of this.#links) {
      const { state } = link;
      if (state.is !== 'fed' && state.is !== 'leaving') continue;
      if (state.is === 'fed' && state.wanted === rendition && state.now !== rendition && payload.key) {
        link.feed.with.renew();
        link.state = { is: 'fed', now: rendition, wanted: rendition };
        outcomes.push({ do: 'switched', link: id, rendition });
      } else if (state.now !== rendition) continue;
      if (link.feed.by === 'copies' && link.feed.with.refuses(payload)) outcomes.push({ do: 'refused', link: id });
      else outcomes.push(...given(id, link, link.feed.with.payload(payload)));
    }
    outcomes.push(...this.#ask(rendition, now));
    return outcomes;
  }

  /** A frame of a link's own encoder. */
  carrier(id: number, arrival: Arrival<Carrier>, now: number): Outcome<Carrier, P>[] {
    const link = this.#links.get(id);
    if (link === undefined) return [];
    const { carrier, key, width } = arrival;
    link.count.seen += 1;
    if (link.state.is === 'leaving' && key && width > CARRIER_SIZE) {
      link.state = { is: 'own' };
      link.feed.with.restart();
    }
    const { state, feed } = link;
    switch (state.is) {
      case 'own':
        link.count.passed += 1;
        return [{ do: 'write', link: id, carrier, data: null }];
      case 'paused':
        return [];
      case 'fed':
      case 'leaving':
        return [...given(id, link, feed.by === 'carriers' ? feed.with.carrier(carrier, key) : width > CARRIER_SIZE ? [] : feed.with.carrier({ ...arrival, at: this.#pulses.at })), ...this.#ask(state.now, now)];
    }
  }

  counts(): Map<number, LinkCount> {
    return new Map([...this.#links].map(([id, { count, feed }]) => [id, { ...count, waiting: feed.with.waiting }]));
  }

  #ask(rendition: RenditionId, now: number): Outcome<Carrier, P>[] {
    const other = rendition === 'large' ? 'small' : 'large';
    return ([rendition, other] as const)
      .filter((each) => this.#requests[each].ask(this.#awaited(each), now))
      .map((each) => ({ do: 'ask', rendition: each }));
  }

  #awaited(rendition: RenditionId): boolean {
    return [...this.#links.values()].some(({ state, feed: { with: feed } }) => {
      if (state.is === 'leaving') return state.now === rendition && feed.wantsKey;
      if (state.is !== 'fed' || state.wanted !== rendition) return false;
      return state.now !== rendition || feed.wantsKey;
    });
  }
}

function fed<Carrier, P extends Payload>(by: Feeding): Feed<Carrier, P> {
  return by === 'copies' ? { by, with: new Copying() } : { by, with: new Pairing() };
}

/** A link that changes needs both. */
function gets(state: State, rendition: RenditionId): boolean {
  return (state.is === 'fed' && (state.now === rendition || state.wanted === rendition)) || (state.is === 'leaving' && state.now === rendition);
}

function given<Carrier, P extends Payload>(id: number, link: Link<Carrier, P>, all: (Pair<Carrier, P> | Copy<P>)[]): Outcome<Carrier, P>[] {
  link.count.replaced += all.length;
  return all.map((each) => ('carrier' in each ? { do: 'write', link: id, carrier: each.carrier, data: each.payload.data } : { do: 'copy', link: id, payload: each.payload, rtpTimestamp: each.rtpTimestamp }));
}
