import { readFileSync } from 'node:fs';
import { deflateSync } from 'node:zlib';

/**
 * Pictures of the screen as it is: Xvfb keeps it in a file of the X window dump format (`-fbdir`), and this makes a PNG of it.
 * WebKitWebDriver's own screenshot never answers with software drawing.
 */

/** Fields of XWDFileHeader (X11/XWDFile.h), in 32-bit big-endian words. */
const HEADER_SIZE = 0;
const WIDTH = 4;
const HEIGHT = 5;
const BITS_PER_PIXEL = 11;
const BYTES_PER_LINE = 12;
const COLOURS = 19;
const COLOUR_BYTES = 12;

export interface Area {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** PNG of an area of the screen, cut to what is on the screen. */
export function picture(file: string, area: Area): Buffer {
  const dump = readFileSync(file);
  const word = (place: number): number => dump.readUInt32BE(place * 4);
  if (word(BITS_PER_PIXEL) !== 32) throw new Error('the screen has another depth than was asked for');
  const start = word(HEADER_SIZE) + word(COLOURS) * COLOUR_BYTES;
  const x = Math.max(0, area.x);
  const y = Math.max(0, area.y);
  const width = Math.min(area.width, word(WIDTH) - x);
  const height = Math.min(area.height, word(HEIGHT) - y);
  // Each line begins with the number of its filter: none. Pixels are stored as B, G, R, unused.
  const lines = Buffer.alloc(height * (1 + width * 3));
  for (let row = 0; row < height; row += 1) {
    let from = start + (y + row) * word(BYTES_PER_LINE) + x * 4;
    let to = row * (1 + width * 3) + 1;
    for (let column = 0; column < width; column += 1, from += 4, to += 3) {
      lines[to] = dump[from + 2] ?? 0;
      lines[to + 1] = dump[from + 1] ?? 0;
      lines[to + 2] = dump[from] ?? 0;
    }
  }
  return png(width, height, lines);
}

/** https://www.w3.org/TR/png-3/: 8 bits, RGB. */
function png(width: number, height: number, lines: Buffer): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', deflateSync(lines)), chunk('IEND', Buffer.alloc(0))]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'ascii'), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  framed.set(body, 4);
  framed.writeUInt32BE(crc32(body), body.length + 4);
  return framed;
}

/** The check sum of PNG, annex D; node:zlib has it from version 22 on only. */
function crc32(data: Buffer): number {
  let crc = 0xffffffff;
  for (const byte of data) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}
