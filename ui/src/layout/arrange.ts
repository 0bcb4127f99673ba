/**
 * Where tiles go. Pure geometry: given how many screens and faces there are and the room for them, every tile gets a
 * rectangle inside, none overlaps another, and all of a kind are as large as an even grid allows.
 */

export interface Size {
  width: number;
  height: number;
}

export interface Rect extends Size {
  x: number;
  y: number;
}

/** `grid`: faces only. `stage`: shared screens, or one face, large; the other faces in a strip beside or below. */
export type Arrangement = { kind: 'grid'; cameras: Rect[] } | { kind: 'stage'; large: Rect[]; cameras: Rect[] };

/** Between tiles, in CSS pixels. */
export const GAP = 10;

/** Widest tile: the shape of a camera picture. */
const WIDEST = 16 / 9;
/** Narrowest tile in a wide room: a face keeps its shoulders. */
const NARROWEST_WIDE = 4 / 3;
/** Narrowest tile in a tall room (a phone upright). */
const NARROWEST_TALL = 3 / 4;
/** Share of the room that the strip beside a stage gets, and its bounds in CSS pixels. */
const STRIP_SHARE = 0.2;
const STRIP_MIN = 120;
const STRIP_MAX = 280;
/** Beside a large face the strip may grow until the others can be told apart: its further shares, and the width of a face that is enough. */
const WIDER_STRIPS = [0.25, 0.3, 0.35, 0.4];
const ENOUGH_WIDTH = 96;

export function arrange(screens: number, cameras: number, size: Size): Arrangement {
  if (screens === 0) return { kind: 'grid', cameras: grid(cameras, whole(size), shapeOf(size)) };
  if (cameras === 0) return { kind: 'stage', large: grid(screens, whole(size), FREE), cameras: [] };
  const along = Math.max(size.width, size.height);
  const strip = Math.min(clamp(along * STRIP_SHARE, STRIP_MIN, STRIP_MAX), along / 2);
  return split(size, strip, screens, FREE, cameras);
}

/** One face large, the others in the strip. */
export function arrangeSpeaker(cameras: number, size: Size): Arrangement {
  if (cameras <= 1) return arrange(0, cameras, size);
  const along = Math.max(size.width, size.height);
  const tried = [Math.min(along * STRIP_SHARE, STRIP_MAX), ...WIDER_STRIPS.map((share) => along * share)].map((strip) => split(size, strip, 1, shapeOf(size), cameras - 1));
  return tried.find(({ cameras: [face] }) => (face?.width ?? 0) >= ENOUGH_WIDTH) ?? tried.at(-1) ?? arrange(0, cameras, size);
}

function split(size: Size, strip: number, large: number, shape: Shape, cameras: number): Arrangement {
  const beside = size.width >= size.height;
  const main = Math.max(0, (beside ? size.width : size.height) - strip - GAP);
  const stageRect = beside ? { x: 0, y: 0, width: main, height: size.height } : { x: 0, y: 0, width: size.width, height: main };
  const stripRect = beside
    ? { x: main + GAP, y: 0, width: strip, height: size.height }
    : { x: 0, y: main + GAP, width: size.width, height: strip };
  return {
    kind: 'stage',
    large: grid(large, stageRect, shape),
    cameras: grid(cameras, stripRect, { narrowest: NARROWEST_WIDE, widest: WIDEST }),
  };
}

/** Bounds of width divided by height. */
export interface Shape {
  narrowest: number;
  widest: number;
}

/** A shared screen takes what there is; its picture is fitted inside. */
const FREE: Shape = { narrowest: 0, widest: Infinity };

/**
 * `count` equal tiles in `area`, of the shape allowed, with the columns that make them largest; rows that are not full
 * are centred, and so is the whole.
 */
export function grid(count: number, area: Rect, shape: Shape): Rect[] {
  let best: Size = { width: 0, height: 0 };
  let columns = 1;
  for (let tried = 1; tried <= count; tried += 1) {
    const tile = tileFor(count, tried, area, shape);
    if (tile.width * tile.height > best.width * best.height) {
      best = tile;
      columns = tried;
    }
  }
  return place(count, columns, best, area);
}

/** The largest tile if there are `columns` of them in a row. */
export function tileFor(count: number, columns: number, area: Size, shape: Shape): Size {
  const rows = Math.ceil(count / columns);
  const cellWidth = Math.max(0, (area.width - GAP * (columns - 1)) / columns);
  const cellHeight = Math.max(0, (area.height - GAP * (rows - 1)) / rows);
  const width = Math.min(cellWidth, cellHeight * shape.widest);
  const height = shape.narrowest === 0 ? cellHeight : Math.min(cellHeight, cellWidth / shape.narrowest);
  return { width, height };
}

function place(count: number, columns: number, tile: Size, area: Rect): Rect[] {
  const rows = Math.ceil(count / columns);
  const top = area.y + (area.height - rows * tile.height - (rows - 1) * GAP) / 2;
  return Array.from({ length: count }, (_, index) => {
    const row = Math.floor(index / columns);
    const inRow = row === rows - 1 ? count - row * columns : columns;
    const left = area.x + (area.width - inRow * tile.width - (inRow - 1) * GAP) / 2;
    const column = index - row * columns;
    return { x: left + column * (tile.width + GAP), y: top + row * (tile.height + GAP), ...tile };
  });
}

/** The shape that faces may have in a room of this size. */
export function shapeOf(size: Size): Shape {
  return { narrowest: size.width >= size.height ? NARROWEST_WIDE : NARROWEST_TALL, widest: WIDEST };
}

function whole(size: Size): Rect {
  return { x: 0, y: 0, ...size };
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
