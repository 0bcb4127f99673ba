import { LEAST_FACES, LEVELS, type Cap } from './levels.ts';
import type { Rendition, RenditionId, SendPlan, Sent, View, Views } from './plan.ts';
import { cameraBitrate, pixelRate, screenBitrate, type Picture } from './rates.ts';

/**
 * Who is sent what: from what everybody shows, what the ways to them carry, and what this computer can encode and send. Pure;
 * time is an argument.
 *
 * There is one level for this computer and one for each link (`levels.ts`), and a link gets the lower of both. Down at once, up
 * when the better level has fitted for some time, with something to spare.
 */

/** A camera or screen of ours. */
export interface SourceFacts {
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  readonly framesPerSecond: number;
  /** Of a screen: it shows a film rather than text. */
  readonly motion: boolean;
}

export interface LinkFacts {
  readonly id: string;
  /** Null: it never said, and is sent everything. */
  readonly views: Views | null;
  /** bit/s that the way carries; null while nothing speaks against all of it. */
  readonly limit: number | null;
  /** One encoder for several links can serve it. */
  readonly shares: boolean;
}

export interface Budget {
  /** Encoded pixels a second. */
  readonly pixels: number;
  /** bit/s of all links together. */
  readonly uplink: number;
  /** Pictures of the camera that are encoded once for several; each costs an encoder. */
  readonly renditions: number;
  /** The most that is sent of a face, whoever shows it. */
  readonly face: { readonly height: number; readonly framesPerSecond: number };
}

export interface Facts {
  readonly camera: SourceFacts | null;
  readonly screen: SourceFacts | null;
  readonly links: readonly LinkFacts[];
  readonly budget: Budget;
}

interface Standing {
  readonly level: number;
  /** Since when a better level fits; null while none does. */
  readonly roomSince: number | null;
}

/** What the last decision leaves for the next one. */
export interface Memory {
  readonly computer: Standing;
  readonly links: ReadonlyMap<string, Standing>;
}

/** Sound goes first: so much of each way is left to it. Opus with its packets takes 40 kbit/s at the rate that is usual. */
export const SOUND_BITRATE = 40_000;
/** A text that stands still costs an encoder little. */
const TEXT_PIXELS = 0.25;
/** As long as that a better level has to fit, or two sizes would change places every second. */
const UP_MS = 3_000;
/** And with so much to spare. */
const SPARE = 0.85;
/** So many times the pixels of what is wanted are near it: 30 frames for 20, or 720 lines for 540. */
const NEAR = 1.8;
const LAST = LEVELS.length - 1;
const NOTHING: Sent = { is: 'nothing' };
const EVERYTHING: View = { height: Infinity, framesPerSecond: 30 };

/** What encoding takes, in pixels a second. */
export interface PixelRange {
  /** All that is shown. */
  readonly wanted: number;
  /** As little as is sent to whoever shows it. */
  readonly least: number;
}

export function pixelRange(facts: Omit<Facts, 'budget'>, renditions: number, face: Budget['face'] = EVERYTHING): PixelRange {
  const within = { ...facts, budget: { pixels: Infinity, uplink: Infinity, renditions, face } };
  const at = (level: number): number => costOf(within, facts.links.map((link) => wishOf(within, link, level))).pixels;
  return { wanted: at(0), least: at(LEAST_FACES) };
}

/** @param before null at the beginning */
export function allocate(facts: Facts, before: Memory | null, now: number): { plan: SendPlan; memory: Memory } {
  const { links, budget } = facts;
  const standings = new Map<string, Standing>();
  for (const link of links) {
    const limit = link.limit === null ? Infinity : Math.max(0, link.limit - SOUND_BITRATE);
    const fits = (level: number, share: number): boolean => bitsOf(wishOf(facts, link, level)) <= limit * share;
    standings.set(link.id, stand(fits, before?.links.get(link.id) ?? null, now));
  }
  const at = (level: number): Wish[] => links.map((link) => wishOf(facts, link, Math.max(level, standings.get(link.id)?.level ?? 0)));
  const uplink = Math.max(0, budget.uplink - SOUND_BITRATE * links.length);
  const fits = (level: number, share: number): boolean => {
    const { bits, pixels } = costOf(facts, at(level));
    return bits <= uplink * share && pixels <= budget.pixels * share;
  };
  const computer = stand(fits, before?.computer ?? null, now);
  return { plan: planOf(facts, at(computer.level)), memory: { computer, links: standings } };
}

/** The last level costs nothing, so there is always one that fits. */
function stand(fits: (level: number, share: number) => boolean, before: Standing | null, now: number): Standing {
  const first = (from: number, share: number): number => {
    for (let level = from; level < LAST; level += 1) if (fits(level, share)) return level;
    return LAST;
  };
  if (before === null) return { level: first(0, 1), roomSince: null };
  const better = first(0, SPARE);
  if (better >= before.level) return { level: first(before.level, 1), roomSince: null };
  const roomSince = before.roomSince ?? now;
  if (now - roomSince >= UP_MS) return { level: better, roomSince: null };
  return { level: first(before.level, 1), roomSince };
}

/** What one link would get. */
interface Wish {
  readonly link: LinkFacts;
  readonly camera: Wanted | null;
  readonly screen: Wanted | null;
}

type Wanted = Picture & { readonly bitrate: number };

function wishOf({ camera, screen, budget: { face } }: Facts, link: LinkFacts, at: number): Wish {
  const level = LEVELS[at];
  const views = link.views ?? { camera: EVERYTHING, screen: EVERYTHING };
  const shown = { height: Math.min(views.camera.height, face.height), framesPerSecond: Math.min(views.camera.framesPerSecond, face.framesPerSecond) };
  return {
    link,
    camera: wanted(camera, shown, level?.face ?? null, cameraBitrate),
    screen: wanted(screen, views.screen, (screen?.motion === true ? level?.motion : level?.text) ?? null, screenBitrate),
  };
}

function wanted(source: SourceFacts | null, view: View, cap: Cap | null, bitrate: (picture: Picture) => number): Wanted | null {
  if (source === null || cap === null || view.height <= 0 || view.framesPerSecond <= 0) return null;
  const height = Math.min(view.height, cap.height, source.height);
  const framesPerSecond = Math.min(view.framesPerSecond, cap.framesPerSecond, source.framesPerSecond);
  const picture = { width: Math.round((source.width * height) / source.height), height, framesPerSecond };
  return { ...picture, bitrate: Math.round(bitrate(picture) * cap.bits) };
}

function bitsOf({ camera, screen }: Wish): number {
  return (camera?.bitrate ?? 0) + (screen?.bitrate ?? 0);
}

/** What all of them cost: bit/s on the way, and pixels a second that are encoded. */
function costOf({ screen, budget }: Facts, wishes: readonly Wish[]): { bits: number; pixels: number } {
  const groups = shared(wishes, budget.renditions);
  const served = new Map(groups.flatMap(({ wanted: picture, ids }) => ids.map((id) => [id, picture] as const)));
  const perScreen = screen?.motion === true ? 1 : TEXT_PIXELS;
  let bits = 0;
  let pixels = groups.reduce((sum, { wanted: picture }) => sum + pixelRate(picture), 0);
  for (const wish of wishes) {
    const rendition = served.get(wish.link.id);
    bits += (rendition ?? wish.camera)?.bitrate ?? 0;
    bits += wish.screen?.bitrate ?? 0;
    if (rendition === undefined && wish.camera !== null) pixels += pixelRate(wish.camera);
    if (wish.screen !== null) pixels += pixelRate(wish.screen) * perScreen;
  }
  return { bits, pixels };
}

/** Links that get the same picture of the camera. */
interface Group {
  readonly wanted: Wanted;
  readonly ids: readonly string[];
}

/**
 * The pictures that are encoded once for several links, the largest first: each is what somebody wants, and serves everybody whose
 * wish is near it. Somebody alone with a wish has a picture here too while there is room, so that it stays where it is when others
 * come and go; a single link has nothing to share.
 */
function shared(wishes: readonly Wish[], most: number): Group[] {
  let left = wishes.flatMap(({ link, camera, screen }) => (camera !== null && link.shares ? [{ id: link.id, room: (link.limit ?? Infinity) - SOUND_BITRATE - (screen?.bitrate ?? 0), camera }] : []));
  if (left.length < 2) return [];
  left.sort((a, b) => pixelRate(b.camera) - pixelRate(a.camera) || b.camera.height - a.camera.height || b.camera.bitrate - a.camera.bitrate);
  const groups: Group[] = [];
  for (let [first] = left; first !== undefined; [first] = left) {
    const { camera: picture, id: own } = first;
    const served = left.filter(({ id, camera, room }) => id === own || (picture.bitrate <= room && isNear(camera, picture)));
    groups.push({ wanted: picture, ids: served.map(({ id }) => id) });
    left = left.filter((each) => !served.includes(each));
  }
  const saved = ({ wanted: picture, ids }: Group): number => (ids.length - 1) * pixelRate(picture);
  const chosen = new Set([...groups].sort((a, b) => saved(b) - saved(a)).slice(0, most));
  return groups.filter((group) => chosen.has(group));
}

/** A picture that is encoded anyway is little more than this one: one encoder more would cost more than it saves. */
function isNear(wanted: Wanted, picture: Wanted): boolean {
  const enough = picture.height >= wanted.height && picture.framesPerSecond >= wanted.framesPerSecond && picture.bitrate >= wanted.bitrate;
  return enough && pixelRate(picture) <= pixelRate(wanted) * NEAR;
}

function planOf(facts: Facts, wishes: readonly Wish[]): SendPlan {
  const groups = shared(wishes, facts.budget.renditions);
  const byLink = new Map<string, RenditionId>();
  const renditions = groups.map(({ wanted: { height, framesPerSecond, bitrate }, ids }, index): Rendition => {
    const id: RenditionId = index === 0 ? 'large' : 'small';
    for (const link of ids) byLink.set(link, id);
    return { id, height, framesPerSecond, bitrate };
  });
  const own = (picture: Wanted | null): Sent =>
    picture === null ? NOTHING : { is: 'own', height: picture.height, framesPerSecond: picture.framesPerSecond, bitrate: picture.bitrate };
  return {
    renditions,
    camera: new Map(
      wishes.map(({ link: { id }, camera }) => {
        const rendition = byLink.get(id);
        return [id, rendition === undefined ? own(camera) : { is: 'shared', rendition }];
      }),
    ),
    screen: new Map(wishes.map(({ link: { id }, screen }) => [id, own(screen)])),
  };
}
