/**
 * A clone of a track does not follow its original, and there is no event for `enabled` or `stop()`: the original gets
 * own ones that also tell. A poll would send a camera that was just covered for some frames more.
 */

interface Following {
  enabled: (enabled: boolean) => void;
  stopped: () => void;
}

/** Tells what happens to the track until the returned function undoes it. */
export function mirrorTrack(track: MediaStreamTrack, following: Following): () => void {
  Object.defineProperty(track, 'enabled', {
    configurable: true,
    enumerable: true,
    get: () => Reflect.get<MediaStreamTrack, 'enabled'>(MediaStreamTrack.prototype, 'enabled', track),
    set: (enabled: boolean) => {
      Reflect.set(MediaStreamTrack.prototype, 'enabled', enabled, track);
      following.enabled(track.enabled);
    },
  });
  Object.defineProperty(track, 'stop', {
    configurable: true,
    writable: true,
    value: () => {
      MediaStreamTrack.prototype.stop.call(track);
      following.stopped();
    },
  });
  // A lost device, or the system's own button to end a share.
  track.addEventListener('ended', following.stopped);
  return () => {
    Reflect.deleteProperty(track, 'enabled');
    Reflect.deleteProperty(track, 'stop');
    track.removeEventListener('ended', following.stopped);
  };
}
