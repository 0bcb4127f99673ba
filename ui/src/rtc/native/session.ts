import type { EngineDoor } from '../../protocol/generated/EngineDoor.ts';
import type { EngineEvent } from '../../protocol/generated/EngineEvent.ts';
import type { EngineReply } from '../../protocol/generated/EngineReply.ts';
import type { EngineRequest } from '../../protocol/generated/EngineRequest.ts';
import { logFor } from '../../shared/log.ts';
import type { SetTimer } from '../../shared/timer.ts';
import type { ChannelFrame } from './channel-frame.ts';
import { EngineLink, type EngineSocket } from './engine-link.ts';
import type { MediaEngine, OpenMediaEngine } from './media-engine.ts';

/**
 * Engine sessions: what all connections of a page share. One is opened by the first connection, closed when none has been
 * open for a while, and replaced by the next connection after it was lost: a lost session takes its connections along.
 */

export interface SessionOptions {
  door: () => Promise<EngineDoor>;
  createSocket: (url: string, protocols: string[]) => EngineSocket;
  openMedia: OpenMediaEngine;
  setTimer: SetTimer;
}

/** What the engine tells one connection. */
export type ConnectionEvent = Extract<EngineEvent, { connection: number }>;

/** One connection, as its session sees it. */
export interface SessionClient {
  onengine(event: ConnectionEvent): void;
  onchannel(frame: ChannelFrame): void;
  /** The session is lost, and the connection with it. */
  onlost(): void;
}

/** Time without a connection after which a session is closed: leaving one meeting for another takes less. */
const IDLE_MS = 10_000;

const log = logFor('engine');

export class EngineSession {
  readonly media: MediaEngine;
  readonly #link: EngineLink;
  readonly #clients = new Map<number, SessionClient>();
  /** Called when its last connection was closed, and when it is lost. */
  readonly #onidle: () => void;
  #lastId = 0;
  #over = false;

  constructor(options: SessionOptions, onidle: () => void) {
    this.#onidle = onidle;
    const door = options.door();
    this.#link = new EngineLink({
      door,
      createSocket: options.createSocket,
      setTimer: options.setTimer,
      onevent: (event) => {
        this.#event(event);
      },
      onchannel: (frame) => {
        this.#clients.get(frame.connection)?.onchannel(frame);
      },
      onlost: () => {
        this.#lose();
      },
    });
    this.media = options.openMedia(door, {
      onlayers: (track, layers) => {
        this.tell({ do: 'set-layers', track, layers });
      },
      onlost: () => {
        this.#lose();
      },
    });
  }

  /** Nothing more comes of it. */
  get over(): boolean {
    return this.#over;
  }

  get idle(): boolean {
    return this.#clients.size === 0;
  }

  /** Bytes of messages of data channels that wait in the page. */
  get buffered(): number {
    return this.#link.buffered;
  }

  /** Makes a connection in the engine. Returns its id. */
  attach(client: SessionClient): number {
    const connection = this.newId();
    this.#clients.set(connection, client);
    this.tell({ do: 'open', connection });
    return connection;
  }

  /** Ends a connection. */
  detach(connection: number): void {
    if (!this.#clients.delete(connection)) return;
    this.tell({ do: 'close', connection });
    if (this.#clients.size === 0) this.#onidle();
  }

  /** For transceivers and channels. */
  newId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }

  call(request: EngineRequest, apply?: (reply: EngineReply) => void): Promise<EngineReply> {
    return this.#link.call(request, apply);
  }

  /** A call whose failure changes nothing here: the connection that it is about ends for the same reason, or has ended. */
  tell(request: EngineRequest, apply?: (reply: EngineReply) => void): void {
    this.#link.call(request, apply).catch((error: unknown) => {
      if (!this.#over) log.warn(`${request.do} failed (${error instanceof Error ? error.name : 'unknown'})`);
    });
  }

  sendChannel(connection: number, channel: number, binary: boolean, data: Uint8Array): boolean {
    return this.#link.sendChannel(connection, channel, binary, data);
  }

  /** A track that a sender sends from now on; `releaseTrack` undoes it. Returns the id that the engine knows it by. */
  useTrack(track: MediaStreamTrack): number {
    return this.media.addTrack(track);
  }

  releaseTrack(id: number): void {
    if (this.#over) return;
    if (this.media.removeTrack(id)) this.tell({ do: 'drop-track', track: id });
  }

  close(): void {
    if (this.#over) return;
    this.#over = true;
    this.#link.close();
    this.media.close();
  }

  #event(event: EngineEvent): void {
    switch (event.event) {
      case 'encode':
        this.media.encode(event.track, event.layer, event.target);
        return;
      case 'key-frame':
        this.media.keyFrame(event.track, event.layer);
        return;
      default:
        this.#clients.get(event.connection)?.onengine(event);
    }
  }

  #lose(): void {
    if (this.#over) return;
    log.error('the session is lost, and its connections with it');
    this.close();
    const clients = [...this.#clients.values()];
    this.#clients.clear();
    for (const client of clients) client.onlost();
    this.#onidle();
  }
}

/** The sessions of one page, one at a time. */
export class EngineSessions {
  readonly #options: SessionOptions;
  #session: EngineSession | null = null;
  #stopTimer: () => void = () => undefined;

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  /** The session for a new connection. */
  current(): EngineSession {
    this.#stopTimer();
    if (this.#session !== null && !this.#session.over) return this.#session;
    log.info('a session is opened');
    const session = new EngineSession(this.#options, () => {
      if (this.#session === session) this.#watchIdle(session);
    });
    this.#session = session;
    return session;
  }

  close(): void {
    this.#stopTimer();
    this.#session?.close();
    this.#session = null;
  }

  #watchIdle(session: EngineSession): void {
    this.#stopTimer();
    if (session.over) {
      this.#session = null;
      return;
    }
    this.#stopTimer = this.#options.setTimer(() => {
      if (this.#session !== session || !session.idle) return;
      log.info('the session is closed: no connection needs it');
      this.#session = null;
      session.close();
    }, IDLE_MS);
  }
}
