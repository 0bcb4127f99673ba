import type { EncodeTarget } from '../../../protocol/generated/EncodeTarget.ts';
import type { Layer } from '../../../protocol/generated/Layer.ts';
import type { ReceivedStats, SentStats } from '../media-engine.ts';
import type { Content } from './layers.ts';
import type { Drawn } from './pictures/surface.ts';
import type { PlayoutCounters } from './playout/playout.ts';

/** What the page tells the media worker. The tag is `do`. Ids of tracks and slots are never used twice in a page. */
export type ToWorker =
  | { do: 'probe' }
  /** A new session; the one before ends. */
  | { do: 'begin'; session: number }
  | { do: 'open'; url: string; token: string }
  | { do: 'close' }
  /** `media` is a clone: it does not follow `enabled` of the original, which is told by `enable`. */
  | { do: 'add-video'; track: number; media: MediaStreamTrack; content: Content; enabled: boolean }
  | { do: 'enable'; track: number; enabled: boolean }
  /** Blocks of sound come through the port, as {@link CapturedBlock}. */
  | { do: 'add-audio'; track: number; port: MessagePort; speech: boolean }
  | { do: 'remove'; track: number }
  | { do: 'encode'; track: number; layer: number; target: EncodeTarget | null }
  | { do: 'key-frame'; track: number; layer: number }
  /** So many more tracks for the pool. */
  | { do: 'make-tracks'; count: number }
  | { do: 'bind-video'; slot: number; receiver: number | null }
  | { do: 'end-track'; slot: number }
  /** What comes for the slot is drawn too. A surface is a canvas of the page; ids are never used twice in a page. */
  | { do: 'show-slot'; surface: number; slot: number }
  /** `media` is a clone, as for `add-video`. */
  | { do: 'show-local'; surface: number; media: MediaStreamTrack; enabled: boolean }
  /** What `drawn` told is on its canvas; the pixels come back to be used again. */
  | { do: 'drawn'; surface: number; pixels: ArrayBuffer | null }
  /** How wide it is seen, in device pixels. */
  | { do: 'resize-surface'; surface: number; width: number }
  | { do: 'enable-surface'; surface: number; enabled: boolean }
  /** No more pictures; the last one stays. */
  | { do: 'end-surface'; surface: number }
  | { do: 'hide'; surface: number }
  /** Decoded sound goes out through the port, as {@link ToPlayout}. Ids of players are never used twice in a page. */
  | { do: 'add-player'; player: number; port: MessagePort }
  /** What comes for this receiver is played by that player, which has no other from now on. */
  | { do: 'bind-audio'; receiver: number; player: number }
  | { do: 'unbind-audio'; receiver: number }
  | { do: 'stats'; id: number };

/** What the media worker tells the page. The tag is `is`. */
export type FromWorker =
  | { is: 'abilities'; abilities: WorkerAbilities }
  | { is: 'tracks'; tracks: { slot: number; track: MediaStreamTrack }[] }
  | { is: 'layers'; session: number; track: number; layers: Layer[] }
  /** The next picture of a surface; there is no other before the page says `drawn`. */
  | { is: 'drawn'; drawn: Drawn }
  | { is: 'lost'; session: number }
  | { is: 'stats'; id: number; video: [number, ReceivedVideo][]; sent: [number, SentStats[]][] };

export type ReceivedVideo = Extract<ReceivedStats, { kind: 'video' }>;

export interface WorkerAbilities {
  /** MediaStreamTrackProcessor and VideoTrackGenerator. */
  frames: boolean;
  /** VP8, both ways. */
  videoCodec: boolean;
  /** Opus, both ways. */
  audioCodec: boolean;
}

/** From the capture worklet: 20 ms of mono at 48 kHz. */
export interface CapturedBlock {
  /** Samples since the audio context began. */
  at: number;
  samples: Float32Array<ArrayBuffer>;
}

/** To a playout worklet: whose packets follow (null: nobody's), or a packet. */
export type ToPlayout = { receiver: number | null } | DecodedPacket;

export interface DecodedPacket {
  /** RTP timestamp, 48 kHz, wrapping at 2^32. */
  timestamp: number;
  /** Mono, 48 kHz. Null: it came too late to be of use, which says something of the network all the same. */
  samples: Float32Array<ArrayBuffer> | null;
  /** Milliseconds between its arrival here and this message. */
  age: number;
  /** The part of `age` for which it was kept back for the sake of an earlier packet. */
  held: number;
}

/** From the playout worklet to the worker: the delay that it aims at, in milliseconds. */
export interface PlayoutTarget {
  target: number;
}

/** From the playout worklet to the page: what it has played of a receiver. */
export interface ToldCounters {
  receiver: number;
  counters: PlayoutCounters;
}
