/**
 * A clone of a track does not follow its original, and there is no event for `enabled` or `stop()`: the original gets
 * own ones that also tell. A poll would send a camera that was just covered for some frames more.
 */

export interface Following {
  enabled: (enabled: boolean) => void;
  stopped: () => void;
}

const followers = new WeakMap<MediaStreamTrack, Set<Following>>();

/** Tells what happens to the track until the returned function undoes it. */
export function mirrorTrack(track: MediaStreamTrack, following: Following): () => void {
  const all = followers.get(track) ?? begin(track);
  all.add(following);
  return () => {
    all.delete(following);
    if (all.size === 0 && followers.get(track) === all) undo(track);
  };
}

function begin(track: MediaStreamTrack): Set<Following> {
  const all = new Set<Following>();
  followers.set(track, all);
  Object.defineProperty(track, 'enabled', {
    configurable: true,
    enumerable: true,
    get: () => Reflect.get<MediaStreamTrack, 'enabled'>(MediaStreamTrack.prototype, 'enabled', track),
    set: (enabled: boolean) => {
      Reflect.set(MediaStreamTrack.prototype, 'enabled', enabled, track);
      for (const following of all) following.enabled(track.enabled);
    },
  });
  Object.defineProperty(track, 'stop', {
    configurable: true,
    writable: true,
    value: () => {
      MediaStreamTrack.prototype.stop.call(track);
      tellStopped.call(track);
    },
  });
  // A lost device, or the system's own button to end a share.
  track.addEventListener('ended', tellStopped);
  return all;
}

function undo(track: MediaStreamTrack): void {
  followers.delete(track);
  Reflect.deleteProperty(track, 'enabled');
  Reflect.deleteProperty(track, 'stop');
  track.removeEventListener('ended', tellStopped);
}

function tellStopped(this: MediaStreamTrack): void {
  for (const following of [...(followers.get(this) ?? [])]) following.stopped();
}
