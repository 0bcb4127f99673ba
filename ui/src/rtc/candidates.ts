/**
 * Addresses for candidates that hide theirs. A browser that may not use camera or microphone offers `<uuid>.local`
 * instead of its address (draft-ietf-mmusic-mdns-ice-candidates), and the network may not answer for that name. The
 * room knows from where the participant's own connection comes: beside each such candidate stands a copy with that
 * address, and with no other.
 */

/** Addresses of one participant that are used; a machine has a few interfaces, not more. */
const MAX_ADDRESSES = 8;

/** The candidate, and after it its copies. */
export function withAddresses(candidate: RTCIceCandidateInit, addresses: readonly string[]): RTCIceCandidateInit[] {
  const copies = copiesOf(candidate.candidate ?? '', addresses);
  return [candidate, ...copies.map((copy) => ({ ...candidate, candidate: copy }))];
}

/** The description with the copies of the candidates that stand in it. */
export function sdpWithAddresses(sdp: string, addresses: readonly string[]): string {
  if (!sdp.includes('.local ')) return sdp;
  return sdp
    .split('\r\n')
    .flatMap((line) => (line.startsWith('a=candidate:') ? [line, ...copiesOf(line, addresses)] : [line]))
    .join('\r\n');
}

// RFC 8839 §5.1: candidate:foundation component transport priority address port "typ" type …
const CANDIDATE = /^((?:a=)?candidate:)(\S{1,32}) (\d+) (udp) (\d+) (\S+\.local) (\d+) typ host(.*)$/i;

function copiesOf(line: string, addresses: readonly string[]): string[] {
  const match = CANDIDATE.exec(line);
  if (!match) return [];
  const [, prefix, foundation, component, transport, priority, , port, rest] = match;
  return usable(addresses).map(
    // Another base is another foundation (RFC 8445 §5.1.1.3).
    (address, index) =>
      `${prefix}${`${foundation}`.slice(0, 30)}${String(index + 1)} ${component} ${transport} ${priority} ${address} ${port} typ host${rest}`,
  );
}

function usable(addresses: readonly string[]): string[] {
  const seen = new Set<string>();
  for (const raw of addresses) {
    const address = plainAddress(raw);
    if (address !== null && seen.size < MAX_ADDRESSES) seen.add(address);
  }
  return [...seen];
}

/**
 * An IP literal as a candidate wants it: without brackets, IPv4 out of its IPv6 clothes. Null for anything else, above
 * all text that would break out of the line, loopback, and addresses with a zone, which mean nothing on this machine.
 */
export function plainAddress(raw: string): string | null {
  const text = raw.replace(/^\[(.*)\]$/, '$1').toLowerCase();
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(text)?.[1] ?? text;
  if (/^\d+\.\d+\.\d+\.\d+$/.test(mapped)) {
    const parts = mapped.split('.').map(Number);
    return parts.every((part) => part <= 255) && parts[0] !== 127 && parts[0] !== 0 ? mapped : null;
  }
  return isIpv6(mapped) && mapped !== '::1' && mapped !== '::' ? mapped : null;
}

function isIpv6(text: string): boolean {
  if (!/^[0-9a-f:]{2,39}$/.test(text) || text.includes(':::')) return false;
  const halves = text.split('::');
  if (halves.length > 2) return false;
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')));
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/.test(group))) return false;
  return halves.length === 2 ? groups.length <= 7 : groups.length === 8;
}
