import type { Heard, Line } from '../../rtc/line/line.ts';
import type { MeshPeer } from '../../rtc/member.ts';
import type { View, Views } from '../../rtc/send/plan.ts';
import type { LinkSample } from '../../rtc/stats.ts';
import { logFor } from '../../shared/log.ts';
import type { Readable } from '../../shared/store.ts';
import type { SetTimer } from '../../shared/timer.ts';
import type { Spared } from '../model.ts';
import { activeSpeaker, NOBODY_SPEAKS, type Voice } from './active-speaker.ts';
import { ArrivalCounter } from './arrivals.ts';
import { Asking } from './asking.ts';
import { choose, type Candidate, type Choice, type Limits } from './choose.ts';
import { AT_FULL, FULL, govern, LEVELS, limitsOf, trouble, type Governor, type Level, type Load } from './governor.ts';
import { NOTHING_SHOWN, see, settle, type Settled } from './settle.ts';

/**
 * What this page shows of everybody, and telling them: a picture that nobody looks at is not encoded, sent or decoded. Brings
 * together what tiles say of their sizes, who speaks, and whether this computer keeps up.
 */
export interface ViewingParts {
  readonly peers: Readable<readonly MeshPeer[]>;
  readonly lineTo: (id: string) => Pick<Line, 'send'> | null;
  /** What this computer shows without trouble. */
  readonly most: Pick<Limits, 'pictures' | 'pixels'>;
  /** Whether somebody can look at the page at all: not minimised, covered or in another tab. */
  readonly visible: Readable<boolean>;
  /** Pixels a second that we would encode at this level, by which two levels can be compared. */
  readonly encoded: (level: Level) => number;
  readonly setTimer: SetTimer;
  /** Milliseconds, rising. */
  readonly now: () => number;
  /** Who is left out, and why, or who is the active speaker, is another than before; or the share that is left for encoding. */
  readonly onchange: () => void;
}


type Source = 'camera' | 'screen';

/** So long a newcomer's page starts, and links are made. */
const SETTLES_MS = 4_000;
/** A face that came stays for so long, and what comes of it counts as steady only then. */
const DWELL_MS = 3_000;
const NO_VIEW: View = { height: 0, framesPerSecond: 0 };
const NOBODY: Choice = { views: new Map(), leftOut: new Set() };
const log = logFor('viewing');

export class Viewing {
  readonly #parts: ViewingParts;
  /** By `<participant id>:<source>`. */
  readonly #shown = new Map<string, Settled>();
  readonly #speaking = new Map<string, { on: boolean; at: number }>();
  /** Since when each is asked for a face, or not. */
  readonly #asked = new Map<string, { on: boolean; at: number }>();
  /** When each came on screen in somebody's place. */
  readonly #came = new Map<string, number>();
  /** What each was told last, by its line of now. */
  readonly #told = new Map<string, string>();
  readonly #toldLimit = new Map<string, number>();
  readonly #stops: (() => void)[];
  readonly #arrivals = new ArrivalCounter();
  readonly #asking = new Asking();
  #choice: Choice = NOBODY;
  #active = NOBODY_SPEAKS;
  #governor: Governor = AT_FULL;
  #all = false;
  #spared: Spared | null = null;
  #cameras = '';
  #ids = '';
  /** When somebody last came or went. */
  #peopleAt = -Infinity;
  /** Whose pictures were asked for when somebody last looked. */
  #seen: ReadonlySet<string> = new Set();
  #said = ' ';
  #stopTimer: () => void = () => undefined;
  #closed = false;

  constructor(parts: ViewingParts) {
    this.#parts = parts;
    this.#stops = [
      parts.visible.subscribe(() => {
        this.#renew();
      }),
      parts.peers.subscribe((peers) => {
        this.#people(peers);
      }),
    ];
  }

  /** Whose camera is on and not asked for. */
  get leftOut(): ReadonlySet<string> {
    return this.#choice.leftOut;
  }

  /** Who speaks, or spoke last: whom a room with many faces shows large. Null while nobody else is here. */
  get activeSpeaker(): string | null {
    return this.#active.id;
  }

  /** What people are told of it; null while everybody is shown. */
  get spared(): Spared | null {
    return this.#spared;
  }

  /** How much less than everything, at the moment. */
  get level(): Level {
    return LEVELS[this.#governor.level] ?? FULL;
  }

  /** @param pixels the height of the whole picture in device pixels; 0: it is not on screen */
  setShown(id: string, source: Source, pixels: number): void {
    if (this.#closed || !this.#parts.peers.get().some((peer) => peer.id === id)) return;
    const key = `${id}:${source}`;
    const before = this.#shown.get(key) ?? NOTHING_SHOWN;
    const after = see(before, pixels, this.#parts.now());
    if (after === before) return;
    this.#shown.set(key, after);
    if (after.height === before.height) this.#wait();
    else this.#renew();
  }

  /** Something came by somebody's line. Whoever has a new one was told nothing by it yet. */
  heard(id: string, heard: Heard): void {
    if (heard.is !== 'ready') return;
    this.#told.delete(id);
    this.#toldLimit.delete(id);
    this.#tell(id);
  }

  speaks(id: string, on: boolean): void {
    this.#speaking.set(id, { on, at: this.#parts.now() });
    // Everybody is shown as they are; only who is large, who is left out and who is shown with fewer frames follows from it.
    this.#renew();
  }

  /** Another second has passed. */
  watch(load: Load): void {
    if (this.#closed || !this.#parts.visible.get()) return;
    const now = this.#parts.now();
    const before = this.#governor;
    this.#governor = govern(before, load, { now, unsettled: now - this.#peopleAt < SETTLES_MS, matters: (from, to) => this.#matters(from, to) });
    if (before.level === this.#governor.level) return;
    log.info(`level ${String(before.level)} → ${String(this.#governor.level)} (${trouble(load) ?? load.pressure ?? 'calm'})`);
    this.#renew();
    this.#parts.onchange();
  }

  /** What came by all links in another second. */
  arrived(samples: ReadonlyMap<string, Pick<LinkSample, 'incoming'>>): void {
    if (this.#closed) return;
    const people = this.#candidates();
    const free = choose(people, limitsOf(this.level, this.#parts.most), this.#seen).views;
    const cameras = new Set(people.flatMap(({ id, cameraOn }) => (cameraOn ? [id] : [])));
    if (!this.#asking.judge(this.#arrivals.read(samples), { asked: this.#choice.views, free, cameras })) return;
    log.info(`the way in: ${this.#asking.words}`);
    this.#renew();
    this.#parts.onchange();
  }

  /** The person wants to see everybody, whatever it costs; or not any more. */
  showAll(on: boolean): void {
    if (this.#all === on) return;
    this.#all = on;
    this.#renew();
  }

  close(): void {
    this.#closed = true;
    this.#stopTimer();
    for (const stop of this.#stops.splice(0)) stop();
  }

  #limits(level: Level): Limits {
    const most = limitsOf(level, this.#parts.most);
    const limits = { ...most, pictures: Math.min(most.pictures, this.#asking.pictures) };
    return this.#all ? { ...limits, pictures: Infinity, pixels: Infinity, height: Math.max(limits.height, 180), framesPerSecond: Math.max(limits.framesPerSecond, 10) } : limits;
  }

  #candidates(): Candidate[] {
    const now = this.#parts.now();
    return this.#parts.peers.get().map(({ id, gone, media, incoming }) => {
      const height = (source: Source): number => (gone ? 0 : settle(this.#shown.get(`${id}:${source}`) ?? NOTHING_SHOWN, now).height);
      const { on, at } = this.#speaking.get(id) ?? { on: false, at: 0 };
      return { id, camera: height('camera'), screen: height('screen'), cameraOn: media?.camera ?? incoming.camera !== undefined, speaking: on || (id === this.#active.id && at > 0), spokeAt: at, fresh: now - (this.#came.get(id) ?? -Infinity) < DWELL_MS };
    });
  }

  #matters(from: Level, to: Level): boolean {
    const people = this.#candidates();
    const views = (level: Level): string => JSON.stringify([...choose(people, this.#limits(level), this.#seen).views]);
    return views(from) !== views(to) || this.#parts.encoded(from) !== this.#parts.encoded(to);
  }

  /** Nothing changed lately in whether this face is asked for: a pause that we made is no freeze. */
  isSteady(id: string): boolean {
    return this.#parts.now() - (this.#asked.get(id)?.at ?? -Infinity) >= DWELL_MS;
  }

  /** People came, went, or turned their camera on. */
  #people(peers: readonly MeshPeer[]): void {
    const ids = new Set(peers.map(({ id }) => id));
    const names = [...ids].join(' ');
    if (names !== this.#ids) this.#peopleAt = this.#parts.now();
    this.#ids = names;
    for (const key of this.#shown.keys()) if (!ids.has(key.slice(0, key.lastIndexOf(':')))) this.#shown.delete(key);
    for (const known of [this.#speaking, this.#told, this.#toldLimit, this.#asked, this.#came]) for (const id of known.keys()) if (!ids.has(id)) known.delete(id);
    const cameras = peers.map(({ id, gone, media }) => `${id} ${String(gone)} ${String(media?.camera)}`).join(',');
    if (cameras === this.#cameras) return;
    this.#cameras = cameras;
    this.#renew();
  }

  #renew(): void {
    if (this.#closed) return;
    const now = this.#parts.now();
    for (const [key, settled] of this.#shown) this.#shown.set(key, settle(settled, now));
    const { level } = this;
    const { leftOut } = this.#choice;
    const active = this.#active.id;
    this.#active = activeSpeaker(this.#active, this.#voices(), now);
    const looked = this.#parts.visible.get();
    if (looked) {
      const people = this.#candidates();
      this.#choice = choose(people, this.#limits(level), this.#seen);
      this.#seen = new Set(people.flatMap(({ id, cameraOn }) => (cameraOn && (this.#choice.views.get(id)?.camera.height ?? 0) > 0 ? [id] : [])));
    } else {
      // Who is left out stays, so that the page looks the same when somebody looks again.
      this.#choice = { views: new Map(), leftOut: this.#choice.leftOut };
    }
    for (const { id } of this.#parts.peers.get()) {
      const on = (this.#choice.views.get(id)?.camera.height ?? 0) > 0;
      if (leftOut.has(id) && on) this.#came.set(id, now);
      const asked = this.#asked.get(id);
      if (asked === undefined) this.#asked.set(id, { on, at: -Infinity });
      else if (asked.on !== on) this.#asked.set(id, { on, at: now });
      this.#tell(id);
    }
    if (looked) this.#say(level);
    if (this.#active.id !== active) this.#parts.onchange();
    this.#wait();
  }

  #voices(): Voice[] {
    const here = this.#parts.peers.get().filter(({ gone }) => !gone);
    return here.map(({ id }) => {
      const { on, at } = this.#speaking.get(id) ?? { on: false, at: 0 };
      return { id, speaking: on, at };
    });
  }

  #say(level: Level): void {
    const { leftOut } = this.#choice;
    const busy = level.pictures < this.#parts.most.pictures;
    const { narrow } = this.#asking;
    const why = busy ? 'busy' : narrow ? 'narrow' : 'many';
    const spared: Spared | null = leftOut.size > 0 ? { why, pictures: this.#seen.size } : narrow && this.#seen.size > 0 ? { why: 'narrow', pictures: Infinity } : null;
    const key = (what: Spared | null): string => (what === null ? '' : `${what.why} ${String(what.pictures)}`);
    const told = `${key(spared)} ${[...leftOut].join(' ')}`;
    if (told === this.#said) return;
    this.#said = told;
    this.#spared = spared;
    this.#parts.onchange();
  }

  #tell(id: string): void {
    const line = this.#parts.lineTo(id);
    if (line === null) return;
    const views: Views = this.#choice.views.get(id) ?? { camera: NO_VIEW, screen: NO_VIEW };
    const words = JSON.stringify(views);
    if (this.#told.get(id) !== words && line.send({ is: 'views', ...views })) this.#told.set(id, words);
    // Whoever never heard of a limit has none.
    const bitrate = this.#asking.limitOf(id);
    if ((this.#toldLimit.get(id) ?? null) === bitrate || !line.send({ is: 'limit', bitrate })) return;
    if (bitrate === null) this.#toldLimit.delete(id);
    else this.#toldLimit.set(id, bitrate);
  }

  /** Until the next size that is waited for, somebody may become the active speaker, or a face that came may give way. */
  #wait(): void {
    this.#stopTimer();
    const sizes = [...this.#shown.values()].map(({ next }) => next?.at ?? Infinity);
    const faces = this.#choice.leftOut.size === 0 ? [] : [...this.#came.values()].flatMap((at) => (at + DWELL_MS > this.#parts.now() ? [at + DWELL_MS] : []));
    const due = Math.min(...sizes, ...faces, this.#active.next ?? Infinity);
    if (due === Infinity) return;
    this.#stopTimer = this.#parts.setTimer(() => {
      this.#renew();
    }, Math.max(0, due - this.#parts.now()));
  }
}
