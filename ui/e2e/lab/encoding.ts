import type { Evaluates } from './links.ts';

/** What a page's encoders do, by the browser's own statistics of all connections that the page has: to others, and to itself. */

/** Counters of all cameras' encoders together. They only grow while connections stay. */
export interface Encoding {
  /** Seconds. */
  time: number;
  /** Of them, for carriers: pictures of 16×16 that only lend their place. */
  carriers: number;
  /** Of the sizes at the time of reading. */
  pixels: number;
  /** Of them, of the small picture, for those whose way does not carry the large one: on a busy machine a way may seem so. */
  small: number;
  frames: number;
  /** Frames that the camera gave. */
  captured: number;
  /** Connections to others. */
  links: number;
}

export function encoding(page: Evaluates): Promise<Encoding> {
  return page.evaluate(async () => {
    const sum = { time: 0, carriers: 0, pixels: 0, small: 0, frames: 0, captured: 0, links: 0 };
    const links = (window.labLinks ?? []).filter(({ connectionState }) => connectionState === 'connected');
    sum.links = links.length;
    const all = [...links, ...(window.labLoopbacks ?? []).filter(({ connectionState }) => connectionState === 'connected')];
    for (const connection of all) {
      for (const entry of (await connection.getStats()).values() as Iterable<Record<string, unknown>>) {
        const number = (key: string): number => (typeof entry[key] === 'number' ? entry[key] : 0);
        if (entry['type'] === 'media-source' && number('width') > 16) sum.captured = Math.max(sum.captured, number('frames'));
        if (entry['type'] !== 'outbound-rtp' || entry['kind'] !== 'video') continue;
        sum.time += number('totalEncodeTime');
        if (number('frameWidth') === 16) sum.carriers += number('totalEncodeTime');
        const pixels = number('framesEncoded') * number('frameWidth') * number('frameHeight');
        sum.pixels += pixels;
        if (number('frameHeight') === 180) sum.small += pixels;
        sum.frames += number('framesEncoded');
      }
    }
    return sum;
  });
}

/** How each link's camera is sent, and what the worker of the shared encoder has counted; null where each link has its own. */
export function sharing(page: Evaluates): Promise<{ ways: string[]; links: { seen: number; replaced: number; passed: number; waiting: number }[]; keyFrames: number } | null> {
  return page.evaluate(async () => {
    const encoder = await window.landlineDebug?.encoder();
    if (encoder == null) return null;
    const { large, small } = encoder.encoded;
    return { ways: Object.values(encoder.ways).map(({ way }) => way), links: [...encoder.links.values()], keyFrames: large.keyFrames + small.keyFrames };
  });
}
