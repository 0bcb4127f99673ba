/**
 * Whether this page can have one encoder for all links: encoded frames can be exchanged in a worker, and there are tracks whose
 * pictures a page makes. Where WebRTC is our own engine there is none of it, and no need: the engine shares its encoders itself.
 */

export function canShareEncoder(): boolean {
  return (
    typeof RTCRtpScriptTransform === 'function' &&
    typeof MediaStreamTrackGenerator === 'function' &&
    'transform' in RTCRtpSender.prototype &&
    // VP8 is what carriers are made of; everybody has it (RFC 7742), but not every build.
    RTCRtpSender.getCapabilities('video')?.codecs.some(({ mimeType }) => /^video\/vp8$/i.test(mimeType)) === true
  );
}
