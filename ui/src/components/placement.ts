import { arrange, arrangeSpeaker, type Rect, type Size } from '../layout/arrange.ts';
import type { Tile } from '../room/model.ts';

/** What the person asked for. `auto`: everybody alike as long as faces are large enough for it. */
export type Layout = 'auto' | 'alike' | 'speaker';

/** From so many faces on, our own among them, `auto` shows whoever speaks large. */
const MANY = 10;
/** With fewer there is nothing to choose. */
const FEWEST = 3;

const NOWHERE: Rect = { x: 0, y: 0, width: 0, height: 0 };

/** Whether one face is larger than the others now, and whether the person can change that. Pure. */
export function layoutOf(layout: Layout, tiles: readonly Tile[]): { speaker: boolean; free: boolean } {
  const free = tiles.length >= FEWEST && tiles.every(({ source }) => source === 'camera');
  return { free, speaker: free && (layout === 'speaker' || (layout === 'auto' && tiles.length >= MANY)) };
}

/**
 * Each tile with its place, in the order of the room: screens on the stage, cameras in the grid or strip. Pure.
 *
 * @param large the participant whose face has the stage; null: nobody's
 */
export function placeTiles(tiles: readonly Tile[], size: Size, large: string | null): { tile: Tile; rect: Rect }[] {
  const staged = (tile: Tile): boolean => tile.source === 'screen' || tile.participant.id === large;
  const screens = tiles.filter(({ source }) => source === 'screen').length;
  const cameras = tiles.length - screens;
  const spoken = screens === 0 && tiles.some(staged);
  const arrangement = spoken ? arrangeSpeaker(cameras, size) : arrange(screens, cameras, size);
  const onStage = arrangement.kind === 'stage' ? [...arrangement.large] : [];
  const others = [...arrangement.cameras];
  return tiles.map((tile) => ({ tile, rect: onPixels((staged(tile) ? onStage.shift() : undefined) ?? others.shift() ?? NOWHERE) }));
}

/** Edges are sharp on whole pixels. */
function onPixels({ x, y, width, height }: Rect): Rect {
  return { x: Math.round(x), y: Math.round(y), width: Math.floor(width), height: Math.floor(height) };
}
