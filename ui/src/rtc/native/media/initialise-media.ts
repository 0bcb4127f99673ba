/**
 * WebKitGTK 2.50 aborts its web process when WebCodecs is used before GStreamer was initialised. Asking a media element
 * what it can play initialises GStreamer at once and needs no permission, no file and no click; creating an element,
 * or loading nothing in it, does not.
 */
export function initialiseMedia(): void {
  document.createElement('video').canPlayType('video/webm; codecs="vp8"');
}
