import type { EngineCall } from '../../protocol/generated/EngineCall.ts';
import type { EngineDoor } from '../../protocol/generated/EngineDoor.ts';
import type { EngineEvent } from '../../protocol/generated/EngineEvent.ts';
import type { EngineReply } from '../../protocol/generated/EngineReply.ts';
import type { EngineRequest } from '../../protocol/generated/EngineRequest.ts';
import { logFor } from '../../shared/log.ts';
import type { SetTimer } from '../../shared/timer.ts';
import { decodeChannelFrame, encodeChannelFrame, type ChannelFrame } from './channel-frame.ts';
import { decodeEngineMessage } from './decode-engine.ts';

/**
 * The control socket of one engine session: calls out, answers and events in, both in order; messages of data channels as
 * binary frames between them. Calls made while it opens wait and go first.
 *
 * opening → up → lost | closed; there is no way back: whoever needs the engine again makes a new link.
 */

/** First sub-protocol of both sockets of an engine session; the token is the second. */
export const ENGINE_SUBPROTOCOL = 'landline.engine.1';

/** Time for the door and the socket: the engine is in this app, what takes longer hangs. */
const OPEN_MS = 10_000;
/** Calls without an answer. A room of 32 makes some 20 a link when it is entered. */
const PENDING_CALLS = 4_096;
/** Bytes that wait in the socket: the engine takes what it is given at once, so only a hung one lets them pile up. */
const SOCKET_BYTES = 64 * 1024 * 1024;

/** The part of a WebSocket that is used. */
export type EngineSocket = Pick<
  WebSocket,
  'send' | 'close' | 'onopen' | 'onmessage' | 'onclose' | 'binaryType' | 'bufferedAmount'
>;

export interface EngineLinkOptions {
  door: Promise<EngineDoor>;
  createSocket: (url: string, protocols: string[]) => EngineSocket;
  setTimer: SetTimer;
  onevent: (event: EngineEvent) => void;
  onchannel: (frame: ChannelFrame) => void;
  /** Called once, unless it was closed from here. All calls have failed by then. */
  onlost: () => void;
}

interface Pending {
  apply: ((reply: EngineReply) => void) | undefined;
  resolve: (reply: EngineReply) => void;
  reject: (error: DOMException) => void;
}

type State =
  /** Frames that wait for the socket, oldest first. */
  | { at: 'opening'; socket: EngineSocket | null; waiting: string[] }
  | { at: 'up'; socket: EngineSocket }
  | { at: 'lost' }
  | { at: 'closed' };

const log = logFor('engine');

export class EngineLink {
  readonly #options: EngineLinkOptions;
  readonly #pending = new Map<number, Pending>();
  readonly #stopTimer: () => void;
  #state: State = { at: 'opening', socket: null, waiting: [] };
  #lastId = 0;

  constructor(options: EngineLinkOptions) {
    this.#options = options;
    this.#stopTimer = options.setTimer(() => {
      this.#lose('it does not open');
    }, OPEN_MS);
    options.door.then(
      (door) => {
        this.#connect(door);
      },
      () => {
        this.#lose('the app did not open it');
      },
    );
  }

  /**
   * Calls the engine.
   * @param apply called with the answer in its order among events, before the promise is resolved
   * @throws DOMException with the engine's name for it, or OperationError without an engine
   */
  call(request: EngineRequest, apply?: (reply: EngineReply) => void): Promise<EngineReply> {
    const state = this.#state;
    if (state.at === 'lost' || state.at === 'closed') return Promise.reject(gone());
    if (this.#pending.size >= PENDING_CALLS) {
      return Promise.reject(new DOMException('too many calls without an answer', 'OperationError'));
    }
    this.#lastId = (this.#lastId + 1) >>> 0;
    const call: EngineCall = { id: this.#lastId, request };
    return new Promise((resolve, reject) => {
      this.#pending.set(call.id, { apply, resolve, reject });
      const frame = JSON.stringify(call);
      if (state.at === 'up') state.socket.send(frame);
      else state.waiting.push(frame);
    });
  }

  /** Sends one message of an open data channel. False if there is no room or no engine. */
  sendChannel(connection: number, channel: number, binary: boolean, data: Uint8Array): boolean {
    if (this.#state.at !== 'up' || this.#state.socket.bufferedAmount + data.byteLength > SOCKET_BYTES) return false;
    this.#state.socket.send(encodeChannelFrame(connection, channel, binary, data));
    return true;
  }

  /** Bytes that the socket has not passed on yet. */
  get buffered(): number {
    return this.#state.at === 'up' ? this.#state.socket.bufferedAmount : 0;
  }

  close(): void {
    this.#end({ at: 'closed' });
  }

  #connect(door: EngineDoor): void {
    const state = this.#state;
    if (state.at !== 'opening') return;
    let socket: EngineSocket;
    try {
      socket = this.#options.createSocket(door.url, [ENGINE_SUBPROTOCOL, `token.${door.control}`]);
    } catch {
      this.#lose('this page may not open it');
      return;
    }
    state.socket = socket;
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => {
      if (this.#state !== state) return;
      this.#stopTimer();
      this.#state = { at: 'up', socket };
      for (const frame of state.waiting) socket.send(frame);
    };
    socket.onmessage = (event: MessageEvent<unknown>) => {
      if (this.#state.at === 'up') this.#receive(event.data);
    };
    socket.onclose = () => {
      this.#lose('its socket was closed');
    };
  }

  #receive(data: unknown): void {
    if (data instanceof ArrayBuffer) {
      const frame = decodeChannelFrame(data);
      if (frame !== null) this.#options.onchannel(frame);
      return;
    }
    const message = typeof data === 'string' ? decodeEngineMessage(data) : null;
    switch (message?.frame) {
      case undefined:
        log.warn('a message was not understood');
        return;
      case 'event':
        this.#options.onevent(message.event);
        return;
      case 'reply': {
        const pending = this.#settle(message.id);
        pending?.apply?.(message.reply);
        pending?.resolve(message.reply);
        return;
      }
      case 'failed':
        this.#settle(message.id)?.reject(new DOMException(message.error.message, message.error.name));
        return;
    }
  }

  #settle(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    return pending;
  }

  #lose(why: string): void {
    if (this.#state.at === 'lost' || this.#state.at === 'closed') return;
    log.warn(`lost: ${why}`);
    this.#end({ at: 'lost' });
    this.#options.onlost();
  }

  #end(state: State & { at: 'lost' | 'closed' }): void {
    const before = this.#state;
    if (before.at === 'lost' || before.at === 'closed') return;
    this.#state = state;
    this.#stopTimer();
    if (before.socket !== null) {
      before.socket.onclose = null;
      before.socket.close();
    }
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    for (const each of pending) each.reject(gone());
  }
}

function gone(): DOMException {
  return new DOMException('there is no connection to the engine', 'OperationError');
}
