import type { EncodeTarget } from '../../protocol/generated/EncodeTarget.ts';
import type { EngineDoor } from '../../protocol/generated/EngineDoor.ts';
import type { Layer } from '../../protocol/generated/Layer.ts';
import type { TrackKind } from '../../protocol/generated/TrackKind.ts';
import type { PlayoutCounters } from './media/playout/playout.ts';

/**
 * The media side of the native RTCPeerConnection, as its signaling side sees it: frames of local tracks go to the engine, frames from the engine
 * become tracks. One for a page, whatever the number of connections, so that a track is encoded once for all of them.
 */
export interface MediaEngine {
  /**
   * A local track that some sender sends. The same id for the same track as long as it is in use; counted.
   * `layers` (told at once and at each change of size) goes to the engine as `set-layers`.
   */
  addTrack(track: MediaStreamTrack): number;
  /** Undoes one `addTrack`. The last one frees the encoder; true then, and the engine is to be told `drop-track`. */
  removeTrack(id: number): boolean;
  /** What the engine wants of a layer; null: do not encode it. */
  encode(track: number, layer: number, target: EncodeTarget | null): void;
  keyFrame(track: number, layer: number): void;
  /** A remote track, at once; what comes for `receiver` (an id of the engine) appears in it once {@link RemoteTrack.bind} said which. */
  createRemoteTrack(kind: TrackKind): RemoteTrack;
  stats(): Promise<MediaStats>;
  /** Ends everything. */
  close(): void;
}

export interface MediaEngineEvents {
  /** Told before the first frame of a track, and when its size changes. */
  onlayers: (track: number, layers: Layer[]) => void;
  /** The media socket is lost: nothing can be mended but by a new engine session. */
  onlost: () => void;
}

export interface RemoteTrack {
  readonly track: MediaStreamTrack;
  /** Which receiver's frames this is. Null: none any more, the track is muted. */
  bind(receiver: number | null): void;
  /** Ends the track. */
  close(): void;
}

/**
 * How the signaling side opens it: `openMediaEngine` of `media/open-media-engine.ts`. At once, as transceivers need their
 * tracks at once; the media socket is opened when the door is known. A door that rejects is the signaling side's to tell:
 * `onlost` need not be called for it.
 */
export type OpenMediaEngine = (door: Promise<EngineDoor>, events: MediaEngineEvents) => MediaEngine;

/**
 * `probeWorker` of `media/probe-worker.ts`: whether a dedicated worker here has MediaStreamTrackProcessor and
 * VideoTrackGenerator, and WebCodecs for VP8 and Opus. It sees to it that WebCodecs is safe to touch.
 */
export type ProbeWorker = () => Promise<{ frames: boolean; videoCodec: boolean; audioCodec: boolean }>;

/** What only the page knows, under the names of W3C webrtc-stats. Counters since the beginning. */
export interface MediaStats {
  /** By receiver. */
  readonly received: ReadonlyMap<number, ReceivedStats>;
  /** By track, and within by layer. */
  readonly sent: ReadonlyMap<number, readonly SentStats[]>;
}

export type ReceivedStats =
  | {
      kind: 'video';
      framesReceived: number;
      framesDecoded: number;
      framesDropped: number;
      keyFramesDecoded: number;
      frameWidth: number;
      frameHeight: number;
      freezeCount: number;
      /** Seconds. */
      totalFreezesDuration: number;
    }
  | ({ kind: 'audio' } & PlayoutCounters);

export interface SentStats {
  framesEncoded: number;
  keyFramesEncoded: number;
  framesDropped: number;
  /** Seconds that frames spent in the encoder, one after the other. */
  totalEncodeTime: number;
  /** Of the last frame that was encoded. */
  frameWidth: number;
  frameHeight: number;
  /** What came of the track, the same in all layers. */
  sourceFrames: number;
  sourceWidth: number;
  sourceHeight: number;
  /** Audio tracks. */
  totalAudioEnergy: number;
  totalSamplesDuration: number;
}
