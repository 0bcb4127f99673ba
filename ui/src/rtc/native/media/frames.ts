/**
 * Binary frames of the media socket; the layout is described in `engine_api.rs`. Pure.
 */

export const FRAME_HEADER = 16;
export const FRAME_VIDEO = 1;
export const FRAME_AUDIO = 2;
export const FRAME_KEY_REQUEST = 3;
export const FLAG_KEY = 1;
export const FLAG_GAP = 2;
/** As the engine's bound; more than this it would refuse. */
export const FRAME_PAYLOAD = 4 * 1024 * 1024;
export const ENGINE_SUBPROTOCOL = 'landline.engine.1';

/** What comes from the engine. */
export type IncomingFrame = {
  receiver: number;
  /** RTP timestamp, wrapping at 2^32: video 90 kHz, audio 48 kHz. */
  timestamp: number;
  /** Something before this frame is missing for good. */
  gap: boolean;
  /** When its first packet came, milliseconds of the engine's clock, wrapping at 2^32. */
  arrival: number;
  /** A view of the message. */
  payload: Uint8Array<ArrayBuffer>;
} & ({ kind: 'video'; key: boolean } | { kind: 'audio' });

/** Null if it is none that we know: newer engines may send more. */
export function readFrame(message: ArrayBuffer): IncomingFrame | null {
  if (message.byteLength < FRAME_HEADER) return null;
  const view = new DataView(message);
  const flags = view.getUint8(1);
  const frame = {
    receiver: view.getUint32(4, true),
    timestamp: view.getUint32(8, true),
    gap: (flags & FLAG_GAP) !== 0,
    arrival: view.getUint32(12, true),
    payload: new Uint8Array(message, FRAME_HEADER),
  };
  switch (view.getUint8(0)) {
    case FRAME_VIDEO:
      return { ...frame, kind: 'video', key: (flags & FLAG_KEY) !== 0 };
    case FRAME_AUDIO:
      return { ...frame, kind: 'audio' };
    default:
      return null;
  }
}

export interface OutgoingVideo {
  track: number;
  layer: number;
  key: boolean;
  timestamp: number;
  width: number;
  height: number;
}

/** A frame with room for so many bytes of payload behind its header. */
export function videoFrame(video: OutgoingVideo, payload: number): Uint8Array<ArrayBuffer> {
  const [bytes, view] = withHeader(FRAME_VIDEO, video.track, video.timestamp, payload);
  view.setUint8(1, video.key ? FLAG_KEY : 0);
  view.setUint8(2, video.layer);
  view.setUint32(12, ((video.width & 0xffff) << 16) | (video.height & 0xffff), true);
  return bytes;
}

/** A frame with room for so many bytes of payload behind its header. */
export function audioFrame(track: number, timestamp: number, payload: number): Uint8Array<ArrayBuffer> {
  return withHeader(FRAME_AUDIO, track, timestamp, payload)[0];
}

export function keyRequest(receiver: number): Uint8Array<ArrayBuffer> {
  return withHeader(FRAME_KEY_REQUEST, receiver, 0, 0)[0];
}

function withHeader(kind: number, id: number, timestamp: number, payload: number): [Uint8Array<ArrayBuffer>, DataView] {
  const bytes = new Uint8Array(FRAME_HEADER + payload);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, kind);
  view.setUint32(4, id, true);
  view.setUint32(8, timestamp, true);
  return [bytes, view];
}
