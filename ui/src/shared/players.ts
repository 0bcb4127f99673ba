/**
 * How tracks are seen and heard in this page: by the platform's media elements, unless the web view has something better
 * (`rtc/native`: WebKitGTK's players of streams can stop a page for good).
 */
export interface Players {
  /** Puts an element into the host that shows the stream's picture, without sound. The returned function takes it away. */
  show(host: HTMLElement, stream: MediaStream): () => void;
  /** Makes the track heard until the returned function is called. Null: it is for an audio element to play. */
  play(track: MediaStreamTrack): (() => void) | null;
  /** An analyser that hears the track, until `close`. Null: one of an own audio context does as well. */
  analyse(track: MediaStreamTrack, fftSize: number): Analysis | null;
}

export interface Analysis {
  readonly analyser: AnalyserNode;
  close(): void;
}
