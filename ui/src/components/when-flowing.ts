/** Drawn frames for which a size may stay unknown once pictures come. */
const MAX_LOOKS = 6;

/**
 * Calls back once pictures come in a stream: at once where they do already. WebKitGTK (2.50) rebuilds a player whenever a
 * track is unmuted or changes its size, and stops for good when that happens to players that are only starting.
 *
 * @returns the way to stop waiting
 */
export function whenFlowing(stream: MediaStream, flowing: () => void): () => void {
  const [track] = stream.getVideoTracks();
  if (track?.muted !== true) {
    flowing();
    return () => undefined;
  }
  let looks = 0;
  let request = 0;
  const look = (): void => {
    looks += 1;
    if (looks > MAX_LOOKS || (track.getSettings().width ?? 0) > 0) flowing();
    else request = requestAnimationFrame(look);
  };
  track.addEventListener('unmute', look, { once: true });
  return () => {
    track.removeEventListener('unmute', look);
    cancelAnimationFrame(request);
  };
}
