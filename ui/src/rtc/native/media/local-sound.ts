import { closeContext, openContext } from './audio-context.ts';
import { mirrorTrack } from './mirror-track.ts';

/**
 * The sound of local tracks. Each track that somebody listens to has an audio context of its own, from then on until the
 * track ends: what WebKitGTK 2.50 makes of a track (`createMediaStreamSource`), five threads and a pipeline that goes on
 * filling, it frees with the context and not before, whatever becomes of the node and the track.
 */

export interface LocalSound {
  readonly context: AudioContext;
  readonly source: MediaStreamAudioSourceNode;
  /** Called when the track ends, for worklets to end too. */
  readonly onend: Set<() => void>;
}

const open = new Map<MediaStreamTrack, LocalSound>();

/**
 * The track stays the caller's; so do the nodes that the caller connects to its source, to be disconnected again.
 * Throws if the track has ended.
 */
export function listenTo(track: MediaStreamTrack): LocalSound {
  const known = open.get(track);
  if (known !== undefined) return known;
  if (track.readyState === 'ended') throw new DOMException('the track has ended', 'InvalidStateError');
  const context = openContext();
  const sound = { context, source: context.createMediaStreamSource(new MediaStream([track])), onend: new Set<() => void>() };
  open.set(track, sound);
  const unfollow = mirrorTrack(track, {
    enabled: () => undefined,
    stopped: () => {
      unfollow();
      open.delete(track);
      for (const end of [...sound.onend]) end();
      closeContext(context);
    },
  });
  return sound;
}
