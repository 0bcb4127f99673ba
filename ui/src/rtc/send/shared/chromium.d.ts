/** mediacapture-transform as Chromium has it, in pages; TypeScript's DOM library has no types for it. */
declare class MediaStreamTrackGenerator extends MediaStreamTrack {
  constructor(init: { kind: 'video' });
  readonly writable: WritableStream<VideoFrame>;
}
