import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';

import type { Capture } from './links.ts';
import { scratch } from './paths.ts';

/**
 * A clip for Chromium's made-up camera: detail that moves. Its own test picture is so easy that encoding it costs next to nothing,
 * and whatever stands beside it looks expensive.
 */

/** Frames; the camera begins again after them. */
const LENGTH = 60;
const FIELD = 512;

/** The path of a clip in YUV4MPEG2, gone when the run is over. */
export function film({ width, height, framesPerSecond }: Capture): string {
  const path = join(scratch('film'), 'clip.y4m');
  const file = openSync(path, 'w');
  writeSync(file, `YUV4MPEG2 W${String(width)} H${String(height)} F${String(framesPerSecond)}:1 Ip A1:1 C420jpeg\n`);
  const field = noise();
  const picture = Buffer.alloc((width * height * 3) / 2, 128);
  for (let frame = 0; frame < LENGTH; frame += 1) {
    const turn = (frame / LENGTH) * 2 * Math.PI;
    const [left, top] = [Math.round(60 + 50 * Math.sin(turn)), Math.round(60 + 30 * Math.cos(turn))];
    const [middle, centre] = [width / 2 + (width / 6) * Math.sin(2 * turn), height / 2];
    for (let y = 0; y < height; y += 1) {
      for (let x = 0; x < width; x += 1) {
        const face = Math.hypot((x - middle) / (width / 6), (y - centre) / (height / 3)) < 1;
        const [across, down] = face ? [x - Math.round(middle) + FIELD, y + 200] : [x + left, y + top];
        picture[y * width + x] = (field[(down % FIELD) * FIELD + (across % FIELD)] ?? 0) * (face ? 0.6 : 1) + (face ? 60 : 16);
      }
    }
    writeSync(file, 'FRAME\n');
    writeSync(file, picture);
  }
  closeSync(file);
  return path;
}

/** Clouds: noise at several sizes, the same every time. */
function noise(): Float32Array {
  const field = new Float32Array(FIELD * FIELD);
  for (let cell = 64, weight = 90; cell >= 2; cell /= 2, weight *= 0.6) {
    for (let y = 0; y < FIELD; y += 1) {
      for (let x = 0; x < FIELD; x += 1) {
        const [column, row] = [Math.floor(x / cell), Math.floor(y / cell)];
        const mixed = Math.imul(Math.imul(column + 7 * cell, 374_761_393) ^ Math.imul(row + 13, 668_265_263), 1_274_126_177) >>> 16;
        field[y * FIELD + x] = (field[y * FIELD + x] ?? 0) + ((mixed & 255) / 255) * weight;
      }
    }
  }
  return field;
}
