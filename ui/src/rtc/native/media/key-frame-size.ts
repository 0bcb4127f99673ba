/** Pixels. */
export interface FrameSize {
  width: number;
  height: number;
}

/** What a frame that cannot be read is taken for; the decoder will say that it cannot read it either. */
const UNREADABLE: FrameSize = { width: 640, height: 480 };

/** The size that a key frame of VP8 tells (RFC 6386, section 9.1). Pure. */
export function keyFrameSize(payload: Uint8Array): FrameSize {
  const [, , , first, second, third, widthLow = 0, widthHigh = 0, heightLow = 0, heightHigh = 0] = payload;
  if (payload.length < 10 || first !== 0x9d || second !== 0x01 || third !== 0x2a) return UNREADABLE;
  // The upper two bits of each ask for scaling, which nobody does.
  const size = { width: ((widthHigh & 0x3f) << 8) | widthLow, height: ((heightHigh & 0x3f) << 8) | heightLow };
  return size.width > 0 && size.height > 0 ? size : UNREADABLE;
}
