import type { EngineDoor } from '../../../protocol/generated/EngineDoor.ts';
import type { TrackKind } from '../../../protocol/generated/TrackKind.ts';
import type { MediaEngine, MediaEngineEvents, MediaStats, OpenMediaEngine, ReceivedStats, RemoteTrack, SentStats } from '../media-engine.ts';
import { LocalTracks } from './local-tracks.ts';
import { Sound, type PlayedTrack } from './sound.ts';
import type { FromWorker } from './worker-messages.ts';
import { WorkerLink } from './worker-link.ts';

/** The media engine of the page: open → lost → closed. What it says to its worker after that goes nowhere. */

/** A worker that is busy decoding still answers within a frame or two. */
const STATS_WITHIN_MS = 1_000;

let lastSession = 0;
let lastQuestion = 0;

export const openMediaEngine: OpenMediaEngine = (door, events) => new PageMediaEngine(door, events);

type WorkerStats = Extract<FromWorker, { is: 'stats' }>;

class PageMediaEngine implements MediaEngine {
  readonly #worker = WorkerLink.get();
  readonly #sound = new Sound((player, port) => {
    this.#send({ do: 'add-player', player, port }, [port]);
  });
  readonly #events: MediaEngineEvents;
  readonly #local: LocalTracks;
  readonly #played = new Map<number, PlayedTrack>();
  readonly #remote = new Set<RemoteTrack>();
  readonly #questions = new Map<number, (answer: WorkerStats | null) => void>();
  readonly #session: number;
  /** Stands in for an answer that takes too long: counters must not fall back to nought. */
  #lastStats: WorkerStats | null = null;
  #state: 'open' | 'lost' | 'closed' = 'open';

  constructor(door: Promise<EngineDoor>, events: MediaEngineEvents) {
    lastSession += 1;
    this.#session = lastSession;
    this.#events = events;
    this.#local = new LocalTracks(this.#worker, (track, layers) => {
      if (this.#state !== 'closed') events.onlayers(track, layers);
    });
    this.#worker.listen(
      (message) => {
        this.#hear(message);
      },
      () => {
        this.#lose();
      },
    );
    this.#worker.send({ do: 'begin', session: this.#session });
    door.then(
      ({ url, media }) => {
        if (this.#state === 'open') this.#worker.send({ do: 'open', url, token: media });
      },
      // The signaling side waits for the same door and tells.
      () => undefined,
    );
  }

  addTrack(track: MediaStreamTrack): number {
    return this.#local.add(track);
  }

  removeTrack(id: number): boolean {
    return this.#local.remove(id);
  }

  encode(...[track, layer, target]: Parameters<MediaEngine['encode']>): void {
    this.#send({ do: 'encode', track, layer, target });
  }

  keyFrame(track: number, layer: number): void {
    this.#send({ do: 'key-frame', track, layer });
  }

  createRemoteTrack(kind: TrackKind): RemoteTrack {
    const remote = kind === 'video' ? this.#remoteVideo() : this.#remoteAudio();
    this.#remote.add(remote);
    return remote;
  }

  async stats(): Promise<MediaStats> {
    const answer = await this.#askWorker();
    const received = new Map<number, ReceivedStats>(answer?.video);
    for (const [receiver, { player }] of this.#played) {
      const { counters } = player;
      if (counters !== null) received.set(receiver, { kind: 'audio', ...counters });
    }
    return { received, sent: new Map<number, readonly SentStats[]>(answer?.sent) };
  }

  close(): void {
    if (this.#state === 'closed') return;
    for (const remote of [...this.#remote]) remote.close();
    this.#local.close();
    this.#sound.close();
    this.#answerAll();
    this.#send({ do: 'close' });
    this.#state = 'closed';
  }

  #remoteVideo(): RemoteTrack {
    const pooled = this.#worker.takeTrack();
    if (pooled === null) throw new DOMException('no track is ready', 'OperationError');
    const { slot, track } = pooled;
    const remote: RemoteTrack = {
      track,
      bind: (receiver) => {
        this.#send({ do: 'bind-video', slot, receiver });
      },
      close: () => {
        this.#remote.delete(remote);
        track.stop();
        this.#send({ do: 'end-track', slot });
      },
    };
    return remote;
  }

  #remoteAudio(): RemoteTrack {
    const played = this.#sound.play();
    let bound: number | null = null;
    const bind = (receiver: number | null): void => {
      if (receiver === bound) return;
      if (bound !== null && this.#played.get(bound) === played) {
        this.#played.delete(bound);
        this.#send({ do: 'unbind-audio', receiver: bound });
      }
      bound = receiver;
      played.player.receiver = receiver;
      if (receiver === null) return;
      this.#played.set(receiver, played);
      this.#send({ do: 'bind-audio', receiver, player: played.player.id });
    };
    const remote: RemoteTrack = {
      track: played.track,
      bind,
      close: () => {
        bind(null);
        this.#remote.delete(remote);
        played.close();
      },
    };
    return remote;
  }

  #send(...message: Parameters<WorkerLink['send']>): void {
    // The worker is the page's: another engine may have it by now.
    if (this.#state !== 'closed') this.#worker.send(...message);
  }

  #askWorker(): Promise<WorkerStats | null> {
    if (this.#state !== 'open') return Promise.resolve(null);
    lastQuestion += 1;
    const id = lastQuestion;
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#answer(id, this.#lastStats), STATS_WITHIN_MS);
      this.#questions.set(id, (answer) => {
        clearTimeout(timer);
        resolve(answer);
      });
      this.#worker.send({ do: 'stats', id });
    });
  }

  #answer(id: number, answer: WorkerStats | null): void {
    const resolve = this.#questions.get(id);
    this.#questions.delete(id);
    resolve?.(answer);
  }

  #answerAll(): void {
    for (const id of [...this.#questions.keys()]) this.#answer(id, null);
  }

  #hear(message: FromWorker): void {
    switch (message.is) {
      case 'layers':
        if (message.session === this.#session && this.#state !== 'closed') this.#events.onlayers(message.track, message.layers);
        return;
      case 'lost':
        if (message.session === this.#session) this.#lose();
        return;
      case 'stats':
        this.#lastStats = message;
        this.#answer(message.id, message);
        return;
      case 'abilities':
      case 'tracks':
      case 'drawn':
        return;
    }
  }

  #lose(): void {
    if (this.#state !== 'open') return;
    this.#state = 'lost';
    this.#answerAll();
    this.#events.onlost();
  }
}
