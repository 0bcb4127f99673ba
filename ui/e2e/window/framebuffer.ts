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

interface Dump {
  bytes: Buffer;
  /** Of the pixel, which is stored as B, G, R, unused. */
  at: (x: number, y: number) => number;
  width: number;
  height: number;
}

function read(file: string): Dump {
  const bytes = readFileSync(file);
  const word = (place: number): number => bytes.readUInt32BE(place * 4);
  if (word(BITS_PER_PIXEL) !== 32) throw new Error('the screen has another depth than was asked for');
  const start = word(HEADER_SIZE) + word(COLOURS) * COLOUR_BYTES;
  return { bytes, at: (x, y) => start + y * word(BYTES_PER_LINE) + x * 4, width: word(WIDTH), height: word(HEIGHT) };
}

/** Of each area, how far its darkest and its lightest pixel are apart, 0 to 255: what stands still in one colour has 0. */
export function contrasts(file: string, areas: readonly Area[]): number[] {
  const { bytes, at } = read(file);
  return areas.map(({ x, y, width, height }) => {
    let [darkest, lightest] = [255, 0];
    for (let row = y; row < y + height; row += 4) {
      for (let column = x; column < x + width; column += 1) {
        const green = bytes[at(column, row) + 1] ?? 0;
        darkest = Math.min(darkest, green);
        lightest = Math.max(lightest, green);
      }
    }
    return Math.max(0, lightest - darkest);
  });
}

/** PNG of an area of the screen, cut to what is on the screen. */
export function picture(file: string, area: Area): Buffer {
  const { bytes, at, ...screen } = read(file);
  const x = Math.max(0, area.x);
  const y = Math.max(0, area.y);
  const width = Math.min(area.width, screen.width - x);
  const height = Math.min(area.height, screen.height - y);
  // Each line begins with the number of its filter: none.
  const lines = Buffer.alloc(height * (1 + width * 3));
  for (let row = 0; row < height; row += 1) {
    let from = at(x, y + row);
    let to = row * (1 + width * 3) + 1;
    for (let column = 0; column < width; column += 1, from += 4, to += 3) {
      lines[to] = bytes[from + 2] ?? 0;
      lines[to + 1] = bytes[from + 1] ?? 0;
      lines[to + 2] = bytes[from] ?? 0;
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
