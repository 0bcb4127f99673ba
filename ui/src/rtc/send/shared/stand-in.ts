/**
 * What goes over the page's link to itself instead of the encoder's frames: a grey key frame of VP8, 16×16 pixels (RFC 6386).
 * The link is there for its encoder alone; this way nothing of the picture is packetised, paced or decoded a second time. Each
 * is a key frame, so the receiving end misses nothing and never asks.
 */
const BYTES = [16, 2, 0, 157, 1, 42, 16, 0, 16, 0, 0, 7, 8, 133, 133, 136, 153, 132, 136, 1, 36, 16, 0, 48, 203, 64, 0] as const;

export function standIn(): ArrayBuffer {
  return new Uint8Array(BYTES).buffer;
}
