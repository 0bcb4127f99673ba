import type { CpuSeconds } from './processes.ts';
import type { PageReading } from './readings.ts';

/** From readings at both ends of a window to figures, and from several runs to one. Pure. */

/** What happened on all machines of a meeting between two readings. */
export interface Window {
  /** By page: first and second reading. */
  pages: readonly { before: PageReading; after: PageReading }[];
  cpu: { before: CpuSeconds; after: CpuSeconds };
  machine: { before: number; after: number };
  seconds: number;
  /** Pictures that each page ought to show. */
  others: number;
}

/** All of them numbers, so that medians are taken of each. */
export interface Figures {
  /** Pictures a second of the tile that had the fewest, in the middle, and of the one with the most. */
  fpsLeast: number;
  fpsMedian: number;
  /** Of the one that had the fewest among those that show a picture. */
  fpsLeastShown: number;
  fpsMost: number;
  /** Tiles that are visible and showed pictures, of those that there should be: 1 is all. */
  shown: number;
  /** Links that carry, of those that there should be. */
  linked: number;
  /** As the browsers count them (W3C, `freezeCount`). */
  freezes: number;
  freezeSeconds: number;
  /** Times without a picture of more than half a second, and the longest of all, in milliseconds, as presented. */
  stops: number;
  longestGap: number;
  /** Pixels of the smallest picture at any time. */
  leastWidth: number;
  leastHeight: number;
  /** Lines of the largest one that is shown at the end. */
  mostHeight: number;
  /** Pictures a second of that one. */
  fpsLargest: number;
  /** Of all programs of the meeting. */
  cores: number;
  /** Milliseconds of processor time for each remote picture that was presented. */
  cpuPerFrame: number;
  coresServer: number;
  coresRenderer: number;
  coresGpu: number;
  coresUtility: number;
  coresBrowser: number;
  /** What others on this machine used meanwhile: figures count where this is near 0. */
  coresOthers: number;
  /** Sum of all pages, a second. */
  encodedFrames: number;
  encodedMegapixels: number;
  /** Milliseconds of encoding for a frame; and a second of the meeting. */
  encodePerFrame: number;
  encodePerSecond: number;
  keyFrames: number;
  /** Streams that were encoded, of one page. */
  encoders: number;
  decodePerFrame: number;
  /** Of one page to all others, kbit/s. */
  uplinkVideo: number;
  uplinkAudio: number;
  /** Per cent of the sound that was made up. */
  concealed: number;
  audioLost: number;
  audioPackets: number;
}

export function figures(window: Window): Figures {
  const { pages, seconds, others } = window;
  const sum = (read: (reading: PageReading) => number): number => pages.reduce((all, { before, after }) => all + read(after) - read(before), 0);
  const tiles = pages.flatMap(({ before, after }) => {
    const known = new Map(before.tiles.map((tile) => [tile.id, tile]));
    const took = (after.at - before.at) / 1_000;
    return after.tiles.map((tile) => {
      const frames = tile.presented - (known.get(tile.id)?.presented ?? 0);
      // What stands at the end of the window stands.
      const going = tile.presented === 0 ? (after.at - before.at) : tile.since;
      const playing = tile.playing && known.get(tile.id)?.playing === true;
      return { ...tile, playing, frames, rate: frames / took, longest: Math.max(tile.longest, going), stops: tile.stops + (going > STOP_MS ? 1 : 0) };
    });
  });
  const rates = tiles.map(({ rate }) => rate);
  // Whoever has no tile at all shows nothing.
  while (rates.length < pages.length * others) rates.push(0);
  const presented = tiles.reduce((all, { frames }) => all + frames, 0);
  const pictures = tiles.filter(({ height }) => height > 0);
  const cpu = (kind: RegExp): number => cpuSeconds(window.cpu.after, kind) - cpuSeconds(window.cpu.before, kind);
  const all = cpu(/./);
  const framesEncoded = sum(({ video }) => video.framesEncoded);
  const samples = sum(({ audio }) => audio.samples);
  const perPage = (read: (reading: PageReading) => number): number => ((sum(read) * 8) / 1_000 / seconds) / pages.length;
  return {
    fpsLeast: Math.min(...rates),
    fpsMedian: median(rates),
    fpsLeastShown: Math.min(...tiles.flatMap(({ visible, playing, rate }) => (visible && playing ? [rate] : []))),
    fpsMost: Math.max(...rates),
    shown: tiles.filter(({ visible, frames }) => visible && frames > 0).length / Math.max(1, pages.length * others),
    linked: pages.reduce((count, { after }) => count + after.links, 0) / Math.max(1, pages.length * others),
    freezes: sum(({ video }) => video.freezes),
    freezeSeconds: sum(({ video }) => video.freezeSeconds),
    stops: tiles.reduce((count, { stops }) => count + stops, 0),
    longestGap: Math.max(0, ...tiles.map(({ longest }) => longest)),
    leastWidth: Math.min(...pictures.map(({ width }) => width)),
    leastHeight: Math.min(...pictures.map(({ height }) => height)),
    mostHeight: Math.max(0, ...tiles.map(({ nowHeight }) => nowHeight)),
    fpsLargest: [...tiles].sort((a, b) => b.nowHeight - a.nowHeight)[0]?.rate ?? 0,
    cores: all / seconds,
    cpuPerFrame: (all * 1_000) / presented,
    coresServer: cpu(/^(landline-node|node)$/) / seconds,
    coresRenderer: cpu(/^renderer$/) / seconds,
    coresGpu: cpu(/^gpu-process$/) / seconds,
    coresUtility: cpu(/^utility$/) / seconds,
    coresBrowser: cpu(/^browser$/) / seconds,
    coresOthers: Math.max(0, window.machine.after - window.machine.before - all) / seconds,
    encodedFrames: framesEncoded / seconds,
    encodedMegapixels: sum(({ video }) => video.pixels) / 1e6 / seconds,
    encodePerFrame: (sum(({ video }) => video.encodeSeconds) * 1_000) / framesEncoded,
    encodePerSecond: (sum(({ video }) => video.encodeSeconds) * 1_000) / seconds,
    keyFrames: sum(({ video }) => video.keyFrames),
    encoders: pages.reduce((count, { after }) => count + after.encoders, 0) / pages.length,
    decodePerFrame: (sum(({ video }) => video.decodeSeconds) * 1_000) / sum(({ video }) => video.framesDecoded),
    uplinkVideo: perPage(({ sentBytes }) => sentBytes.video),
    uplinkAudio: perPage(({ sentBytes }) => sentBytes.audio),
    concealed: samples === 0 ? 0 : (sum(({ audio }) => audio.concealed) / samples) * 100,
    audioLost: sum(({ audio }) => audio.lost),
    audioPackets: sum(({ audio }) => audio.packets),
  };
}

/** A person sees that a picture stands. */
const STOP_MS = 500;

function cpuSeconds(cpu: CpuSeconds, kind: RegExp): number {
  return [...cpu].reduce((sum, [name, seconds]) => sum + (kind.test(name) ? seconds : 0), 0);
}

/** Of an even number the mean of the two in the middle. Of none: NaN. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? NaN) + (sorted[Math.floor(middle)] ?? NaN)) / 2;
}

/** Of each field by itself. */
export function medians<F extends object>(runs: readonly F[]): F {
  const [first] = runs;
  if (!first) throw new Error('nothing was measured');
  const fields = (Object.keys(first) as (keyof F)[]).map((field) => [field, median(runs.map((run) => run[field] as number))] as const);
  return Object.fromEntries(fields) as F;
}
