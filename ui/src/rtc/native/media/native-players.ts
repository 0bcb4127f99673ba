import type { Players } from '../../../shared/players.ts';
import { mirrorTrack } from './mirror-track.ts';
import { playedBy } from './sound.ts';
import { WorkerLink } from './worker-link.ts';

/**
 * Shows tracks on canvases that the media worker draws, and plays remote sound straight from its worklet. WebKitGTK's own
 * players of streams do not do here: when a track ends, is muted or changes its size, the page's thread can wait for a
 * streaming thread that waits for it, for good; and they convert pictures on the page's thread.
 */

let lastSurface = 0;

export const nativePlayers: Players = {
  show: (host, stream) => {
    const [track] = stream.getVideoTracks();
    if (track === undefined) return () => undefined;
    const worker = WorkerLink.get();
    const canvas = document.createElement('canvas');
    host.append(canvas);
    lastSurface += 1;
    const surface = lastSurface;
    const drawn = canvas.transferControlToOffscreen();
    const unfollow = showOn(worker, surface, track, drawn);
    return () => {
      unfollow();
      worker.send({ do: 'hide', surface });
      canvas.remove();
    };
  },
  play: (track) => playedBy(track)?.hear() ?? null,
};

/** The returned function ends what the surface hears of its track. */
function showOn(worker: WorkerLink, surface: number, track: MediaStreamTrack, canvas: OffscreenCanvas): () => void {
  const slot = worker.slotOf(track);
  if (slot !== null) {
    worker.send({ do: 'show-slot', surface, slot, canvas }, [canvas]);
    return () => undefined;
  }
  const media = track.clone();
  worker.send({ do: 'show-local', surface, media, enabled: track.enabled, canvas }, [media, canvas]);
  return mirrorTrack(track, {
    enabled: (enabled) => {
      worker.send({ do: 'enable-surface', surface, enabled });
    },
    // The clone would keep the camera, and its light, on.
    stopped: () => {
      worker.send({ do: 'end-surface', surface });
    },
  });
}
