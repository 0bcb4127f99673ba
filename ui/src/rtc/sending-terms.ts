import { withParameter } from './format-parameters.ts';

/**
 * What our encoders are told by the remote description, before it is set. The other side's words say what it can decode; how we
 * begin to send is ours to say, and browsers read it from there. Nothing here travels.
 */

/**
 * kbit/s that the estimate of a link's bandwidth begins with. Browsers begin with 300, as for the internet, where the first key
 * frame of 640×480 takes a third of a second. A LAN carries this; one that does not is found out within a second.
 */
export const START_KBITS = 3_000;

/** Of Chromium and WebKit; others pass it over. */
const START_RATE = `x-google-start-bitrate=${String(START_KBITS)}`;
/** RFC 7587 §6.1: no packets in silence, but one in 400 ms. */
const DTX = 'usedtx=1';

/** Milliseconds of sound in a packet: as short as it is worth it for a talk of few. */
const SHORT_PACKETS_MS = 20;
/** Of each packet the same work is to be done, for each link, on both sides: half as many are a quarter less of it. */
const LONG_PACKETS_MS = 40;
/** So many links are more than a talk of three. */
const MANY_LINKS = 3;

/**
 * The description as it is to be set.
 *
 * @param links that there are, this one among them
 */
export function withSendingTerms(sdp: string, links: number): string {
  const packetMs = links >= MANY_LINKS ? LONG_PACKETS_MS : SHORT_PACKETS_MS;
  return sdp
    .split(/(?=^m=)/m)
    .map((section) => {
      if (section.startsWith('m=video ')) return withParameter(section, /^(VP8|VP9|H264|H265|AV1)\/90000/i, START_RATE);
      if (section.startsWith('m=audio ')) return withPackets(withParameter(section, /^opus\/48000/i, DTX), packetMs);
      return section;
    })
    .join('');
}

/** RFC 8866 §6.4: how long the sound in a packet is wished to be. */
function withPackets(section: string, packetMs: number): string {
  return `${section.replace(/^a=ptime:.*\r?\n/gm, '').replace(/\r?\n$/, '')}\r\na=ptime:${String(packetMs)}\r\n`;
}
