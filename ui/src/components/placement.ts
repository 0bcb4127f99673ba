import { arrange, type Rect, type Size } from '../layout/arrange.ts';
import type { Tile } from '../room/model.ts';

const NOWHERE: Rect = { x: 0, y: 0, width: 0, height: 0 };

/** Each tile with its place: screens on the stage, cameras in the grid or strip, in the order of the room. Pure. */
export function placeTiles(tiles: readonly Tile[], size: Size): { tile: Tile; rect: Rect }[] {
  const count = (source: Tile['source']): number => tiles.filter((tile) => tile.source === source).length;
  const arrangement = arrange(count('screen'), count('camera'), size);
  const free = {
    screen: arrangement.kind === 'stage' ? [...arrangement.screens] : [],
    camera: [...arrangement.cameras],
  };
  return tiles.map((tile) => ({ tile, rect: onPixels(free[tile.source].shift() ?? NOWHERE) }));
}

/** Edges are sharp on whole pixels. */
function onPixels({ x, y, width, height }: Rect): Rect {
  return { x: Math.round(x), y: Math.round(y), width: Math.floor(width), height: Math.floor(height) };
}
