/**
 * What a sender's estimate of the way begins with. Read by Chromium from the description of the other side, as parameters of the
 * codec (RFC 8866, `a=fmtp`; the names are its own); everybody else passes over them. Pure.
 */
export interface Rate {
  readonly startKbps: number;
  /** The estimate never falls below it. */
  readonly leastKbps?: number;
}

/** The description with it, for every VP8 in it. */
export function withRate(sdp: string, { startKbps, leastKbps }: Rate): string {
  const words = [`x-google-start-bitrate=${startKbps}`, ...(leastKbps === undefined ? [] : [`x-google-min-bitrate=${leastKbps}`])].join(';');
  return sdp.replace(/^a=rtpmap:(\d+) VP8\/90000\r?\n/gim, (line, type: string) => {
    // With parameters of its own, which nobody gives VP8 here: two such lines would be one too many.
    return sdp.includes(`a=fmtp:${type} `) ? line : `${line}a=fmtp:${type} ${words}\r\n`;
  });
}
