import type { MediaEngineEvents } from '../media-engine.ts';
import { capture } from './capture.ts';
import { AUDIO_LAYERS, layersOf, type Content } from './layers.ts';
import { mirrorTrack } from './mirror-track.ts';
import type { WorkerLink } from './worker-link.ts';

/** The local tracks that are sent, each once however many senders it has. Ids are never used twice in a page. */

interface Local {
  track: MediaStreamTrack;
  senders: number;
  end: () => void;
}

/** Whatever cannot be told before the first frame comes. */
const UNKNOWN_SIZE = { width: 640, height: 480 };

let lastId = 0;

export class LocalTracks {
  readonly #worker: WorkerLink;
  readonly #onlayers: MediaEngineEvents['onlayers'];
  readonly #tracks = new Map<number, Local>();

  constructor(worker: WorkerLink, onlayers: MediaEngineEvents['onlayers']) {
    this.#worker = worker;
    this.#onlayers = onlayers;
  }

  add(track: MediaStreamTrack): number {
    for (const [id, local] of this.#tracks) {
      if (local.track !== track) continue;
      local.senders += 1;
      return id;
    }
    lastId += 1;
    const id = lastId;
    this.#tracks.set(id, { track, senders: 1, end: track.kind === 'video' ? this.#video(id, track) : this.#audio(id, track) });
    return id;
  }

  /** True: it was the last sender. */
  remove(id: number): boolean {
    const local = this.#tracks.get(id);
    if (local === undefined) return false;
    local.senders -= 1;
    if (local.senders > 0) return false;
    this.#end(id, local);
    return true;
  }

  close(): void {
    for (const [id, local] of this.#tracks) this.#end(id, local);
  }

  #end(id: number, local: Local): void {
    this.#tracks.delete(id);
    local.end();
    this.#worker.send({ do: 'remove', track: id });
  }

  #video(id: number, track: MediaStreamTrack): () => void {
    const content = contentOf(track);
    const media = track.clone();
    const { width, height } = { ...UNKNOWN_SIZE, ...track.getSettings() };
    // Who adds a track does not know its id yet.
    queueMicrotask(() => {
      if (this.#tracks.has(id)) this.#onlayers(id, layersOf(width, height, content));
    });
    this.#worker.send({ do: 'add-video', track: id, media, content, enabled: track.enabled }, [media]);
    return mirrorTrack(track, {
      enabled: (enabled) => {
        this.#worker.send({ do: 'enable', track: id, enabled });
      },
      // The clone would keep the camera, and its light, on.
      stopped: () => {
        this.#worker.send({ do: 'remove', track: id });
      },
    });
  }

  #audio(id: number, track: MediaStreamTrack): () => void {
    const { port1, port2 } = new MessageChannel();
    queueMicrotask(() => {
      if (this.#tracks.has(id)) this.#onlayers(id, [...AUDIO_LAYERS]);
    });
    this.#worker.send({ do: 'add-audio', track: id, port: port2, speech: track.contentHint !== 'music' }, [port2]);
    return capture(track, port1);
  }
}

function contentOf(track: MediaStreamTrack): Content {
  if (track.contentHint === 'motion') return 'motion';
  if (track.contentHint === 'detail' || track.contentHint === 'text') return 'detail';
  return track.getSettings().displaySurface === undefined ? 'motion' : 'detail';
}
