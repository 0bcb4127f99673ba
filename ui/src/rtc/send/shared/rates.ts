import { withParameter } from '../../format-parameters.ts';

/**
 * What a sender's estimate of the way begins with. Read by Chromium from the description of the other side, as parameters of the
 * codec (RFC 8866, `a=fmtp`; the names are its own); everybody else passes over them. Pure.
 */
export interface Rate {
  readonly startKbps: number;
  /** The estimate never falls below it. */
  readonly leastKbps?: number;
}

const VP8 = /^VP8\/90000/i;

/** The description with it, for every VP8 in it. */
export function withRate(sdp: string, { startKbps, leastKbps }: Rate): string {
  const started = withParameter(sdp, VP8, `x-google-start-bitrate=${String(startKbps)}`);
  return leastKbps === undefined ? started : withParameter(started, VP8, `x-google-min-bitrate=${String(leastKbps)}`);
}
