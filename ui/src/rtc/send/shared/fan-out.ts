import { KeyRequests } from './key-requests.ts';
import { Pairing, type Payload } from './pairing.ts';
import type { RenditionId } from '../plan.ts';

/**
 * Every link's share in the shared encoder: what becomes of each frame that a link's own encoder made. Pure; the worker around
 * it has the streams.
 *
 * own (frames go on as they are) → fed (they are carriers) → leaving (still carriers, until the first key frame of the camera
 * itself, which is larger than a carrier) → own. Paused: nothing is to be sent, so what still comes is dropped. A fed link that
 * is to get the other rendition goes on with the one it has until the other one's key frame is there.
 */

/** What a link is to get. */
export type Assignment =
  | { readonly to: 'own' }
  | { readonly to: 'paused' }
  | { readonly to: 'fed'; readonly rendition: RenditionId };

export type Outcome<Carrier> =
  /** With these bytes; null: with its own. */
  | { readonly do: 'write'; readonly link: number; readonly carrier: Carrier; readonly data: ArrayBuffer | null }
  | { readonly do: 'ask'; readonly rendition: RenditionId }
  /** The link gets another rendition from now on, so it needs the other one's carriers. */
  | { readonly do: 'switched'; readonly link: number; readonly rendition: RenditionId };

/** A frame of a link's own encoder. */
export interface Arrival<Carrier> {
  readonly carrier: Carrier;
  readonly key: boolean;
  /** Pixels of a key frame. */
  readonly width: number;
}

export interface LinkCount {
  /** Frames of the link's own encoder that came by, whatever became of them. */
  seen: number;
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

interface Link<Carrier> {
  state: State;
  readonly pairing: Pairing<Carrier>;
  readonly count: { seen: number; replaced: number; passed: number };
}

export class FanOut<Carrier> {
  readonly #links = new Map<number, Link<Carrier>>();
  readonly #requests: Record<RenditionId, KeyRequests> = { large: new KeyRequests(), small: new KeyRequests() };

  /** The first frames of a link come after this; it is paused. */
  add(link: number): void {
    this.#links.set(link, { state: { is: 'paused' }, pairing: new Pairing(), count: { seen: 0, replaced: 0, passed: 0 } });
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
        link.pairing.restart();
        return;
      case 'fed':
        if (state.is === 'fed') link.state = { ...state, wanted: assignment.rendition };
        else if (state.is === 'leaving') link.state = { is: 'fed', now: state.now, wanted: assignment.rendition };
        else {
          link.pairing.restart();
          link.state = { is: 'fed', now: assignment.rendition, wanted: assignment.rendition };
        }
    }
  }

  /** The camera was switched, or is off: what waits belongs to a moment that is over. */
  restart(): void {
    for (const { pairing } of this.#links.values()) pairing.restart();
  }

  /** Whether a carrier has to be made for each frame of this rendition. */
  carries(rendition: RenditionId): boolean {
    return [...this.#links.values()].some(
      ({ state }) => (state.is === 'fed' && (state.now === rendition || state.wanted === rendition)) || (state.is === 'leaving' && state.now === rendition),
    );
  }

  /** A frame of the shared encoder. */
  payload(rendition: RenditionId, payload: Payload, now: number): Outcome<Carrier>[] {
    const outcomes: Outcome<Carrier>[] = [];
    for (const [id, link] of this.#links) {
      const { state } = link;
      if (state.is !== 'fed' && state.is !== 'leaving') continue;
      if (state.is === 'fed' && state.wanted === rendition && state.now !== rendition && payload.key) {
        link.pairing.restart();
        link.state = { is: 'fed', now: rendition, wanted: rendition };
        outcomes.push({ do: 'switched', link: id, rendition });
      } else if (state.now !== rendition) continue;
      outcomes.push(...written(id, link, link.pairing.payload(payload)));
    }
    outcomes.push(...this.#ask(rendition, now));
    return outcomes;
  }

  /** A frame of a link's own encoder. */
  carrier(id: number, { carrier, key, width }: Arrival<Carrier>, now: number): Outcome<Carrier>[] {
    const link = this.#links.get(id);
    if (link === undefined) return [];
    link.count.seen += 1;
    if (link.state.is === 'leaving' && key && width > CARRIER_SIZE) {
      link.state = { is: 'own' };
      link.pairing.restart();
    }
    const { state } = link;
    switch (state.is) {
      case 'own':
        link.count.passed += 1;
        return [{ do: 'write', link: id, carrier, data: null }];
      case 'paused':
        return [];
      case 'fed':
      case 'leaving':
        return [...written(id, link, link.pairing.carrier(carrier, key)), ...this.#ask(state.now, now)];
    }
  }

  counts(): Map<number, LinkCount> {
    return new Map([...this.#links].map(([id, { count, pairing }]) => [id, { ...count, waiting: pairing.waiting }]));
  }

  #ask(rendition: RenditionId, now: number): Outcome<Carrier>[] {
    const other = rendition === 'large' ? 'small' : 'large';
    return ([rendition, other] as const)
      .filter((each) => this.#requests[each].ask(this.#awaited(each), now))
      .map((each) => ({ do: 'ask', rendition: each }));
  }

  #awaited(rendition: RenditionId): boolean {
    return [...this.#links.values()].some(({ state, pairing }) => {
      if (state.is === 'leaving') return state.now === rendition && pairing.wantsKey;
      if (state.is !== 'fed' || state.wanted !== rendition) return false;
      return state.now !== rendition || pairing.wantsKey;
    });
  }
}

function written<Carrier>(id: number, link: Link<Carrier>, pairs: ReturnType<Pairing<Carrier>['payload']>): Outcome<Carrier>[] {
  link.count.replaced += pairs.length;
  return pairs.map(({ carrier, payload }) => ({ do: 'write', link: id, carrier, data: payload.data }));
}
