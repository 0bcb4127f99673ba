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

/**
 * Whether encoded frames can be copied and given to other senders: Chromium's older streams take frames of any sender, where a transform
 * drops them, and its frames can be made of others. Both are peculiar to it; without them links are fed by carriers.
 */
export function canCopyFrames(): boolean {
  return typeof RTCRtpSender.prototype.createEncodedStreams === 'function' && typeof RTCEncodedVideoFrame === 'function' && RTCEncodedVideoFrame.length > 0;
}
