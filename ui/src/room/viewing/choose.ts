import { VIEW_HEIGHTS, type Views } from '../../rtc/send/plan.ts';

/**
 * Whose pictures are asked for, how large and how often: what is on screen, as far as this computer shows it without stutter.
 * Whoever speaks comes first, then who spoke last. Pure.
 */

/** Somebody in the room, and the pictures that could be shown. */
export interface Candidate {
  readonly id: string;
  /** Steps as in `VIEW_HEIGHTS`; 0: not on screen. */
  readonly camera: number;
  readonly screen: number;
  /** Only of pictures that are there some are left out. */
  readonly cameraOn: boolean;
  /** Or spoke last, and is shown large where one face is. */
  readonly speaking: boolean;
  /** When the person last began or ended to speak; 0: not yet. */
  readonly spokeAt: number;
  /** Came on screen a moment ago: where many speak in turns, faces do not come and go with each word. */
  readonly fresh: boolean;
}

/** What this computer can show at the moment. */
export interface Limits {
  /** Faces at once. */
  readonly pictures: number;
  /** One of `VIEW_HEIGHTS`. */
  readonly height: number;
  readonly framesPerSecond: number;
  /** Decoded pixels a second, of all pictures together. */
  readonly pixels: number;
}

export interface Choice {
  readonly views: ReadonlyMap<string, Views>;
  /** Whose camera is on and would be on screen, and is not asked for. */
  readonly leftOut: ReadonlySet<string>;
}

/** The least that is asked for in a second: slower, a picture is a row of stills. */
const FEWEST_FRAMES = 10;
/** On a tile of a thumb's size nobody counts frames. */
const TINY = 90;
const TINY_FRAMES = 15;
/** Below it a face cannot be read: 320×240 in a camera picture of 4:3. */
const SMALL = 240;
/** The one large face is not made smaller than this as long as nobody gives frames. */
const LARGE_AT_LEAST = 360;
const ALL_FRAMES = 30;
/** Among fewer, everybody is shown alike. */
const FEWEST_AROUND = 3;
/** Cameras are as wide, or narrower. */
const ASPECT = 16 / 9;

const NONE = { height: 0, framesPerSecond: 0 } as const;

/**
 * The steps down for those who do not speak, until all fits into what can be decoded. Each asks for no more than the one before.
 * Frames first: a face that moves less looks better than one that is blurred.
 */
const STEPS: readonly { readonly height: number; readonly framesPerSecond: number }[] = [
  { height: Infinity, framesPerSecond: Infinity },
  { height: 720, framesPerSecond: 24 },
  { height: 540, framesPerSecond: 24 },
  { height: 360, framesPerSecond: 24 },
  { height: 360, framesPerSecond: 15 },
  { height: SMALL, framesPerSecond: 15 },
  { height: SMALL, framesPerSecond: FEWEST_FRAMES },
];

/** @param before who was shown; whoever is stays until somebody else speaks */
export function choose(people: readonly Candidate[], limits: Limits, before: ReadonlySet<string>): Choice {
  const faces = people.filter(({ cameraOn, camera }) => cameraOn && camera > 0);
  const order = [...faces].sort((a, b) => Number(b.fresh) - Number(a.fresh) || Number(b.speaking) - Number(a.speaking) || b.spokeAt - a.spokeAt || Number(before.has(b.id)) - Number(before.has(a.id)));
  const kept = order.slice(0, Math.max(0, limits.pictures));
  const leftOut = new Set(order.slice(kept.length).map(({ id }) => id));
  let views = viewsAt(people, leftOut, limits, STEPS[0] ?? { height: SMALL, framesPerSecond: FEWEST_FRAMES });
  for (const step of STEPS) {
    views = viewsAt(people, leftOut, limits, step);
    if (pixelsOf(people, views) <= limits.pixels) return { views, leftOut };
  }
  // Whoever spoke longest ago gives way; one picture stays, or there would be nothing to look at.
  for (const { id } of kept.slice(1).reverse()) {
    leftOut.add(id);
    views = viewsAt(people, leftOut, limits, STEPS.at(-1) ?? { height: SMALL, framesPerSecond: FEWEST_FRAMES });
    if (pixelsOf(people, views) <= limits.pixels) break;
  }
  return { views, leftOut };
}

function viewsAt(people: readonly Candidate[], leftOut: ReadonlySet<string>, limits: Limits, step: (typeof STEPS)[number]): Map<string, Views> {
  const large = limits.framesPerSecond >= ALL_FRAMES ? largeOf(people) : null;
  return new Map(
    people.map(({ id, camera, screen, speaking }) => {
      const most = id === large ? Math.max(limits.height, LARGE_AT_LEAST) : limits.height;
      const height = Math.min(camera, most, speaking ? Infinity : step.height);
      const frames = Math.min(limits.framesPerSecond, camera <= TINY ? TINY_FRAMES : 30, speaking ? Infinity : step.framesPerSecond);
      const face = leftOut.has(id) || limits.pictures === 0 || camera === 0 ? NONE : { height, framesPerSecond: frames };
      // Text has to be read: a screen keeps its size as long as anything is shown.
      const shared = screen === 0 || limits.framesPerSecond === 0 ? NONE : { height: screen, framesPerSecond: Math.min(30, limits.framesPerSecond) };
      return [id, { camera: face, screen: shared }];
    }),
  );
}

/** Who is shown larger than everybody else, where one is. */
function largeOf(people: readonly Candidate[]): string | null {
  const [first, second] = people.filter(({ camera }) => camera > 0).sort((a, b) => b.camera - a.camera);
  return people.length >= FEWEST_AROUND && first !== undefined && first.camera > (second?.camera ?? 0) ? first.id : null;
}

/** What decoding these takes. Screens mostly stand still, and are not counted. */
function pixelsOf(people: readonly Candidate[], views: ReadonlyMap<string, Views>): number {
  return people.reduce((sum, { id, cameraOn }) => {
    const view = views.get(id)?.camera ?? NONE;
    return cameraOn ? sum + view.height * view.height * ASPECT * view.framesPerSecond : sum;
  }, 0);
}

/** The most that can be asked for. */
export const LARGEST_VIEW: number = Math.max(...VIEW_HEIGHTS);
