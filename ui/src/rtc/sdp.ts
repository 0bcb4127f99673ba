/** The few things read from a description. RFC 8866, RFC 8839; nothing here changes one. */

/** A description with more sections than this is refused: four sources need four, and each costs a transceiver for good. */
export const MAX_SECTIONS = 12;

/** The ICE user name fragments of a description, each once. */
export function fragmentsOf(sdp: string): string[] {
  return [...new Set(valuesOf(sdp, 'a=ice-ufrag:'))];
}

/** The session id of the `o=` line, which stays the same over the life of one RTCPeerConnection. Null if there is none. */
export function sessionOf(sdp: string): string | null {
  return valuesOf(sdp, 'o=')[0]?.split(' ')[1] ?? null;
}

/** How many media sections there are. */
export function sectionsOf(sdp: string): number {
  return valuesOf(sdp, 'm=').length;
}

/** Whether the other side offers data channels (RFC 8841): an `m=application` section that is not refused. */
export function hasData(sdp: string): boolean {
  return valuesOf(sdp, 'm=').some((value) => /^application [1-9]\d* .*DTLS\/SCTP/.test(value));
}

function valuesOf(sdp: string, prefix: string): string[] {
  return sdp
    .split(/\r?\n/)
    .filter((line) => line.startsWith(prefix))
    .map((line) => line.slice(prefix.length).trim());
}
