import { chosenEncoder } from '../../../shared/encoder-choice.ts';
import { logFor } from '../../../shared/log.ts';
import type { Rendition, RenditionId } from '../plan.ts';
import { canCopyFrames, canShareEncoder } from './detect.ts';
import type { Assignment, Feeding } from './fan-out.ts';
import { letGo, Loopback } from './loopback.ts';
import type { CarrierId, Counts, FromWorker, Role, ToWorker } from './messages.ts';
import { Seats } from './seats.ts';
import { Watchdog } from './watchdog.ts';

/**
 * One encoder for the camera, or two, that serve all links. The page has a link to itself whose senders encode; a worker gives
 * each of their frames to the links, as copies or as the bytes of 16×16 carriers (fan-out.ts).
 *
 * Lives as long as a room: waiting for a camera → running, with a link to itself that is made anew when it is lost → broken, where every
 * link has an encoder of its own again, as it has while that link cannot be made; `close()` is final. Nothing is encoded while no link is fed.
 */

/** What is encoded until somebody decides: the camera as it is, and a small one for links that cannot carry that. */
const FIRST: Readonly<Record<RenditionId, Rendition>> = {
  large: { id: 'large', height: 720, framesPerSecond: 30, bitrate: 2_000_000 },
  // With sound beside it, it goes through 300 kbit/s.
  small: { id: 'small', height: 180, framesPerSecond: 15, bitrate: 180_000 },
};

const IDS = ['large', 'small'] as const;
/** Links to itself lost in a row, before nobody waits for the next. */
const MAX_LOST = 2;
/** Before the next try; twice as long each time. */
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 30_000;
/** Questions for counts that wait. One a second and link; the worker answers within milliseconds, or it is in trouble. */
const MAX_COUNTING = 64;

const log = logFor('encoder');

type State = { is: 'waiting' } | { is: 'running'; loopback: Loopback } | { is: 'broken' } | { is: 'closed' };

/** One link's share. */
export interface Share {
  readonly id: number;
  assign(assignment: Assignment): void;
  leave(): void;
}

export interface ShareEvents {
  /** Copies do not fit this link: it is to be fed by carriers. */
  readonly onrefused: () => void;
  /** Carriers of this rendition are needed from now on. */
  readonly onswitched: (rendition: RenditionId) => void;
  /** Whether the encoder can be reached now. */
  readonly onreached: (reached: boolean) => void;
  /** There is no shared encoder any more. */
  readonly onbroken: () => void;
}

export class SharedCamera {
  readonly #worker: Worker;
  readonly #carriers: Record<CarrierId, MediaStreamTrack>;
  /** How links are fed where nothing is known against it. */
  readonly feeding: Feeding = canCopyFrames() ? 'copies' : 'carriers';
  readonly #seats = new Seats();
  readonly #events = new Map<number, ShareEvents>();
  readonly #watchdog = new Watchdog();
  #renditions: Record<RenditionId, Rendition> = { ...FIRST };
  /** What each encoder was last told, so that it is not told twice. */
  readonly #wished: Record<RenditionId, string> = { large: '', small: '' };
  #track: MediaStreamTrack | null = null;
  #state: State = { is: 'waiting' };
  #lost = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;
  readonly #counting = new Map<number, (counts: Counts) => void>();
  #nextLink = 1;
  #nextCount = 1;

  /** Null where there is none: see detect.ts. */
  static open(): SharedCamera | null {
    return chosenEncoder() === 'shared' && canShareEncoder() ? new SharedCamera() : null;
  }

  private constructor() {
    this.#worker = new Worker(new URL('./encoder-worker.ts', import.meta.url), { type: 'module', name: 'encoder' });
    this.#worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
      this.#heard(data);
    };
    this.#worker.onerror = () => {
      this.#break('its worker failed');
    };
    this.#carriers = { large: this.#carrier('large'), small: this.#carrier('small'), pulse: this.#carrier('pulse') };
  }

  get usable(): boolean {
    return this.#state.is === 'waiting' || this.#state.is === 'running';
  }

  /** False while there is no link to itself and none is to be expected soon. */
  get reached(): boolean {
    return this.#lost < MAX_LOST;
  }

  /** The camera, or null while it is off. */
  setTrack(track: MediaStreamTrack | null): void {
    if (this.#track === track || !this.usable) return;
    this.#track = track;
    this.#tell({ do: 'restart' });
    // Not before there is a camera: until then browsers hide addresses, from the page itself too.
    if (track !== null && this.#state.is === 'waiting') this.#connect();
    else if (this.#state.is === 'running') {
      this.#state.loopback.setTrack(track);
      this.#wish();
    }
  }

  /** What is encoded, as far as links get it. One that is not in it stays as it was. */
  setRenditions(renditions: readonly Rendition[]): void {
    for (const rendition of renditions) this.#renditions[rendition.id] = rendition;
    this.#wish();
  }

  /** What a fed link sends. */
  carrier(rendition: RenditionId, by: Feeding): MediaStreamTrack {
    return this.#carriers[by === 'copies' ? 'pulse' : rendition];
  }

  /** In the task in which the sender was made, or Chromium never feeds it. */
  attach(sender: RTCRtpSender, events: ShareEvents): Share {
    const link = this.#nextLink++;
    const streams = this.feeding === 'copies' ? (sender.createEncodedStreams?.() ?? null) : null;
    this.#tell({ do: 'add', link, streams }, streams === null ? [] : [streams.readable, streams.writable]);
    if (streams === null) sender.transform = new RTCRtpScriptTransform(this.#worker, { role: 'link', link } satisfies Role);
    this.#events.set(link, events);
    return {
      id: link,
      assign: (assignment) => {
        this.#seats.assign(link, assignment);
        this.#tell({ do: 'assign', link, assignment });
        this.#wish();
      },
      leave: () => {
        letGo(sender);
        this.#seats.remove(link);
        this.#events.delete(link);
        this.#tell({ do: 'remove', link });
        this.#wish();
      },
    };
  }

  /** This computer got other addresses, and the link to itself may use one that is no more. */
  networksChanged(): void {
    if (this.#state.is !== 'running') return;
    this.#state.loopback.close();
    this.#connect();
  }

  counts(): Promise<Counts | null> {
    if (!this.usable || this.#counting.size >= MAX_COUNTING) return Promise.resolve(null);
    const id = this.#nextCount++;
    return new Promise((resolve) => {
      this.#counting.set(id, resolve);
      this.#tell({ do: 'count', id });
    });
  }

  /** Of the encoders. Null while there are none. */
  getStats(): Promise<RTCStatsReport | null> {
    return this.#state.is === 'running' ? this.#state.loopback.getStats() : Promise.resolve(null);
  }

  /** Once a second. @param counts read after `framesEncoded` */
  observe(framesEncoded: number, { encoded: { large, small } }: Counts): void {
    if (this.#watchdog.withheld(framesEncoded, large.frames + small.frames)) this.#break('its transforms are not fed');
  }

  close(): void {
    this.#end({ is: 'closed' });
  }

  #carrier(id: CarrierId): MediaStreamTrack {
    const generator = new MediaStreamTrackGenerator({ kind: 'video' });
    const { writable } = generator;
    this.#tell({ do: 'carriers', id, writable }, [writable]);
    return generator;
  }

  #connect(): void {
    const loopback: Loopback = new Loopback({
      worker: this.#worker,
      onstate: (state) => {
        if (this.#state.is !== 'running' || this.#state.loopback !== loopback) return;
        const reached = this.reached;
        if (state === 'connected') {
          this.#lost = 0;
          log.info('one encoder for all links');
        } else {
          this.#lost += 1;
          // A computer without any network does not reach itself either, and will again.
          this.#retry = setTimeout(() => {
            if (this.#state.is === 'running') this.#connect();
          }, Math.min(FIRST_PAUSE_MS * 2 ** this.#lost, LONGEST_PAUSE_MS));
        }
        if (this.reached === reached) return;
        if (reached) log.warn('this computer does not reach itself: every link has an encoder of its own meanwhile');
        for (const { onreached } of this.#events.values()) onreached(this.reached);
      },
    });
    clearTimeout(this.#retry);
    this.#state = { is: 'running', loopback };
    for (const id of IDS) this.#wished[id] = '';
    loopback.setTrack(this.#track);
    this.#wish();
  }

  /** Tells the encoders what is wanted of them, where that changed. */
  #wish(): void {
    if (this.#state.is !== 'running') return;
    for (const id of IDS) {
      const { height, framesPerSecond, bitrate } = this.#renditions[id];
      const own = this.#track?.getSettings().height ?? height;
      const wish = this.#track !== null && this.#seats.uses(id) ? { scaleDownBy: Math.max(1, own / height), framesPerSecond, bitrate } : null;
      const text = JSON.stringify(wish);
      if (this.#wished[id] === text) continue;
      this.#wished[id] = text;
      this.#state.loopback.wish(id, wish);
    }
  }

  #heard(message: FromWorker): void {
    switch (message.is) {
      case 'key-frame-wanted':
        if (this.#state.is === 'running') this.#state.loopback.askForKeyFrame(message.rendition);
        return;
      case 'switched':
        this.#seats.switched(message.link, message.rendition);
        this.#events.get(message.link)?.onswitched(message.rendition);
        this.#wish();
        return;
      case 'refused':
        this.#events.get(message.link)?.onrefused();
        return;
      case 'counts':
        this.#counting.get(message.id)?.(message.counts);
        this.#counting.delete(message.id);
    }
  }

  #break(why: string): void {
    if (!this.usable) return;
    log.warn(`every link has an encoder of its own from now on: ${why}`);
    const events = [...this.#events.values()];
    this.#end({ is: 'broken' });
    for (const { onbroken } of events) onbroken();
  }

  #end(state: State): void {
    clearTimeout(this.#retry);
    if (this.#state.is === 'running') this.#state.loopback.close();
    // The worker stays where it broke: frames go on by its transforms, as they are.
    if (state.is === 'closed') this.#worker.terminate();
    for (const carrier of Object.values(this.#carriers)) carrier.stop();
    for (const resolve of this.#counting.values()) resolve({ encoded: NOTHING, links: new Map() });
    this.#counting.clear();
    this.#state = state;
  }

  #tell(message: ToWorker, transfer: Transferable[] = []): void {
    this.#worker.postMessage(message, transfer);
  }
}

const NOTHING: Counts['encoded'] = { large: { frames: 0, keyFrames: 0, bytes: 0 }, small: { frames: 0, keyFrames: 0, bytes: 0 } };
