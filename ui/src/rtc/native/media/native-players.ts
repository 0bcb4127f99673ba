import type { Analysis, Players } from '../../../shared/players.ts';
import { listenTo } from './local-sound.ts';
import { mirrorTrack } from './mirror-track.ts';
import type { Drawn } from './pictures/surface.ts';
import { playerOf } from './sound.ts';
import { WorkerLink } from './worker-link.ts';

/**
 * Shows tracks on canvases, with pixels that the media worker makes, and plays remote sound straight from its worklet.
 * WebKitGTK's own players of streams do not do here: when a track ends, is muted or changes its size, the page's thread
 * can wait for a streaming thread that waits for it, for good; and they convert pictures on the page's thread.
 */

let lastSurface = 0;
const pens = new Map<number, CanvasRenderingContext2D>();

export const nativePlayers: Players = {
  show: (host, stream) => {
    const [track] = stream.getVideoTracks();
    const canvas = document.createElement('canvas');
    const pen = canvas.getContext('2d', { alpha: false });
    if (track === undefined || pen === null) return () => undefined;
    host.append(canvas);
    lastSurface += 1;
    const surface = lastSurface;
    pens.set(surface, pen);
    const worker = WorkerLink.get();
    worker.ondrawn = (drawn) => {
      put(worker, drawn);
    };
    const unfollow = follow(worker, surface, track);
    const resized = new ResizeObserver(() => {
      worker.send({ do: 'resize-surface', surface, width: Math.ceil(canvas.clientWidth * devicePixelRatio) });
    });
    resized.observe(canvas);
    return () => {
      resized.disconnect();
      unfollow();
      worker.send({ do: 'hide', surface });
      pens.delete(surface);
      canvas.remove();
      // Its memory is not waited for.
      canvas.width = 0;
      canvas.height = 0;
    };
  },
  play: (track) => playerOf(track)?.hear() ?? null,
  analyse: (track, fftSize) => playerOf(track)?.analyse(fftSize) ?? analyseLocal(track, fftSize),
};

function analyseLocal(track: MediaStreamTrack, fftSize: number): Analysis {
  const { context, source } = listenTo(track);
  const analyser = new AnalyserNode(context, { fftSize });
  source.connect(analyser);
  return {
    analyser,
    close: () => {
      source.disconnect(analyser);
    },
  };
}

function put(worker: WorkerLink, drawn: Drawn): void {
  const pen = pens.get(drawn.surface);
  if (pen !== undefined) {
    const { canvas } = pen;
    // Setting a size, even the same, clears the canvas.
    if (canvas.width !== drawn.width) canvas.width = drawn.width;
    if (canvas.height !== drawn.height) canvas.height = drawn.height;
    if ('pixels' in drawn) pen.putImageData(new ImageData(new Uint8ClampedArray(drawn.pixels), drawn.width, drawn.height), 0, 0);
    else pen.drawImage(drawn.frame, 0, 0);
  }
  if ('frame' in drawn) {
    drawn.frame.close();
    worker.send({ do: 'drawn', surface: drawn.surface, pixels: null });
  } else worker.send({ do: 'drawn', surface: drawn.surface, pixels: drawn.pixels }, [drawn.pixels]);
}

/** The returned function ends what the surface hears of its track. */
function follow(worker: WorkerLink, surface: number, track: MediaStreamTrack): () => void {
  const slot = worker.slotOf(track);
  if (slot !== null) {
    worker.send({ do: 'show-slot', surface, slot });
    return () => undefined;
  }
  const media = track.clone();
  worker.send({ do: 'show-local', surface, media, enabled: track.enabled }, [media]);
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
