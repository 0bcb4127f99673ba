import type { IceCandidate } from '../../protocol/generated/IceCandidate.ts';

/** What a candidate line says (RFC 8839 §5.1). Null where it says nothing or cannot be read. */
interface Parts {
  foundation: string | null;
  component: RTCIceComponent | null;
  priority: number | null;
  address: string | null;
  protocol: RTCIceProtocol | null;
  port: number | null;
  type: RTCIceCandidateType | null;
  tcpType: RTCIceTcpCandidateType | null;
  relatedAddress: string | null;
  relatedPort: number | null;
  usernameFragment: string | null;
}

const NOTHING: Parts = {
  foundation: null,
  component: null,
  priority: null,
  address: null,
  protocol: null,
  port: null,
  type: null,
  tcpType: null,
  relatedAddress: null,
  relatedPort: null,
  usernameFragment: null,
};

/** RTCIceCandidate (W3C webrtc §4.8.1). */
export class NativeIceCandidate {
  readonly candidate: string;
  readonly sdpMid: string | null;
  readonly sdpMLineIndex: number | null;
  readonly usernameFragment: string | null;
  readonly foundation: string | null;
  readonly component: RTCIceComponent | null;
  readonly priority: number | null;
  readonly address: string | null;
  readonly protocol: RTCIceProtocol | null;
  readonly port: number | null;
  readonly type: RTCIceCandidateType | null;
  readonly tcpType: RTCIceTcpCandidateType | null;
  readonly relatedAddress: string | null;
  readonly relatedPort: number | null;

  /** @throws TypeError without a section to belong to */
  constructor(init: RTCIceCandidateInit = {}) {
    this.sdpMid = init.sdpMid ?? null;
    this.sdpMLineIndex = init.sdpMLineIndex ?? null;
    if (this.sdpMid === null && this.sdpMLineIndex === null) throw new TypeError('sdpMid and sdpMLineIndex are both null');
    this.candidate = init.candidate ?? '';
    const parts = partsOf(this.candidate);
    this.usernameFragment = init.usernameFragment ?? parts.usernameFragment;
    this.foundation = parts.foundation;
    this.component = parts.component;
    this.priority = parts.priority;
    this.address = parts.address;
    this.protocol = parts.protocol;
    this.port = parts.port;
    this.type = parts.type;
    this.tcpType = parts.tcpType;
    this.relatedAddress = parts.relatedAddress;
    this.relatedPort = parts.relatedPort;
  }

  toJSON(): RTCIceCandidateInit {
    const { candidate, sdpMid, sdpMLineIndex, usernameFragment } = this;
    return { candidate, sdpMid, sdpMLineIndex, usernameFragment };
  }
}

/** As the engine takes it. Null if it belongs to no section and does not end the candidates. */
export function candidateForEngine(init: RTCIceCandidateInit): IceCandidate | null {
  const candidate = init.candidate ?? '';
  if (candidate !== '' && init.sdpMid == null && init.sdpMLineIndex == null) return null;
  return {
    candidate,
    ...(init.sdpMid == null ? {} : { sdpMid: init.sdpMid }),
    ...(init.sdpMLineIndex == null ? {} : { sdpMLineIndex: init.sdpMLineIndex }),
    ...(init.usernameFragment == null ? {} : { usernameFragment: init.usernameFragment }),
  };
}

function partsOf(line: string): Parts {
  const [foundation, component, protocol, priority, address, port, typ, type, ...rest] = line
    .replace(/^(a=)?candidate:/, '')
    .split(' ');
  if (type === undefined || typ !== 'typ') return NOTHING;
  const more = new Map<string, string>();
  for (let at = 0; at + 1 < rest.length; at += 2) more.set(rest[at] ?? '', rest[at + 1] ?? '');
  return {
    foundation: foundation ?? null,
    component: component === '1' ? 'rtp' : component === '2' ? 'rtcp' : null,
    priority: numberOf(priority),
    address: address ?? null,
    protocol: oneOf(protocol?.toLowerCase(), ['udp', 'tcp']),
    port: numberOf(port),
    type: oneOf(type, ['host', 'srflx', 'prflx', 'relay']),
    tcpType: oneOf(more.get('tcptype'), ['active', 'passive', 'so']),
    relatedAddress: more.get('raddr') ?? null,
    relatedPort: numberOf(more.get('rport')),
    usernameFragment: more.get('ufrag') ?? null,
  };
}

function numberOf(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,10}$/.test(text) ? Number(text) : null;
}

function oneOf<T extends string>(text: string | undefined, known: readonly T[]): T | null {
  return known.find((each) => each === text) ?? null;
}
