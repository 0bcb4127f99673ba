// Makes what a test participant sends, into src-tauri/crates/node/assets/bot/: a moving picture in three sizes as VP8, and a tone as
// Opus, each a loop of four seconds in an IVF file. Drawn and encoded by Chromium. Their form is described in that folder's README.md.
//   node tools/make-test-pictures.mjs
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';

import { chromium } from '@playwright/test';

const FRAMES_PER_SECOND = 30;
const SECONDS = 4;
/** Sizes, largest first, with the rate in bit/s that keeps the writing sharp. */
const PICTURES = [
  { width: 640, height: 360, bitrate: 260_000 },
  { width: 320, height: 180, bitrate: 110_000 },
  { width: 160, height: 90, bitrate: 50_000 },
];
const OPUS_BITRATE = 24_000;

const out = new URL('../../src-tauri/crates/node/assets/bot/', import.meta.url);
const font = new URL(
  '../node_modules/@fontsource-variable/atkinson-hyperlegible-next/files/atkinson-hyperlegible-next-latin-wght-normal.woff2',
  import.meta.url,
);

/** Runs in the page. One picture size, encoded: [{ key, time, data (base64) }]. */
async function film({ width, height, bitrate, framesPerSecond, seconds }) {
  const INK = '#15181b';
  const EDGE = '#343a40';
  const TEXT = '#f4f1ea';
  const QUIET = '#a9adae';
  const COPPER = '#f0905a';
  const CELLS = 10;
  const total = framesPerSecond * seconds;
  const canvas = new OffscreenCanvas(width, height);
  const pen = canvas.getContext('2d', { alpha: false });
  const unit = height / 90;

  function draw(frame) {
    const turn = frame / total;
    pen.fillStyle = INK;
    pen.fillRect(0, 0, width, height);

    // The line, and what travels along it.
    const y = height * 0.66;
    pen.lineWidth = Math.max(1, unit);
    pen.strokeStyle = COPPER;
    pen.beginPath();
    pen.moveTo(0, y);
    pen.lineTo(width, y);
    pen.stroke();
    pen.fillStyle = COPPER;
    const reach = 5 * unit;
    pen.beginPath();
    pen.arc(-reach + turn * (width + 2 * reach), y, 4 * unit, 0, 2 * Math.PI);
    pen.fill();

    // A clock whose hand goes round once in the loop.
    const [x0, y0, radius] = [width * 0.26, height * 0.32, height * 0.21];
    pen.strokeStyle = EDGE;
    pen.beginPath();
    pen.arc(x0, y0, radius, 0, 2 * Math.PI);
    pen.stroke();
    pen.strokeStyle = TEXT;
    pen.lineWidth = Math.max(1.5, 1.5 * unit);
    pen.lineCap = 'round';
    pen.beginPath();
    pen.moveTo(x0, y0);
    pen.lineTo(x0 + Math.sin(turn * 2 * Math.PI) * radius * 0.8, y0 - Math.cos(turn * 2 * Math.PI) * radius * 0.8);
    pen.stroke();

    pen.textBaseline = 'middle';
    pen.fillStyle = TEXT;
    pen.font = `${18 * unit}px Test`;
    pen.fillText(`${Math.floor(frame / framesPerSecond)}.${Math.floor(((frame % framesPerSecond) / framesPerSecond) * 10)} s`, width * 0.46, height * 0.26);
    pen.fillStyle = QUIET;
    pen.font = `${10 * unit}px Test`;
    pen.fillText(`${width} × ${height}`, width * 0.46, height * 0.43);

    // The frame's number for machines.
    const cell = width / CELLS;
    let ones = 0;
    for (let at = 0; at < CELLS; at += 1) {
      const bit = at > 0 && at <= 7 ? (frame >> (7 - at)) & 1 : 0;
      ones += bit;
      const white = at === 0 || bit === 1 || (at === 8 && ones % 2 === 1);
      pen.fillStyle = white ? '#ffffff' : '#000000';
      pen.fillRect(Math.round(at * cell), Math.round(height * 0.88), Math.round(cell), height);
    }
  }

  const chunks = [];
  let failure = null;
  const encoder = new VideoEncoder({
    output: (chunk) => {
      const data = new Uint8Array(chunk.byteLength);
      chunk.copyTo(data);
      chunks.push({ key: chunk.type === 'key', data: btoa(String.fromCharCode(...data)) });
    },
    error: (error) => {
      failure = error;
    },
  });
  // In real time: no frames that are never shown.
  encoder.configure({ codec: 'vp8', width, height, bitrate, framerate: framesPerSecond, latencyMode: 'realtime', bitrateMode: 'variable' });
  for (let frame = 0; frame < total; frame += 1) {
    draw(frame);
    const picture = new VideoFrame(canvas, { timestamp: Math.round((frame * 1e6) / framesPerSecond) });
    encoder.encode(picture, { keyFrame: frame % framesPerSecond === 0 });
    picture.close();
    // The encoder drops what it cannot take in time.
    while (encoder.encodeQueueSize > 0) await new Promise((resolve) => encoder.addEventListener('dequeue', resolve, { once: true }));
  }
  await encoder.flush();
  if (failure) throw failure;
  return chunks;
}

/** Runs in the page. The tone: [{ key, data (base64) }], 20 ms each. */
async function tone({ bitrate, seconds }) {
  const RATE = 48_000;
  const PACKET = 960;
  // One soft note a second, up and down a chord of A.
  const NOTES = [440, 554.37, 659.26, 554.37];
  const NOTE_SECONDS = 0.4;
  const LOUDNESS = 0.09;
  const sample = (index) => {
    const time = index / RATE;
    const within = time % 1;
    if (within > NOTE_SECONDS) return 0;
    // Comes softly and goes softly: nothing clicks, and the loop has no seam.
    const envelope = Math.sin((Math.PI * within) / NOTE_SECONDS) ** 2;
    const hertz = NOTES[Math.floor(time) % NOTES.length];
    return LOUDNESS * envelope * (Math.sin(2 * Math.PI * hertz * within) + 0.25 * Math.sin(4 * Math.PI * hertz * within));
  };
  const chunks = [];
  let failure = null;
  const encoder = new AudioEncoder({
    output: (chunk) => {
      const data = new Uint8Array(chunk.byteLength);
      chunk.copyTo(data);
      chunks.push({ key: true, data: btoa(String.fromCharCode(...data)) });
    },
    error: (error) => {
      failure = error;
    },
  });
  encoder.configure({ codec: 'opus', sampleRate: RATE, numberOfChannels: 1, bitrate, opus: { frameDuration: 20_000 } });
  const packets = (seconds * RATE) / PACKET;
  // Twice, and the second one is kept: the encoder has settled, and its end fits its beginning.
  for (let packet = 0; packet < 2 * packets; packet += 1) {
    const data = new Float32Array(PACKET);
    for (let at = 0; at < PACKET; at += 1) data[at] = sample((packet % packets) * PACKET + at);
    const sound = new AudioData({ format: 'f32-planar', sampleRate: RATE, numberOfFrames: PACKET, numberOfChannels: 1, timestamp: packet * 20_000, data });
    encoder.encode(sound);
    sound.close();
  }
  await encoder.flush();
  if (failure) throw failure;
  return chunks.slice(packets, 2 * packets);
}

/** An IVF file: a header of 32 bytes, and 12 bytes before each frame. */
function ivf(fourcc, { width, height, rate, step }, chunks) {
  const header = Buffer.alloc(32);
  header.write(`DKIF`, 0, 'latin1');
  header.writeUInt16LE(32, 6);
  header.write(fourcc, 8, 'latin1');
  header.writeUInt16LE(width, 12);
  header.writeUInt16LE(height, 14);
  header.writeUInt32LE(rate, 16);
  header.writeUInt32LE(step, 20);
  header.writeUInt32LE(chunks.length, 24);
  const parts = chunks.flatMap(({ data }, index) => {
    const bytes = Buffer.from(data, 'base64');
    const head = Buffer.alloc(12);
    head.writeUInt32LE(bytes.length, 0);
    head.writeBigUInt64LE(BigInt(index), 4);
    return [head, bytes];
  });
  return Buffer.concat([header, ...parts]);
}

await mkdir(out, { recursive: true });
// WebCodecs wants a secure context: a page of this machine's own.
const server = createServer((_, response) => {
  response.setHeader('content-type', 'text/html');
  response.end('<!doctype html><title>test pictures</title>');
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const browser = await chromium.launch({
  executablePath: process.env['LANDLINE_CHROMIUM'] ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-background-networking', '--disable-gpu'],
});
try {
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${String(server.address().port)}/`);
  await page.evaluate(async (data) => {
    const face = new FontFace('Test', Uint8Array.from(atob(data), (char) => char.charCodeAt(0)));
    document.fonts.add(await face.load());
  }, (await readFile(font)).toString('base64'));
  for (const picture of PICTURES) {
    const chunks = await page.evaluate(film, { ...picture, framesPerSecond: FRAMES_PER_SECOND, seconds: SECONDS });
    const keys = chunks.flatMap(({ key }, index) => (key ? [index] : []));
    if (chunks.length !== FRAMES_PER_SECOND * SECONDS || keys.some((at) => at % FRAMES_PER_SECOND !== 0) || keys.length !== SECONDS) {
      throw new Error(`${String(chunks.length)} frames, key frames at ${keys.join(' ')}`);
    }
    const { width, height } = picture;
    const bytes = ivf('VP80', { width, height, rate: FRAMES_PER_SECOND, step: 1 }, chunks);
    await writeFile(new URL(`picture-${String(width)}x${String(height)}.ivf`, out), bytes);
    console.log(`${String(width)}x${String(height)}: ${String(bytes.length)} bytes, ${String(chunks.length)} frames`);
  }
  const packets = await page.evaluate(tone, { bitrate: OPUS_BITRATE, seconds: SECONDS });
  if (packets.length !== SECONDS * 50) throw new Error(`${String(packets.length)} packets`);
  const bytes = ivf('OPUS', { width: 0, height: 0, rate: 50, step: 1 }, packets);
  await writeFile(new URL('tone.ivf', out), bytes);
  console.log(`tone: ${String(bytes.length)} bytes, ${String(packets.length)} packets`);
} finally {
  await browser.close();
  server.close();
}
