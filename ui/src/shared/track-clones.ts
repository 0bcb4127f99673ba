/**
 * Whether a clone of a camera's track has constraints and a frame rate of its own, and leaves those of the track alone. Measured in
 * Chromium, which is known by an interface that it alone has; of other engines it is not known.
 */
export function clonesAreApart(): boolean {
  return 'MediaStreamTrackGenerator' in globalThis;
}
