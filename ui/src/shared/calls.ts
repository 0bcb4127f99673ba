/** Whether this page can hold a call, and if not, what it lacks. */
export type Calls = { possible: true } | { possible: false; missing: readonly Missing[] };

/**
 * `web-rtc`: no RTCPeerConnection, and no engine to stand in for it (a browser without WebRTC). The others are what the
 * engine of the app needs of the web view: `devices` (getUserMedia), `frames` (MediaStreamTrackProcessor and
 * VideoTrackGenerator in a worker), `video-codec` (VP8 by WebCodecs, both ways), `audio-codec` (Opus by WebCodecs, both
 * ways), `audio-worklet`.
 */
export type Missing = 'web-rtc' | 'devices' | 'frames' | 'video-codec' | 'audio-codec' | 'audio-worklet';
