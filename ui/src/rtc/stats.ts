import type { Source } from './source.ts';

/**
 * What getStats() says of every link, read once a second into one place. Rates are between two readings; counters are
 * the browser's. Bounded: one history a link, dropped with it.
 */

export interface SourceSample {
  /** bit/s over the last interval. */
  bitrate: number;
  packets: number;
  /** Incoming: lost on the way here. Outgoing: lost as the other side reports. */
  packetsLost: number;
  /** Video: decoded (incoming) or sent (outgoing) since the beginning. 0 for sound. */
  frames: number;
  /** Outgoing: how long all packets together waited to be sent, since the beginning, in seconds. */
  sendDelaySeconds: number;
  width: number;
  height: number;
  ssrc: number;
}

export interface LinkSample {
  /** Milliseconds, performance.now(). */
  at: number;
  /** Round trip of the chosen path in milliseconds; null while there is none. */
  roundTripMs: number | null;
  /** Bytes that came by the chosen path, since the beginning. */
  bytesReceived: number;
  /** bit/s that the browser believes the chosen path carries; null where it does not say. */
  available: number | null;
  incoming: Partial<Record<Source, SourceSample>>;
  outgoing: Partial<Record<Source, SourceSample>>;
}

/** What a sampler needs of a link. */
export interface StatsLink {
  getStats(): Promise<RTCStatsReport>;
  sources(): ReadonlyMap<string, Source>;
  readonly connectionId: string;
}

/** Somebody who looks at each report too, so that it is made once. */
export interface Watcher {
  report(id: string, report: Iterable<readonly [string, object]>, sources: ReadonlyMap<string, Source>, at: number): void;
  /** All links were read. */
  round(samples: ReadonlyMap<string, LinkSample>): void;
}

const SAMPLE_EVERY_MS = 1_000;
/** Two minutes: what a person means by "just now". */
const HISTORY = 120;

/** The members of stats objects that are read, as W3C webrtc-stats names them. */
interface Entry {
  type: string;
  mid?: string;
  remoteId?: string;
  bytesSent?: number;
  bytesReceived?: number;
  packetsSent?: number;
  packetsReceived?: number;
  packetsLost?: number;
  framesSent?: number;
  framesDecoded?: number;
  frameWidth?: number;
  frameHeight?: number;
  ssrc?: number;
  nominated?: boolean;
  state?: string;
  currentRoundTripTime?: number;
  selectedCandidatePairId?: string;
  availableOutgoingBitrate?: number;
  totalPacketSendDelay?: number;
}

/** One reading made of a report. Pure; bitrates come from `bytes` of the reading before. */
export function sampleOf(
  report: Iterable<readonly [string, object]>,
  sources: ReadonlyMap<string, Source>,
  at: number,
  before: { at: number; bytes: ReadonlyMap<number, number> } | null,
): { sample: LinkSample; bytes: Map<number, number> } {
  const entries = new Map<string, Entry>();
  for (const [id, entry] of report) entries.set(id, entry as Entry);
  const bytes = new Map<number, number>();
  const sample: LinkSample = { at, roundTripMs: null, bytesReceived: 0, available: null, incoming: {}, outgoing: {} };
  for (const entry of entries.values()) {
    if (entry.type === 'candidate-pair' && entry.nominated === true && entry.state === 'succeeded') {
      sample.bytesReceived = Math.max(sample.bytesReceived, entry.bytesReceived ?? 0);
      sample.available = entry.availableOutgoingBitrate ?? sample.available;
      if (entry.currentRoundTripTime !== undefined) sample.roundTripMs = entry.currentRoundTripTime * 1_000;
    }
    if (entry.type !== 'inbound-rtp' && entry.type !== 'outbound-rtp') continue;
    const source = sources.get(entry.mid ?? '');
    if (source === undefined) continue;
    const incoming = entry.type === 'inbound-rtp';
    const ssrc = entry.ssrc ?? 0;
    const total = (incoming ? entry.bytesReceived : entry.bytesSent) ?? 0;
    bytes.set(ssrc, total);
    const earlier = before?.bytes.get(ssrc);
    const seconds = before === null ? 0 : (at - before.at) / 1_000;
    const remote = entry.remoteId === undefined ? undefined : entries.get(entry.remoteId);
    sample[incoming ? 'incoming' : 'outgoing'][source] = {
      bitrate: earlier === undefined || seconds <= 0 ? 0 : Math.max(0, ((total - earlier) * 8) / seconds),
      packets: (incoming ? entry.packetsReceived : entry.packetsSent) ?? 0,
      packetsLost: (incoming ? entry.packetsLost : remote?.packetsLost) ?? 0,
      frames: (incoming ? entry.framesDecoded : entry.framesSent) ?? 0,
      sendDelaySeconds: entry.totalPacketSendDelay ?? 0,
      width: entry.frameWidth ?? 0,
      height: entry.frameHeight ?? 0,
      ssrc,
    };
  }
  return { sample, bytes };
}

interface History {
  connectionId: string;
  bytes: Map<number, number>;
  samples: LinkSample[];
}

export class Stats {
  readonly #links: () => ReadonlyMap<string, StatsLink>;
  readonly #histories = new Map<string, History>();
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #watcher: Watcher | null;
  #reading = false;

  /** Starts reading. */
  constructor(links: () => ReadonlyMap<string, StatsLink>, watcher: Watcher | null = null) {
    this.#links = links;
    this.#watcher = watcher;
    this.#timer = setInterval(() => {
      void this.#read();
    }, SAMPLE_EVERY_MS);
  }

  /** Readings of one link, oldest first. */
  of(id: string): readonly LinkSample[] {
    return this.#histories.get(id)?.samples ?? [];
  }

  latest(id: string): LinkSample | null {
    return this.of(id).at(-1) ?? null;
  }

  close(): void {
    clearInterval(this.#timer);
    this.#histories.clear();
  }

  async #read(): Promise<void> {
    // A slow machine skips readings instead of piling them up.
    if (this.#reading) return;
    this.#reading = true;
    try {
      const links = this.#links();
      for (const id of this.#histories.keys()) if (!links.has(id)) this.#histories.delete(id);
      const read = await Promise.all([...links].map(async ([id, link]) => [id, await this.#readOne(id, link)] as const));
      this.#watcher?.round(new Map(read.flatMap(([id, sample]) => (sample === null ? [] : [[id, sample]]))));
    } finally {
      this.#reading = false;
    }
  }

  async #readOne(id: string, link: StatsLink): Promise<LinkSample | null> {
    const { connectionId } = link;
    let report: RTCStatsReport;
    try {
      report = await link.getStats();
    } catch {
      // Closed meanwhile.
      return null;
    }
    const known = this.#histories.get(id);
    const history = known?.connectionId === connectionId ? known : { connectionId, bytes: new Map(), samples: [] };
    const last = history.samples.at(-1);
    const before = last === undefined ? null : { at: last.at, bytes: history.bytes };
    const at = performance.now();
    const entries = [...(report.entries() as Iterable<[string, object]>)];
    const { sample, bytes } = sampleOf(entries, link.sources(), at, before);
    this.#watcher?.report(id, entries, link.sources(), at);
    history.bytes = bytes;
    history.samples = [...history.samples, sample].slice(-HISTORY);
    if (!this.#links().has(id)) return null;
    this.#histories.set(id, history);
    return sample;
  }
}
