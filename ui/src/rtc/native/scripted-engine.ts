import type { ConnectionState } from '../../protocol/generated/ConnectionState.ts';
import type { EngineCall } from '../../protocol/generated/EngineCall.ts';
import type { EngineErrorName } from '../../protocol/generated/EngineErrorName.ts';
import type { EngineEvent } from '../../protocol/generated/EngineEvent.ts';
import type { EngineMessage } from '../../protocol/generated/EngineMessage.ts';
import type { EngineReply } from '../../protocol/generated/EngineReply.ts';
import type { EngineRequest } from '../../protocol/generated/EngineRequest.ts';
import type { TransceiverState } from '../../protocol/generated/TransceiverState.ts';
import { ManualTime } from '../../shared/manual-time.ts';
import type { EngineSocket } from './engine-link.ts';
import type { MediaEngine, MediaEngineEvents, RemoteTrack } from './media-engine.ts';
import { NativePeerConnection } from './peer-connection.ts';
import { EngineSessions } from './session.ts';

/**
 * For tests: the far end of the control socket, and of the media side, under the test's hand. It decides nothing: each
 * answer is the test's own, so what is shown is what the page makes of it.
 */

export const NEW_STATE: ConnectionState = {
  signaling: 'stable',
  gathering: 'new',
  ice: 'new',
  connection: 'new',
  negotiationNeeded: false,
  currentLocal: null,
  pendingLocal: null,
  currentRemote: null,
  pendingRemote: null,
  transceivers: [],
  maxMessageSize: null,
};

export function transceiver(part: Partial<TransceiverState> & { transceiver: number }): TransceiverState {
  return {
    kind: 'video',
    mid: null,
    direction: 'sendrecv',
    currentDirection: null,
    stopped: false,
    receiver: part.transceiver + 1_000,
    receiving: false,
    remoteStreams: [],
    ...part,
  };
}

export class FakeTrack extends EventTarget {
  static #count = 0;
  readonly id = `track-${(FakeTrack.#count += 1)}`;
  readyState = 'live';

  constructor(readonly kind: 'audio' | 'video') {
    super();
  }

  getSettings(): MediaTrackSettings {
    return this.kind === 'video' ? { width: 640, height: 480, frameRate: 30 } : {};
  }
}

export class FakeStream extends EventTarget {
  static #count = 0;
  readonly id = `stream-${(FakeStream.#count += 1)}`;
  readonly #tracks = new Set<FakeTrack>();

  getTracks(): FakeTrack[] {
    return [...this.#tracks];
  }

  addTrack(track: FakeTrack): void {
    this.#tracks.add(track);
  }

  removeTrack(track: FakeTrack): void {
    this.#tracks.delete(track);
  }
}

export function fakeTrack(kind: 'audio' | 'video'): MediaStreamTrack {
  return new FakeTrack(kind) as unknown as MediaStreamTrack;
}

export function fakeStream(): MediaStream {
  return new FakeStream() as unknown as MediaStream;
}

/** One socket, from the engine's side. */
export class ScriptedSocket implements EngineSocket {
  binaryType: BinaryType = 'blob';
  bufferedAmount = 0;
  onopen: EngineSocket['onopen'] = null;
  onmessage: EngineSocket['onmessage'] = null;
  onclose: EngineSocket['onclose'] = null;
  closed = false;
  readonly calls: EngineCall[] = [];
  readonly frames: Uint8Array[] = [];

  constructor(
    readonly url: string,
    readonly protocols: string[],
  ) {}

  send(data: string | ArrayBufferLike | Blob | ArrayBufferView): void {
    if (typeof data === 'string') this.calls.push(JSON.parse(data) as EngineCall);
    else if (ArrayBuffer.isView(data)) this.frames.push(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }

  close(): void {
    this.closed = true;
  }

  open(): void {
    this.onopen?.call(this as unknown as WebSocket, new Event('open'));
  }

  say(message: EngineMessage): void {
    this.#hand(JSON.stringify(message));
  }

  sayBinary(frame: ArrayBuffer): void {
    this.#hand(frame);
  }

  drop(): void {
    this.onclose?.call(this as unknown as WebSocket, new Event('close') as CloseEvent);
  }

  #hand(data: unknown): void {
    this.onmessage?.call(this as unknown as WebSocket, new MessageEvent('message', { data }));
  }
}

export class FakeMedia implements MediaEngine {
  readonly log: string[] = [];
  readonly bound = new Map<MediaStreamTrack, number | null>();
  readonly #tracks = new Map<MediaStreamTrack, { id: number; uses: number }>();
  stats: MediaEngine['stats'] = () => Promise.resolve({ received: new Map(), sent: new Map() });

  constructor(readonly events: MediaEngineEvents) {}

  addTrack(track: MediaStreamTrack): number {
    const known = this.#tracks.get(track) ?? { id: this.#tracks.size + 1, uses: 0 };
    known.uses += 1;
    this.#tracks.set(track, known);
    return known.id;
  }

  removeTrack(id: number): boolean {
    for (const known of this.#tracks.values()) {
      if (known.id !== id) continue;
      known.uses -= 1;
      return known.uses === 0;
    }
    return false;
  }

  encode(track: number, layer: number): void {
    this.log.push(`encode ${track}/${layer}`);
  }

  keyFrame(track: number, layer: number): void {
    this.log.push(`key-frame ${track}/${layer}`);
  }

  createRemoteTrack(kind: 'audio' | 'video'): RemoteTrack {
    const track = fakeTrack(kind);
    this.bound.set(track, null);
    return {
      track,
      bind: (receiver) => this.bound.set(track, receiver),
      close: () => {
        this.log.push(`end ${track.id}`);
      },
    };
  }

  close(): void {
    this.log.push('closed');
  }
}

export class ScriptedEngine {
  readonly sockets: ScriptedSocket[] = [];
  readonly medias: FakeMedia[] = [];
  readonly time = new ManualTime();
  readonly sessions: EngineSessions;
  doors = 0;
  #answered = 0;

  constructor() {
    Object.assign(globalThis, { MediaStream: FakeStream });
    this.sessions = new EngineSessions({
      door: () => {
        this.doors += 1;
        return Promise.resolve({ url: 'ws://127.0.0.1:1/engine', control: `c${this.doors}`, media: 'm' });
      },
      createSocket: (url, protocols) => {
        const socket = new ScriptedSocket(url, protocols);
        this.sockets.push(socket);
        this.#answered = 0;
        return socket;
      },
      openMedia: (_, events) => {
        const media = new FakeMedia(events);
        this.medias.push(media);
        return media;
      },
      setTimer: this.time.setTimer,
    });
  }

  get socket(): ScriptedSocket {
    const socket = this.sockets.at(-1);
    if (socket === undefined) throw new Error('no socket was opened');
    return socket;
  }

  get media(): FakeMedia {
    const media = this.medias.at(-1);
    if (media === undefined) throw new Error('no media side was opened');
    return media;
  }

  /** A connection whose session is open. */
  async connect(): Promise<NativePeerConnection> {
    const peer = new NativePeerConnection({}, this.sessions);
    await settled();
    this.socket.open();
    this.answer({ is: 'done' });
    await settled();
    return peer;
  }

  /** Calls that were not answered yet, oldest first. */
  get asked(): EngineRequest[] {
    return this.socket.calls.slice(this.#answered).map(({ request }) => request);
  }

  /** Answers the oldest open call. */
  answer(reply: EngineReply): void {
    this.socket.say({ frame: 'reply', id: this.#next(), reply });
  }

  /** Answers the oldest open call with a state. */
  answerState(part: Partial<ConnectionState>): void {
    this.answer({ is: 'state', state: { ...NEW_STATE, ...part } });
  }

  refuse(name: EngineErrorName): void {
    this.socket.say({ frame: 'failed', id: this.#next(), error: { name, message: 'refused by the test' } });
  }

  tell(event: EngineEvent): void {
    this.socket.say({ frame: 'event', event });
  }

  tellState(part: Partial<ConnectionState>, connection = 1): void {
    this.tell({ event: 'state', connection, state: { ...NEW_STATE, ...part } });
  }

  #next(): number {
    const call = this.socket.calls[this.#answered];
    if (call === undefined) throw new Error('nothing was asked');
    this.#answered += 1;
    return call.id;
  }
}

/** Everything that can happen without the engine has happened. */
export async function settled(): Promise<void> {
  // What settles in the first task may ask for one more.
  for (let task = 0; task < 2; task += 1) {
    await new Promise((resolve) => {
      setTimeout(resolve, 0);
    });
  }
}

/** Writes down the events of `types` as they come. */
export function heard(target: EventTarget, ...types: string[]): string[] {
  const log: string[] = [];
  for (const type of types) target.addEventListener(type, () => log.push(type));
  return log;
}
