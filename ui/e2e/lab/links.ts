/**
 * What a page's links carry, seen from outside: every RTCPeerConnection that the page makes is written down before the page
 * runs, and asked for its statistics. The page itself is not asked, so it cannot flatter itself.
 */

declare global {
  interface Window {
    labLinks?: RTCPeerConnection[];
    /** The two ends of a page's link to itself, which is there for its encoders. */
    labLoopbacks?: RTCPeerConnection[];
    labSignaling?: SignalingChange[];
    /** Second tracks of a camera or microphone: each that lives keeps the device on. */
    labClones?: MediaStreamTrack[];
  }
}

/** A stream that comes in. Counters only grow. */
export interface Inbound {
  kind: 'audio' | 'video';
  /** The same on both ends of a link. */
  mid: string;
  ssrc: number;
  /** Played by the tile that was asked about. */
  shown: boolean;
  framesDecoded: number;
  /** Of the last picture. */
  frameWidth: number;
  frameHeight: number;
  packetsLost: number;
  /** Of all sound so far: 0 means that nothing but silence came. */
  energy: number;
  /** Sound: samples played, and how many of them were made up because theirs had not come. Made-up silence counts too. */
  samples: number;
  concealed: number;
  /** When what is played now was recorded, in milliseconds, as far as the sender's reports tell (`estimatedPlayoutTimestamp`); 0: they do not yet. */
  playsFrom: number;
}

/** A stream that goes out. */
export interface Outbound {
  kind: 'audio' | 'video';
  mid: string;
  ssrc: number;
  /** Of the shared encoder, where it serves this link. */
  framesSent: number;
  framesEncoded: number;
  /** `mediaSourceId`: what is encoded. */
  source: string;
  packetsSent: number;
  /** Of media, without headers. */
  bytesSent: number;
  headerBytesSent: number;
}

/** The link to one participant. */
export interface Traffic {
  /** Which of the page's connections it is: 0 is the first one that it ever made. */
  link: number;
  state: RTCPeerConnectionState;
  /** When the counters were read, in milliseconds: a busy page answers late. */
  at: number;
  inbound: Inbound[];
  outbound: Outbound[];
  /** Addresses of the own candidates. */
  addresses: string[];
}

/** Whatever can run a function in a page: Playwright's Page, or a PageDriver. */
export interface Evaluates {
  evaluate<R, A = undefined>(script: (argument: A) => R | Promise<R>, argument?: A): Promise<R>;
}

/** A connection came into this state. */
export interface SignalingChange {
  link: number;
  state: RTCSignalingState;
  /** Milliseconds since 1970, the same clock on all machines of the lab. */
  at: number;
}

/** What every camera is asked for, whatever the page would like. */
export interface Capture {
  width: number;
  height: number;
  framesPerSecond: number;
}

/** So small that several people fit on two cores. */
export const SMALL: Capture = { width: 320, height: 180, framesPerSecond: 30 };

/** Runs in the page, before it. */
export function watchLinks(capture: Capture): void {
  if (window.labLinks !== undefined) return;
  // Pages send and show what they would on a computer that keeps up: how busy this one is with other things is not what tests are about.
  try {
    // What a test set stays: the governor's own tests.
    if (localStorage.getItem('landline.governor') === null) localStorage.setItem('landline.governor', 'off');
  } catch {
    // A page without storage has no such setting.
  }
  const links: RTCPeerConnection[] = [];
  window.labLinks = links;
  const loopbacks: RTCPeerConnection[] = [];
  window.labLoopbacks = loopbacks;
  const clones: MediaStreamTrack[] = [];
  window.labClones = clones;
  if (typeof MediaStreamTrack === 'function') {
    const clone = Reflect.get<MediaStreamTrack, 'clone'>(MediaStreamTrack.prototype, 'clone');
    MediaStreamTrack.prototype.clone = function (this: MediaStreamTrack) {
      const copy = clone.call(this);
      clones.push(copy);
      return copy;
    };
  }
  const changes: SignalingChange[] = [];
  window.labSignaling = changes;
  if (typeof RTCPeerConnection === 'function') {
    window.RTCPeerConnection = class extends RTCPeerConnection {
      constructor(configuration?: RTCConfiguration) {
        super(configuration);
        if (configuration?.bundlePolicy === 'max-compat') {
          loopbacks.push(this);
          return;
        }
        const link = links.push(this) - 1;
        this.addEventListener('signalingstatechange', () => {
          changes.push({ link, state: this.signalingState, at: Date.now() });
        });
      }
    };
  }
  // Undefined where the page is not secure.
  const devices = navigator.mediaDevices as MediaDevices | undefined;
  if (!devices) return;
  const original = devices.getUserMedia.bind(devices);
  devices.getUserMedia = (constraints) => {
    const video = constraints?.video;
    if (video === undefined || video === false) return original(constraints);
    const size = { width: capture.width, height: capture.height, frameRate: capture.framesPerSecond };
    return original({ ...constraints, video: { ...(video === true ? {} : video), ...size } });
  };
}

/** The link to a participant, found by what the tile plays. Null as long as there is none. */
export function traffic(page: Evaluates, participantId: string, source: 'camera' | 'screen' = 'camera'): Promise<Traffic | null> {
  return page.evaluate(
    async ([id, tileSource]: readonly [string, string]) => {
      const played = new Set<string>();
      const tile = `[data-testid="tile"][data-participant-id="${CSS.escape(id)}"][data-source="${tileSource}"]`;
      for (const { dataset } of document.querySelectorAll<HTMLElement>(`${tile} [data-track-id]`)) played.add(dataset['trackId'] ?? '');
      const links = window.labLinks ?? [];
      // The newest first: a link that was rebuilt has an older one that is closed.
      const index = links.findLastIndex((link) => link.signalingState !== 'closed' && link.getReceivers().some((receiver) => played.has(receiver.track.id)));
      const link = links[index];
      if (!link) return null;
      const found: Traffic = { link: index, state: link.connectionState, at: 0, inbound: [], outbound: [], addresses: [] };
      const report = await link.getStats();
      for (const entry of report.values() as Iterable<Record<string, unknown>>) {
        const number = (key: string): number => (typeof entry[key] === 'number' ? entry[key] : 0);
        const text = (key: string): string => (typeof entry[key] === 'string' ? entry[key] : '');
        const kind = text('kind') === 'video' ? 'video' : 'audio';
        const common = { kind, mid: text('mid'), ssrc: number('ssrc') } as const;
        found.at = Math.max(found.at, number('timestamp'));
        if (text('type') === 'inbound-rtp') {
          found.inbound.push({
            ...common,
            shown: played.has(text('trackIdentifier')),
            framesDecoded: number('framesDecoded'),
            frameWidth: number('frameWidth'),
            frameHeight: number('frameHeight'),
            packetsLost: number('packetsLost'),
            energy: number('totalAudioEnergy'),
            samples: number('totalSamplesReceived'),
            concealed: number('concealedSamples'),
            playsFrom: number('estimatedPlayoutTimestamp'),
          });
        } else if (text('type') === 'outbound-rtp') {
          found.outbound.push({ ...common, framesSent: number('framesSent'), framesEncoded: number('framesEncoded'), source: text('mediaSourceId'), packetsSent: number('packetsSent'), bytesSent: number('bytesSent'), headerBytesSent: number('headerBytesSent') });
        } else if (text('type') === 'local-candidate') {
          found.addresses.push(text('address'));
        }
      }
      // A link that gets copies of another encoder's frames has an encoder that makes few of its own. Only the page knows what it gave.
      const debug = window.landlineDebug;
      const encoder = await debug?.encoder?.();
      const given = encoder?.links.get(encoder.ways[id]?.share ?? -1);
      const camera = Object.entries(debug?.links?.()[id]?.sources ?? {}).find(([, name]) => name === 'camera')?.[0];
      if (given !== undefined) {
        for (const stream of found.outbound) if (stream.mid === camera) stream.framesSent = given.replaced + given.passed;
      }
      return found;
    },
    [participantId, source] as const,
  );
}

/** How many connections to somebody the page has had so far, also closed ones; one that was made ahead is nobody's yet. */
export function linksMade(page: Evaluates): Promise<number> {
  return page.evaluate(() => new Set((window.labSignaling ?? []).flatMap(({ link, state }) => (state === 'stable' ? [link] : []))).size);
}

/** Every connection that the page made, in one line each: for the log of a test that failed. */
export function describeLinks(page: Evaluates): Promise<string> {
  return page.evaluate(async () => {
    const lines = (window.labLinks ?? []).map(async (link, index) => {
      const entries: Record<string, unknown>[] = [];
      // Firefox has none of a connection that is closed.
      if (link.signalingState !== 'closed') (await link.getStats()).forEach((entry: Record<string, unknown>) => entries.push(entry));
      const types = ['transport', 'candidate-pair', 'inbound-rtp', 'outbound-rtp', 'local-candidate', 'remote-candidate'];
      const kept = ['type', 'kind', 'state', 'nominated', 'mid', 'ssrc', 'framesSent', 'framesDecoded', 'packetsLost', 'requestsSent', 'responsesReceived', 'candidateType', 'address', 'port', 'usernameFragment', 'priority', 'bytesSent', 'bytesReceived', 'selectedCandidatePairId', 'id', 'localCandidateId', 'remoteCandidateId', 'lastPacketSentTimestamp', 'lastPacketReceivedTimestamp'];
      const stats = entries
        .filter(({ type }) => types.includes(String(type)))
        .map((entry) => kept.filter((key) => key in entry).map((key) => `${key}=${String(entry[key])}`).join(' '));
      return `link ${String(index)}: ${link.connectionState} ${link.iceConnectionState} ${link.signalingState}\n  ${stats.join('\n  ')}`;
    });
    const changes = (window.labSignaling ?? []).map(({ link, state, at }) => `${new Date(at).toISOString()} link ${String(link)}: ${state}`);
    return [`${new Date().toISOString()}`, ...(await Promise.all(lines)), ...changes].join('\n');
  });
}

/** The stream that a tile shows, or the sound that it plays. */
export function shown(traffic: Traffic | null, kind: 'audio' | 'video'): Inbound | null {
  return traffic?.inbound.find((stream) => stream.kind === kind && stream.shown) ?? null;
}
