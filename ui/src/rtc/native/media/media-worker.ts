import { MediaSession } from './media-session.ts';
import { Surfaces } from './pictures/surfaces.ts';
import { TrackPool } from './track-pool.ts';
import type { FromWorker, ToWorker, WorkerAbilities } from './worker-messages.ts';

/**
 * The worker of the media side, one for the page: it has the frames, so that the page's thread never waits for them nor
 * they for it. The pool of tracks and the surfaces live as long as the worker; everything else belongs to the session that is open.
 */

/** The global scope of a dedicated worker, as far as it is used here. */
interface MediaWorkerScope {
  postMessage(message: FromWorker, transfer: Transferable[]): void;
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
}

const scope = self as unknown as MediaWorkerScope;
const pool = new TrackPool();
const surfaces = new Surfaces((drawn) => {
  tell({ is: 'drawn', drawn }, [('pixels' in drawn ? drawn.pixels : drawn.frame) as Transferable]);
});
let session = newSession(0);

function newSession(id: number): MediaSession {
  return new MediaSession(id, show, (message) => {
    tell(message);
  });
}

/** Takes the frame over. */
function show(slot: number, frame: VideoFrame): void {
  surfaces.frame(slot, frame);
  pool.write(slot, frame);
}

function tell(message: FromWorker, transfer: Transferable[] = []): void {
  scope.postMessage(message, transfer);
}

scope.onmessage = ({ data }) => {
  switch (data.do) {
    case 'begin':
      session.close();
      session = newSession(data.session);
      return;
    case 'open':
      session.open(data.url, data.token);
      return;
    case 'close':
      session.close();
      return;
    case 'add-video':
      session.addVideo(data);
      return;
    case 'enable': {
      const sender = session.video(data.track);
      if (sender) sender.enabled = data.enabled;
      return;
    }
    case 'add-audio':
      session.addAudio(data);
      return;
    case 'remove':
      session.removeTrack(data.track);
      return;
    case 'encode':
      session.video(data.track)?.encode(data.layer, data.target);
      return;
    case 'key-frame':
      session.video(data.track)?.keyFrame(data.layer);
      return;
    case 'make-tracks': {
      const tracks = pool.make(data.count);
      tell({ is: 'tracks', tracks }, tracks.map(({ track }) => track as unknown as Transferable));
      return;
    }
    case 'bind-video':
      session.bindVideo(data.slot, data.receiver);
      return;
    case 'end-track':
      session.bindVideo(data.slot, null);
      pool.end(data.slot);
      return;
    case 'show-slot':
      surfaces.showSlot(data.surface, data.slot);
      return;
    case 'show-local':
      surfaces.showLocal(data.surface, data.media, data.enabled);
      return;
    case 'drawn':
      surfaces.drawn(data.surface, data.pixels);
      return;
    case 'resize-surface':
      surfaces.resize(data.surface, data.width);
      return;
    case 'enable-surface':
      surfaces.enable(data.surface, data.enabled);
      return;
    case 'end-surface':
      surfaces.end(data.surface);
      return;
    case 'hide':
      surfaces.hide(data.surface);
      return;
    case 'add-player':
      session.addPlayer(data.player, data.port);
      return;
    case 'bind-audio':
      session.bindAudio(data.receiver, data.player);
      return;
    case 'unbind-audio':
      session.unbindAudio(data.receiver);
      return;
    case 'stats':
      tell(session.stats(data.id));
      return;
    case 'probe':
      void probe().then((abilities) => {
        tell({ is: 'abilities', abilities });
      });
      return;
  }
};

/** WebCodecs may only be touched once the page has initialised media (see initialise-media.ts). */
async function probe(): Promise<WorkerAbilities> {
  return {
    frames: 'MediaStreamTrackProcessor' in self && 'VideoTrackGenerator' in self,
    videoCodec: await every(
      () => VideoEncoder.isConfigSupported({ codec: 'vp8', width: 640, height: 480, latencyMode: 'realtime' }),
      () => VideoDecoder.isConfigSupported({ codec: 'vp8' }),
    ),
    audioCodec: await every(
      () => AudioEncoder.isConfigSupported({ codec: 'opus', sampleRate: 48_000, numberOfChannels: 1 }),
      () => AudioDecoder.isConfigSupported({ codec: 'opus', sampleRate: 48_000, numberOfChannels: 1 }),
    ),
  };
}

async function every(...questions: (() => Promise<{ supported?: boolean }>)[]): Promise<boolean> {
  try {
    const answers = await Promise.all(questions.map((question) => question()));
    return answers.every(({ supported }) => supported === true);
  } catch {
    // Not there at all.
    return false;
  }
}
