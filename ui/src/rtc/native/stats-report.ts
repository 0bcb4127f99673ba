import type { MediaStats, SentStats } from './media-engine.ts';

/**
 * Statistics of a connection: what the engine counts, with what only the page knows (W3C webrtc-stats). Pure. Where both
 * count the same the engine's number stands, as it is nearer to the network.
 */

/** What of a connection is asked for. */
export type StatsSelector = { is: 'all' } | { is: 'sender' | 'receiver'; mid: string | null };

/** One transceiver, as far as statistics are concerned. */
export interface StatsTransceiver {
  mid: string | null;
  kind: 'audio' | 'video';
  /** The engine's id of its receiver. */
  receiver: number | null;
  /** The `id` of the receiver's track. */
  receiverTrack: string;
  /** The engine's id of what is sent. */
  track: number | null;
  /** The `id` of the sender's track. */
  senderTrack: string | null;
}

type Entry = Record<string, unknown>;

/** RTCStatsReport: a map from `id` to the object with it. */
export class NativeStatsReport extends Map<string, object> {}

export function makeReport(
  entries: readonly Entry[],
  media: MediaStats,
  transceivers: readonly StatsTransceiver[],
  selector: StatsSelector,
): NativeStatsReport {
  const byMid = new Map(transceivers.flatMap((each) => (each.mid === null ? [] : [[each.mid, each] as const])));
  const all = new Map<string, Entry>();
  for (const entry of entries) {
    const transceiver = byMid.get(textOf(entry['mid']));
    const merged =
      transceiver === undefined
        ? entry
        : entry['type'] === 'inbound-rtp'
          ? inbound(entry, media, transceiver)
          : entry['type'] === 'outbound-rtp'
            ? outbound(entry, media, transceiver)
            : entry;
    all.set(textOf(entry['id']), merged);
  }
  const timestamp = entries[0]?.['timestamp'] ?? Date.now();
  for (const transceiver of transceivers) {
    const source = mediaSource(media, transceiver, timestamp);
    if (source !== null) all.set(source.id, source.entry);
  }
  return new NativeStatsReport(selector.is === 'all' ? all : selected(all, selector.is, selector.mid));
}

function inbound(entry: Entry, media: MediaStats, { receiver, receiverTrack }: StatsTransceiver): Entry {
  const page = receiver === null ? undefined : media.received.get(receiver);
  if (page === undefined) return { trackIdentifier: receiverTrack, ...entry };
  const merged: Entry = { trackIdentifier: receiverTrack, ...page, ...known(entry) };
  // Either may drop some.
  if (page.kind === 'video') merged['framesDropped'] = page.framesDropped + numberOf(entry['framesDropped']);
  return merged;
}

function outbound(entry: Entry, media: MediaStats, { kind, track }: StatsTransceiver): Entry {
  if (track === null) return entry;
  const withSource: Entry = { ...known(entry), mediaSourceId: sourceId(track) };
  const layers = media.sent.get(track) ?? [];
  if (kind === 'audio' || layers.length === 0) return withSource;
  // A size is encoded once for all links, and a link may get another one at any time: what counts is the work for the track. Which
  // size this link gets the engine knows.
  const sum = (of: (layer: SentStats) => number): number => layers.reduce((total, layer) => total + of(layer), 0);
  return {
    framesEncoded: sum(({ framesEncoded }) => framesEncoded),
    keyFramesEncoded: sum(({ keyFramesEncoded }) => keyFramesEncoded),
    totalEncodeTime: sum(({ totalEncodeTime }) => totalEncodeTime),
    ...withSource,
  };
}

/** What a sender is fed with (W3C webrtc-stats, RTCMediaSourceStats). */
function mediaSource(
  media: MediaStats,
  { kind, track, senderTrack }: StatsTransceiver,
  timestamp: unknown,
): { id: string; entry: Entry } | null {
  if (track === null || senderTrack === null) return null;
  const id = sourceId(track);
  const entry: Entry = { id, type: 'media-source', timestamp, kind, trackIdentifier: senderTrack };
  const [full] = media.sent.get(track) ?? [];
  if (full === undefined) return { id, entry };
  if (kind === 'video') {
    return {
      id,
      entry: { ...entry, width: full.sourceWidth, height: full.sourceHeight, frames: full.sourceFrames },
    };
  }
  const { totalAudioEnergy, totalSamplesDuration } = full;
  return { id, entry: { ...entry, totalAudioEnergy, totalSamplesDuration } };
}

/** The RTP streams of one sender or receiver, and everything that they refer to (W3C webrtc §8.5). */
function selected(all: ReadonlyMap<string, Entry>, of: 'sender' | 'receiver', mid: string | null): Map<string, Entry> {
  const type = of === 'sender' ? 'outbound-rtp' : 'inbound-rtp';
  const chosen = new Map<string, Entry>();
  const waiting = [...all].filter(([, entry]) => entry['type'] === type && mid !== null && entry['mid'] === mid);
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const [id, entry] = next;
    if (chosen.has(id)) continue;
    chosen.set(id, entry);
    for (const [name, value] of Object.entries(entry)) {
      const referred = name.endsWith('Id') && typeof value === 'string' ? all.get(value) : undefined;
      if (referred !== undefined) waiting.push([value as string, referred]);
    }
  }
  return chosen;
}

function sourceId(track: number): string {
  return `media-source-${track}`;
}

/** Members that are there and not null. */
function known(entry: Entry): Entry {
  return Object.fromEntries(Object.entries(entry).filter(([, value]) => value !== null && value !== undefined));
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}
