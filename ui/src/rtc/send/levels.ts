/**
 * How much less than what is shown: a row of levels, each of which gives no source more than the one before. Since every link
 * takes the first level that fits, more to give never means less for anybody.
 */

/** The most that is sent of a source. */
export interface Cap {
  readonly height: number;
  readonly framesPerSecond: number;
  /** Share of the usual bits of such a picture. */
  readonly bits: number;
}

export interface Level {
  /** Null: nothing. */
  readonly face: Cap | null;
  readonly text: Cap | null;
  readonly motion: Cap | null;
}

/** Of a tile that shows more: 480×270, or 360×270 of a camera of 4:3. */
const SMALL_HEIGHT = 270;
/** Only before there is no picture at all: several share a way that carries one, and their voices go first. */
const NARROW_HEIGHTS = [180, 120] as const;

const cap = (height: number, framesPerSecond: number, bits = 1): Cap => ({ height, framesPerSecond, bits });

/** A face may blur but has to move, so sizes go first. */
const FACES = [
  cap(Infinity, 30),
  cap(1080, 30),
  cap(720, 30),
  cap(540, 30),
  cap(360, 30),
  cap(SMALL_HEIGHT, 30),
  cap(SMALL_HEIGHT, 15),
  cap(SMALL_HEIGHT, 15, 0.7),
  cap(SMALL_HEIGHT, 12, 0.7),
  cap(SMALL_HEIGHT, 12, 0.45),
  ...NARROW_HEIGHTS.map((height) => cap(height, 12, 0.45)),
] as const;
/** Text may stutter but has to be read: it keeps its size. */
const TEXTS = [cap(Infinity, 30), cap(Infinity, 15), cap(Infinity, 10), cap(Infinity, 5), cap(Infinity, 2, 0.5)] as const;
/** A film on a shared screen has to move. */
const MOTIONS = [cap(Infinity, 30), cap(1080, 30), cap(720, 30), cap(540, 30), cap(360, 30, 0.7)] as const;

/** At this level faces are sent as little as a computer ever makes them while it sends any: those after it are for narrow ways. */
export const LEAST_FACES: number = FACES.length - NARROW_HEIGHTS.length - 1;

/** A screen goes before faces: they go down to their least before it gives anything, and are gone before it is. */
export const LEVELS: readonly Level[] = [
  ...FACES.map((face) => ({ face, text: TEXTS[0], motion: MOTIONS[0] })),
  ...TEXTS.slice(1).map((text, index) => ({ face: FACES[FACES.length - 1] ?? null, text, motion: MOTIONS[index + 1] ?? null })),
  { face: null, text: TEXTS[TEXTS.length - 1] ?? null, motion: MOTIONS[MOTIONS.length - 1] ?? null },
  { face: null, text: null, motion: null },
];
