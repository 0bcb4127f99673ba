import { displayed, type Displayed } from '../../media/displayed.ts';
import type { LinkLoad } from '../../rtc/send/readings.ts';
import type { Load } from './governor.ts';

/** What the governor looks at, brought together from all links and from the page itself, once a second. */

/** The engine's own measure of the processor, where there is one (Compute Pressure, W3C). */
interface PressureRecord {
  readonly state: NonNullable<Load['pressure']>;
}
interface PressureObserverLike {
  observe(source: 'cpu', options: { sampleInterval: number }): Promise<void>;
  disconnect(): void;
}
type PressureObserverClass = new (onchange: (records: readonly PressureRecord[]) => void) => PressureObserverLike;

/** Often enough to notice a page that does not answer, and far too seldom to be felt. */
const TICK_MS = 250;
/** Slower than the readings: the system's word changes slowly. */
const PRESSURE_MS = 2_000;
/** Frames that say something about a share. */
const FEW_FRAMES = 8;
/** A picture that comes back after a pause counts as a freeze of that pause. */
const SETTLED_ROUNDS = 3;

/** Pure: one second of all links. `steady`: links whose pictures have flowed for some time. */
export function loadOf(links: ReadonlyMap<string, LinkLoad>, steady: ReadonlySet<string>, cores: number, shown: Displayed): Omit<Load, 'lagMs' | 'pressure'> {
  let encoding = 0;
  let slowest = 0;
  let received = 0;
  let dropped = 0;
  let frozenLinks = 0;
  let flowing = 0;
  let limitedByCpu = false;
  for (const [id, load] of links) {
    if (load.seconds <= 0) continue;
    const share = load.encodeTime / load.seconds;
    encoding += share;
    if (load.framesEncoded >= FEW_FRAMES) slowest = Math.max(slowest, share);
    limitedByCpu ||= load.cpuLimited > load.seconds / 2;
    if (load.framesReceived === 0) continue;
    flowing += 1;
    // What is lost on the way is late too, and nobody here can help it.
    if (load.packetsLost > 0 || !steady.has(id)) continue;
    received += load.framesReceived;
    dropped += load.framesDropped;
    if (load.freezes > 0) frozenLinks += 1;
  }
  return {
    encoding,
    encoderBusy: Math.max(slowest, encoding / Math.max(1, cores)),
    limitedByCpu,
    lateFrames: received < FEW_FRAMES ? null : Math.min(1, dropped / received + (shown.frames < FEW_FRAMES ? 0 : shown.dropped / shown.frames)),
    frozenLinks,
    links: flowing,
  };
}

export class LoadWatch {
  readonly #cores: number;
  readonly #isSteady: (id: string) => boolean;
  readonly #onload: (load: Load) => void;
  readonly #round = new Map<string, LinkLoad>();
  /** In how many rounds in a row pictures came. */
  readonly #flowed = new Map<string, number>();
  readonly #timer: ReturnType<typeof setInterval>;
  #pressure: Load['pressure'] = null;
  #observer: PressureObserverLike | null = null;
  #lagMs = 0;
  #tickedAt = performance.now();
  #displayed = displayed();

  /** @param isSteady whether somebody's pictures were wanted all the time lately */
  constructor(cores: number, isSteady: (id: string) => boolean, onload: (load: Load) => void) {
    this.#cores = cores;
    this.#isSteady = isSteady;
    this.#onload = onload;
    this.#timer = setInterval(() => {
      const now = performance.now();
      this.#lagMs = Math.max(this.#lagMs, now - this.#tickedAt - TICK_MS);
      this.#tickedAt = now;
    }, TICK_MS);
    this.#observe();
  }

  link(id: string, load: LinkLoad): void {
    this.#round.set(id, load);
  }

  /** All links were read. */
  round(): void {
    for (const id of this.#flowed.keys()) if (!this.#round.has(id)) this.#flowed.delete(id);
    for (const [id, { framesReceived }] of this.#round) this.#flowed.set(id, framesReceived === 0 ? 0 : (this.#flowed.get(id) ?? 0) + 1);
    const steady = new Set([...this.#flowed].flatMap(([id, rounds]) => (rounds > SETTLED_ROUNDS && this.#isSteady(id) ? [id] : [])));
    const load = { ...loadOf(this.#round, steady, this.#cores, this.#shown()), lagMs: Math.max(0, this.#lagMs), pressure: this.#pressure };
    this.#round.clear();
    this.#lagMs = 0;
    this.#onload(load);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#observer?.disconnect();
  }

  /** Since the last round. */
  #shown(): Displayed {
    const before = this.#displayed;
    this.#displayed = displayed();
    let frames = 0;
    let dropped = 0;
    for (const [video, now] of this.#displayed) {
      const then = before.get(video);
      if (then === undefined) continue;
      frames += now.frames - then.frames;
      dropped += now.dropped - then.dropped;
    }
    return { frames, dropped };
  }

  #observe(): void {
    const known = (globalThis as { PressureObserver?: PressureObserverClass }).PressureObserver;
    if (known === undefined) return;
    try {
      const observer = new known((records) => {
        this.#pressure = records.at(-1)?.state ?? null;
      });
      this.#observer = observer;
      observer.observe('cpu', { sampleInterval: PRESSURE_MS }).catch(() => {
        // Not allowed in this page; the other signs remain.
        this.#observer = null;
      });
    } catch {
      this.#observer = null;
    }
  }
}
