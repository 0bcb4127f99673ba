import type { Source } from './source.ts';

/**
 * Which codec carries which source: the one place that decides. Pure; what the machine can do is told (codec-costs.ts).
 *
 * - A camera is VP8: its encoder serves all links at once (send/shared), costs least for small pictures, and every browser, the
 *   window's engine and bots have it. Where nothing is shared, a codec that the hardware does comes first.
 * - A screen is VP9 while few look, as text takes half the bits there at the same sharpness and each link costs an encoder; VP8
 *   when more do. AV1 does text better still and costs several times as much in software: only where the hardware does it.
 * - Repair (rtx, red, ulpfec) keeps its place, after what it repairs.
 */

/** Who looks at a screen, at most, for it to be worth an encoder that costs twice as much for each. */
export const SCREEN_VP9_LINKS = 3;

export interface CodecNeeds {
  source: Source;
  /** The camera is encoded once for all links. */
  shared: boolean;
  /** Links that there are, or are about to be. */
  links: number;
  /** MIME types in lower case that the platform calls power efficient for sending (Media Capabilities §2.1.3). */
  efficient: ReadonlySet<string>;
}

/** The codecs in the order in which they are preferred; none is left out, so that whoever knows only one is understood. */
export function orderCodecs<C extends { mimeType: string }>(codecs: readonly C[], needs: CodecNeeds): C[] {
  const order = ranking(needs);
  const rank = ({ mimeType }: C): number => {
    const at = order.indexOf(mimeType.toLowerCase());
    return at < 0 ? order.length : at;
  };
  // Stable: the browser's own order decides between profiles of one codec.
  return codecs.map((codec, at) => ({ codec, at })).sort((a, b) => rank(a.codec) - rank(b.codec) || a.at - b.at).map(({ codec }) => codec);
}

function ranking({ source, shared, links, efficient }: CodecNeeds): string[] {
  const hardware = ['video/av1', 'video/vp9', 'video/h265', 'video/h264'].filter((type) => efficient.has(type));
  switch (source) {
    case 'camera':
      return shared ? ['video/vp8'] : [...hardware, 'video/vp8'];
    case 'screen':
      return links <= SCREEN_VP9_LINKS ? [...hardware.filter((type) => type === 'video/av1'), 'video/vp9', 'video/vp8'] : [...hardware, 'video/vp8'];
    case 'microphone':
    case 'screen-audio':
      return ['audio/opus'];
  }
}
