const streams = new WeakMap<MediaStreamTrack, MediaStream>();

/** The stream that plays one track: always the same for the same track, or pictures would blink with every change. */
export function streamOf(track: MediaStreamTrack): MediaStream;
export function streamOf(track: MediaStreamTrack | null): MediaStream | null;
export function streamOf(track: MediaStreamTrack | null): MediaStream | null {
  if (track === null) return null;
  const known = streams.get(track);
  if (known) return known;
  const stream = new MediaStream([track]);
  streams.set(track, stream);
  return stream;
}
