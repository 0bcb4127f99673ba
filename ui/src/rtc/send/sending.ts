import type { SetTimer } from '../../shared/timer.ts';
import type { Outgoing } from '../slots.ts';
import type { Source } from '../source.ts';
import { allocate, pixelRange, SOUND_BITRATE, type Budget, type LinkFacts, type Memory, type PixelRange, type SourceFacts } from './allocate.ts';
import { tune, wishFor } from './apply.ts';
import { FREE, isStrained, judgePath, limitOf, type Path } from './path.ts';
import type { Rendition, SendPlan, Sent, Views } from './plan.ts';
import { between, countersOf, type Counters, type LinkLoad } from './readings.ts';

/**
 * Decides and does what is sent of our camera and screen: hears what others show, looks at what the ways carry, asks the
 * allocator, and tunes the senders. At most ten decisions a second, however often somebody changes its mind.
 */
export interface SendingParts {
  readonly links: () => ReadonlyMap<string, SentLink>;
  /** What goes out, as it was captured. */
  readonly outgoing: () => Outgoing;
  readonly budget: (range: PixelRange) => Budget;
  /** Null where every link has an encoder of its own. */
  readonly shared: SharedCameraLike | null;
  readonly setTimer: SetTimer;
  /** Milliseconds, rising. */
  readonly now: () => number;
}

/** What of a link is used. */
export interface SentLink {
  readonly connectionId: string;
  /** The encoder for all links can serve it. */
  readonly shares: boolean;
  setCameraSent(sent: Sent): void;
  /** Whether the voice is to take as little as a voice can. */
  setSoundSpared(spared: boolean): void;
  sender(source: Source): RTCRtpSender | null;
}

/** One encoder for many links. */
export interface SharedCameraLike {
  setRenditions(renditions: readonly Rendition[]): void;
}

/** As in plan.ts. */
const MOST_RENDITIONS = 2;
/** Links of which more than half are strained at once. Two may share a bad network. */
const MANY_STRAINED = 3;
/** Between two decisions. */
const DECIDE_MS = 100;
/** bit/s. Of a way that carries less, voices are not to take most: three at their full rate fill 300 kbit/s. */
const SPARES_SOUND = 500_000;
/** Until a new link says what it shows, for which its data channel has to open, it is taken for one like the others. */
const NEW_MS = 2_000;

interface Known {
  connectionId: string;
  /** When it was first seen. */
  since: number;
  views: Views | null;
  /** bit/s that it says its way carries; null: it says nothing against all of it. */
  told: number | null;
  path: Path;
  /** At the last reading it looked as if the way was too slow. */
  strained: boolean;
  counters: Counters | null;
}

export class Sending {
  readonly #parts: SendingParts;
  readonly #known = new Map<string, Known>();
  #memory: Memory | null = null;
  #plan: SendPlan = { renditions: [], camera: new Map(), screen: new Map() };
  #decidedAt = Number.NEGATIVE_INFINITY;
  #stop: (() => void) | null = null;
  #closed = false;

  constructor(parts: SendingParts) {
    this.#parts = parts;
  }

  /** What was decided last. */
  get plan(): SendPlan {
    return this.#plan;
  }

  /** Pixels a second that would be encoded if no face were sent larger or more often than this. */
  pixelsAt(face: Budget['face']): number {
    return pixelRange({ ...this.#sources(), links: this.#facts() }, MOST_RENDITIONS, face).wanted;
  }

  /** Somebody says what it shows of us; null: it says nothing any more, or not yet. */
  heard(id: string, views: Views | null): void {
    const known = this.#of(id);
    if (known === null || same(known.views, views)) return;
    known.views = views;
    this.changed();
  }

  /** Somebody says how much it may be sent, sound included, in bit/s; null: as much as it shows. */
  limited(id: string, bitrate: number | null): void {
    const known = this.#of(id);
    if (known === null || known.told === bitrate) return;
    known.told = bitrate;
    this.changed();
  }

  /** Links, tracks or the budget are perhaps others than before. */
  changed(): void {
    if (this.#closed || this.#stop !== null) return;
    const wait = this.#decidedAt + DECIDE_MS - this.#parts.now();
    if (wait <= 0) {
      this.#decide();
      return;
    }
    this.#stop = this.#parts.setTimer(() => {
      this.#stop = null;
      this.#decide();
    }, wait);
  }

  /** The same, and it cannot wait: a link or a track is there that nothing was decided for. */
  changedNow(): void {
    if (this.#closed) return;
    this.#stop?.();
    this.#stop = null;
    this.#decide();
  }

  /** The newest statistics of a link. Returns what happened since the ones before. */
  read(id: string, report: Iterable<readonly [string, object]>, sources: ReadonlyMap<string, Source>, at: number): LinkLoad | null {
    const known = this.#of(id);
    if (known === null) return null;
    const before = known.counters;
    const counters = countersOf(report, sources, at);
    known.counters = counters;
    if (before === null || counters.at <= before.at) return null;
    const load = between(before, counters);
    const given = SOUND_BITRATE + bitsOf(this.#plan, id);
    // A carrier's encoder knows nothing of what the carrier becomes.
    const served = this.#plan.camera.get(id)?.is === 'shared';
    const delayMs = load.packetsSent === 0 ? null : (load.sendDelay / load.packetsSent) * 1_000;
    const reading = { estimate: load.estimate, delayMs, limited: !served && load.bandwidthLimited > load.seconds / 2, sent: (load.bytesSent * 8) / load.seconds, given, wanted: SOUND_BITRATE + this.#wanted(id) };
    known.strained = isStrained(reading);
    // Then it is this computer that is slow, and smaller pictures for one would help nobody: the governor sees to that.
    if (!(known.strained && this.#strainedEverywhere())) known.path = judgePath(known.path, reading);
    this.changed();
    return load;
  }

  close(): void {
    this.#closed = true;
    this.#stop?.();
    this.#stop = null;
  }

  /** Null for nobody in the room. What was known of an earlier connection says nothing of this one. */
  #of(id: string): Known | null {
    const link = this.#parts.links().get(id);
    if (link === undefined) return null;
    const known = this.#known.get(id);
    if (known?.connectionId === link.connectionId) return known;
    const fresh: Known = { connectionId: link.connectionId, since: this.#parts.now(), views: null, told: null, path: FREE, strained: false, counters: null };
    this.#known.set(id, fresh);
    return fresh;
  }

  #wanted(id: string): number {
    const known = this.#known.get(id);
    const link: LinkFacts = { id, views: known?.views ?? null, limit: null, shares: false };
    const free = { pixels: Infinity, uplink: Infinity, renditions: 0, face: { height: Infinity, framesPerSecond: Infinity } };
    return bitsOf(allocate({ ...this.#sources(), links: [link], budget: free }, null, 0).plan, id);
  }

  #strainedEverywhere(): boolean {
    const strained = [...this.#known.values()].filter((known) => known.strained).length;
    return strained >= MANY_STRAINED && strained > this.#known.size / 2;
  }

  /** What most of those who said show of us; null if nobody said. */
  #usualViews(): Views | null {
    const counts = new Map<string, { views: Views; count: number }>();
    for (const { views } of this.#known.values()) {
      if (views === null) continue;
      const key = JSON.stringify(views);
      counts.set(key, { views, count: (counts.get(key)?.count ?? 0) + 1 });
    }
    const [usual] = [...counts.values()].sort((a, b) => b.count - a.count || b.views.camera.height - a.views.camera.height);
    return usual?.views ?? null;
  }

  #sources(): { camera: SourceFacts | null; screen: SourceFacts | null } {
    const { camera, screen } = this.#parts.outgoing();
    return { camera: sourceFacts(camera), screen: sourceFacts(screen) };
  }

  #facts(): LinkFacts[] {
    const { links, shared, now } = this.#parts;
    const at = now();
    return [...links()].map(([id, { shares }]): LinkFacts => {
      const known = this.#of(id);
      const isNew = known !== null && at - known.since < NEW_MS;
      return { id, views: known?.views ?? (isNew ? this.#usualViews() : null), limit: least(limitOf(known?.path ?? FREE), known?.told ?? null), shares: shared !== null && shares };
    });
  }

  #decide(): void {
    const { links: linksNow, budget, shared, now } = this.#parts;
    const links = linksNow();
    for (const id of this.#known.keys()) if (!links.has(id)) this.#known.delete(id);
    const sources = this.#sources();
    const facts = this.#facts();
    this.#decidedAt = now();
    const range = pixelRange({ ...sources, links: facts }, MOST_RENDITIONS);
    const { plan, memory } = allocate({ ...sources, links: facts, budget: budget(range) }, this.#memory, this.#decidedAt);
    this.#memory = memory;
    this.#plan = plan;
    shared?.setRenditions(plan.renditions);
    const limits = new Map(facts.map(({ id, limit }) => [id, limit]));
    for (const [id, link] of links) {
      link.setSoundSpared((limits.get(id) ?? Infinity) < SPARES_SOUND);
      const sent = plan.camera.get(id);
      // A source that is off is left as it is: nothing is sent of it anyway, and it comes back by what is decided then.
      if (sources.camera !== null && sent !== undefined) link.setCameraSent(sent);
      const motion = sources.screen?.motion === true;
      apply(link.sender('screen'), plan.screen.get(id) ?? { is: 'nothing' }, sources.screen, motion ? 'maintain-framerate' : 'maintain-resolution');
    }
  }
}

function least(one: number | null, other: number | null): number | null {
  return one === null ? other : other === null ? one : Math.min(one, other);
}

function apply(sender: RTCRtpSender | null, sent: Sent, source: SourceFacts | null, degradation: RTCDegradationPreference): void {
  if (sender !== null && source !== null) void tune(sender, wishFor(sent, source, degradation));
}

function bitsOf({ camera, screen, renditions }: SendPlan, id: string): number {
  const bits = (sent: Sent | undefined): number => {
    if (sent === undefined || sent.is === 'nothing') return 0;
    return sent.is === 'own' ? sent.bitrate : (renditions.find((rendition) => rendition.id === sent.rendition)?.bitrate ?? 0);
  };
  return bits(camera.get(id)) + bits(screen.get(id));
}

/** What a track says of itself; sources that do not say are taken as what is usual. */
function sourceFacts(track: MediaStreamTrack | null): SourceFacts | null {
  if (track === null) return null;
  const { width = 1280, height = 720, frameRate = 30 } = track.getSettings();
  return { width: Math.max(1, width), height: Math.max(1, height), framesPerSecond: frameRate > 0 ? frameRate : 30, motion: track.contentHint === 'motion' };
}

function same(a: Views | null, b: Views | null): boolean {
  if (a === null || b === null) return a === b;
  return (['camera', 'screen'] as const).every((source) => a[source].height === b[source].height && a[source].framesPerSecond === b[source].framesPerSecond);
}
