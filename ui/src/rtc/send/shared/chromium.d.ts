/** mediacapture-transform as Chromium has it, in pages; TypeScript's DOM library has no types for it. */
declare class MediaStreamTrackGenerator extends MediaStreamTrack {
  constructor(init: { kind: 'video' });
  readonly writable: WritableStream<VideoFrame>;
}

/**
 * The encoded frames of a sender, in Chromium; only in the task in which the sender was made, as no connection of ours demands them of all. Frames of
 * other senders may be written to them, which a transform does not allow.
 */
interface RTCRtpSender {
  createEncodedStreams?(): { readonly readable: ReadableStream; readonly writable: WritableStream };
}
