import type { Source } from '../source.ts';

/** What one link's statistics say for the decisions about it: differences between two reports. Pure. */

/** Counters of one report. */
export interface Counters {
  /** Milliseconds. */
  readonly at: number;
  readonly estimate: number | null;
  readonly packetsSent: number;
  /** With headers. */
  readonly bytesSent: number;
  readonly sendDelay: number;
  readonly bandwidthLimited: number;
  readonly cpuLimited: number;
  readonly encodeTime: number;
  readonly framesEncoded: number;
  readonly framesReceived: number;
  readonly framesDecoded: number;
  readonly framesDropped: number;
  readonly freezes: number;
  readonly packetsLost: number;
}

/** What happened between two reports. Times in seconds, as in statistics. */
export interface LinkLoad extends Omit<Counters, 'at' | 'estimate'> {
  readonly seconds: number;
  readonly estimate: number | null;
}

interface Entry {
  type?: string;
  kind?: string;
  mid?: string;
  selectedCandidatePairId?: string;
  availableOutgoingBitrate?: number;
  packetsSent?: number;
  bytesSent?: number;
  headerBytesSent?: number;
  totalPacketSendDelay?: number;
  qualityLimitationDurations?: { bandwidth?: number; cpu?: number };
  totalEncodeTime?: number;
  framesEncoded?: number;
  framesReceived?: number;
  framesDecoded?: number;
  framesDropped?: number;
  freezeCount?: number;
  packetsLost?: number;
}

/**
 * Of a report; pictures are those of faces and screens together.
 *
 * @param sources whose sections count; null: all
 */
export function countersOf(report: Iterable<readonly [string, object]>, sources: ReadonlyMap<string, Source> | null, at: number): Counters {
  const sum = { packetsSent: 0, bytesSent: 0, sendDelay: 0, bandwidthLimited: 0, cpuLimited: 0, encodeTime: 0, framesEncoded: 0, framesReceived: 0, framesDecoded: 0, framesDropped: 0, freezes: 0, packetsLost: 0 };
  const estimates = new Map<string, number>();
  let selected: string | null = null;
  for (const [id, object] of report) {
    const entry = object as Entry;
    // Of a way that is jammed the pair is neither nominated nor succeeded after a while, as its questions are not answered in time.
    if (entry.type === 'candidate-pair' && entry.availableOutgoingBitrate !== undefined) estimates.set(id, entry.availableOutgoingBitrate);
    if (entry.type === 'transport') selected = entry.selectedCandidatePairId ?? selected;
    if (entry.kind !== 'video' || sources?.has(entry.mid ?? '') === false) continue;
    if (entry.type === 'outbound-rtp') {
      sum.packetsSent += entry.packetsSent ?? 0;
      sum.bytesSent += (entry.bytesSent ?? 0) + (entry.headerBytesSent ?? 0);
      sum.sendDelay += entry.totalPacketSendDelay ?? 0;
      sum.bandwidthLimited += entry.qualityLimitationDurations?.bandwidth ?? 0;
      sum.cpuLimited += entry.qualityLimitationDurations?.cpu ?? 0;
      sum.encodeTime += entry.totalEncodeTime ?? 0;
      sum.framesEncoded += entry.framesEncoded ?? 0;
    } else if (entry.type === 'inbound-rtp') {
      sum.framesReceived += entry.framesReceived ?? 0;
      sum.framesDecoded += entry.framesDecoded ?? 0;
      sum.framesDropped += entry.framesDropped ?? 0;
      sum.freezes += entry.freezeCount ?? 0;
      sum.packetsLost += entry.packetsLost ?? 0;
    }
  }
  const estimate = (selected === null ? undefined : estimates.get(selected)) ?? [...estimates.values()].at(-1) ?? null;
  return { at, estimate, ...sum };
}

/** A counter that fell began anew with another stream. */
export function between(before: Counters, after: Counters): LinkLoad {
  const grown = (key: Exclude<keyof Counters, 'at' | 'estimate'>): number => Math.max(0, after[key] - before[key]);
  return {
    seconds: (after.at - before.at) / 1_000,
    estimate: after.estimate,
    packetsSent: grown('packetsSent'),
    bytesSent: grown('bytesSent'),
    sendDelay: grown('sendDelay'),
    bandwidthLimited: grown('bandwidthLimited'),
    cpuLimited: grown('cpuLimited'),
    encodeTime: grown('encodeTime'),
    framesEncoded: grown('framesEncoded'),
    framesReceived: grown('framesReceived'),
    framesDecoded: grown('framesDecoded'),
    framesDropped: grown('framesDropped'),
    freezes: grown('freezes'),
    packetsLost: grown('packetsLost'),
  };
}
