/**
 * What happens in an endurance run: drawn from a seed, without a clock or a process. Each round holds every kind of event once, in
 * an order of its own, and what puts things right again in between; it ends with everybody there as at the start.
 */

/** People with the app, in browser mode; the first one opens the meeting. */
export const APPS = ['Ana', 'Ben', 'Cyd'] as const;
/** Somebody in a browser, by the host's link. */
export const GUEST = 'Gil';
/** Bots of one process. */
export const BOTS = 'Bot';

export type Button = 'mic-button' | 'camera-button' | 'share-button';

export type Action =
  | { do: 'switch'; who: string; button: Button; on: boolean }
  | { do: 'say'; who: string }
  /** The page is loaded anew. */
  | { do: 'reload'; who: string }
  /** By the button. */
  | { do: 'leave'; who: string }
  /** After leaving, or because the host by whom one came is gone. */
  | { do: 'return'; who: string }
  /** SIGKILL of the browser. */
  | { do: 'kill-page'; who: string }
  /** SIGKILL of browser and node. */
  | { do: 'kill'; who: string }
  /** SIGTERM of the node, which leaves in order. */
  | { do: 'quit'; who: string }
  /** Starts what is missing of node and browser, and comes in again. */
  | { do: 'restart'; who: string }
  | { do: 'bots'; now: 'come' | 'leave' | 'killed' };

/** Kinds of events; each round has each of them. */
export const KINDS = [
  'microphone',
  'camera',
  'screen',
  'chat',
  'reload',
  'leave',
  'guest-leaves',
  'bots-leave',
  'bots-killed',
  'page-killed',
  'member-killed',
  'host-killed',
  'host-quits',
] as const;
export type Kind = (typeof KINDS)[number];

/** Where somebody is. `stranded`: still there, at a host that is no more. */
type Place = 'in' | 'out' | 'no-page' | 'dead' | 'stranded';

interface Someone {
  readonly name: string;
  readonly app: boolean;
  place: Place;
  off: Set<Button>;
  shares: boolean;
}

/** How often something is put right while there is still something to happen. */
const PUT_RIGHT = 0.4;

export class Script {
  readonly #random: () => number;
  readonly #people: readonly Someone[] = [...APPS, GUEST].map((name) => ({ name, app: name !== GUEST, place: 'in', off: new Set<Button>(), shares: false }));
  #bots: 'there' | 'stranded' | 'gone' = 'there';
  #left: Kind[] = [];
  #open = false;

  constructor(seed: number) {
    this.#random = mulberry32(seed);
  }

  /** What happens next, while this person hosts. Null: everybody is there again, and the next call begins another round. */
  next(host: string): Action | null {
    if (!this.#open) {
      this.#open = true;
      this.#left = [...KINDS];
    }
    const events = this.#left.flatMap((kind) => this.#possible(kind, host).map((act) => ({ kind, act })));
    const repairs = this.#repairs();
    if (events.length === 0 || (repairs.length > 0 && this.#random() < PUT_RIGHT)) {
      const repair = this.#pick(repairs);
      if (repair) return this.#done(repair);
      this.#open = false;
      return null;
    }
    // First the kind: those that could happen to more people are no more likely.
    const kind = this.#pick([...new Set(events.map((event) => event.kind))]);
    const chosen = this.#pick(events.filter((event) => event.kind === kind));
    if (!chosen) return null;
    this.#left = this.#left.filter((one) => one !== chosen.kind);
    return this.#done(chosen.act);
  }

  #possible(kind: Kind, host: string): Action[] {
    const inside = this.#people.filter(({ place }) => place === 'in');
    const members = this.#people.filter(({ app, name, place }) => app && name !== host && place === 'in');
    const all = (people: readonly Someone[], act: (who: string) => Action): Action[] => people.map(({ name }) => act(name));
    switch (kind) {
      case 'microphone':
        return inside.flatMap(({ name, off }) => (off.has('mic-button') ? [] : [{ do: 'switch' as const, who: name, button: 'mic-button' as const, on: false }]));
      case 'camera':
        return inside.flatMap(({ name, off }) => (off.has('camera-button') ? [] : [{ do: 'switch' as const, who: name, button: 'camera-button' as const, on: false }]));
      case 'screen':
        // One at a time, as two cores can draw.
        if (this.#people.some(({ shares }) => shares)) return [];
        return all(inside, (who) => ({ do: 'switch', who, button: 'share-button', on: true }));
      case 'chat':
        return all(inside, (who) => ({ do: 'say', who }));
      case 'reload':
        return all(inside, (who) => ({ do: 'reload', who }));
      case 'leave':
        return all(members, (who) => ({ do: 'leave', who }));
      case 'guest-leaves':
        return all(inside.filter(({ app }) => !app), (who) => ({ do: 'leave', who }));
      case 'bots-leave':
        return this.#bots === 'there' ? [{ do: 'bots', now: 'leave' }] : [];
      case 'bots-killed':
        return this.#bots === 'there' ? [{ do: 'bots', now: 'killed' }] : [];
      case 'page-killed':
        return all(members, (who) => ({ do: 'kill-page', who }));
      case 'member-killed':
        return all(members, (who) => ({ do: 'kill', who }));
      case 'host-killed':
        // Two stay: the next host, and somebody who follows it.
        return members.length >= 2 ? [{ do: 'kill', who: host }] : [];
      case 'host-quits':
        return members.length >= 2 ? [{ do: 'quit', who: host }] : [];
    }
  }

  #repairs(): Action[] {
    const repairs: Action[] = [];
    for (const { name, place, off, shares } of this.#people) {
      if (place === 'out' || place === 'stranded') repairs.push({ do: 'return', who: name });
      else if (place === 'no-page' || place === 'dead') repairs.push({ do: 'restart', who: name });
      else {
        for (const button of off) repairs.push({ do: 'switch', who: name, button, on: true });
        if (shares) repairs.push({ do: 'switch', who: name, button: 'share-button', on: false });
      }
    }
    if (this.#bots !== 'there') repairs.push({ do: 'bots', now: 'come' });
    return repairs;
  }

  /** Takes for granted that it works; whoever acts fails if it does not. */
  #done(action: Action): Action {
    const someone = 'who' in action ? this.#people.find(({ name }) => name === action.who) : undefined;
    switch (action.do) {
      case 'switch':
        if (!someone) break;
        if (action.button === 'share-button') someone.shares = action.on;
        else if (action.on) someone.off.delete(action.button);
        else someone.off.add(action.button);
        break;
      case 'say':
        break;
      case 'reload':
        this.#move(someone, 'in', true);
        break;
      case 'leave':
        this.#move(someone, 'out', true);
        break;
      case 'return':
      case 'restart':
        this.#move(someone, 'in', false);
        break;
      case 'kill-page':
        this.#move(someone, 'no-page', true);
        break;
      case 'kill':
      case 'quit':
        this.#move(someone, 'dead', true);
        break;
      case 'bots':
        this.#bots = action.now === 'come' ? 'there' : 'gone';
    }
    return action;
  }

  /** The host of all others is gone: who came in a browser or as a bot knows no other. */
  hostWent(): void {
    for (const someone of this.#people) if (!someone.app && someone.place === 'in') someone.place = 'stranded';
    for (const someone of this.#people) if (!someone.app) someone.shares = false;
    if (this.#bots === 'there') this.#bots = 'stranded';
  }

  #move(someone: Someone | undefined, place: Place, forgets: boolean): void {
    if (!someone) return;
    someone.place = place;
    if (forgets) someone.shares = false;
  }

  #pick<T>(from: readonly T[]): T | undefined {
    return from[Math.floor(this.#random() * from.length)];
  }
}

/** One line for people, from which a run can be followed. */
export function describe(action: Action): string {
  switch (action.do) {
    case 'switch':
      return `${action.who}: ${action.button.replace('-button', '')} ${action.on ? 'on' : 'off'}`;
    case 'bots':
      return `bots ${action.now}`;
    default:
      return `${action.who}: ${action.do}`;
  }
}

/** A small generator with 32 bits of state (Tommy Ettinger's Mulberry32, public domain): the same numbers everywhere. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
