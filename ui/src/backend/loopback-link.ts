import { decodeNodeFrame } from '../protocol/decode-node.ts';
import type { NodeCall } from '../protocol/generated/NodeCall.ts';
import type { NodeEvent } from '../protocol/generated/NodeEvent.ts';
import type { NodeReply } from '../protocol/generated/NodeReply.ts';
import type { NodeRequest } from '../protocol/generated/NodeRequest.ts';
import { logFor } from '../shared/log.ts';
import type { SetTimer } from '../shared/timer.ts';
import { BackendError } from './backend.ts';
import type { Credential } from './launch.ts';
import type { NodeLink } from './node-client.ts';

/**
 * A WebSocket to the own node on 127.0.0.1: `NodeCall`s out, `NodeFrame`s in. When the socket drops, every pending
 * request fails and a new socket is tried a few times.
 *
 * connecting → up ⇄ waiting → gone; `gone` is for ever.
 */

export const NODE_SUBPROTOCOL = 'landline.node.v1';

/**
 * Waits before each new try, in milliseconds. The node is on this machine: it is there at once or has ended; some seconds
 * allow for one that is being restarted.
 */
export const NODE_RETRY_MS: readonly number[] = [100, 300, 1_000, 2_000, 3_000];

/** Time for a socket to open: a node on this machine that takes longer hangs. */
const CONNECT_MS = 5_000;

/** Requests without an answer. Joining a room of 32 sends some thousand frames at once. */
const PENDING_REQUESTS = 4_096;

/** The part of a WebSocket that is used. */
export type NodeSocket = Pick<
  WebSocket,
  'send' | 'close' | 'onopen' | 'onmessage' | 'onclose' | 'onerror' | 'readyState'
>;

export interface LoopbackLinkOptions {
  credential: Credential;
  createSocket: (protocols: string[]) => NodeSocket;
  setTimer: SetTimer;
}

interface Pending {
  resolve: (reply: NodeReply) => void;
  reject: (error: BackendError) => void;
}

type State =
  | { at: 'connecting'; socket: NodeSocket; first: Opening | null }
  | { at: 'up'; socket: NodeSocket }
  | { at: 'waiting' }
  | { at: 'gone' };

/** Who waits for the first session. */
interface Opening {
  resolve: () => void;
  reject: (error: BackendError) => void;
}

const log = logFor('node');

export class LoopbackLink implements NodeLink {
  readonly order = 'kept';
  onevent: ((event: NodeEvent) => void) | null = null;
  onsession: ((session: 'down' | 'up' | 'gone') => void) | null = null;

  readonly #options: LoopbackLinkOptions;
  readonly #pending = new Map<number, Pending>();
  #credential: Credential;
  #state: State = { at: 'waiting' };
  #lastId = 0;
  #tries = 0;

  private constructor(options: LoopbackLinkOptions) {
    this.#options = options;
    this.#credential = options.credential;
  }

  /** Opens the first session. @throws BackendError `unreachable` if the node refuses or is not there */
  static async open(options: LoopbackLinkOptions): Promise<LoopbackLink> {
    const link = new LoopbackLink(options);
    await new Promise<void>((resolve, reject) => {
      link.#connect({ resolve, reject });
    });
    return link;
  }

  /** Takes the token that replaces a ticket. */
  setToken(token: string): void {
    this.#credential = { kind: 'token', value: token };
  }

  request(request: NodeRequest): Promise<NodeReply> {
    if (this.#state.at !== 'up') return Promise.reject(new BackendError('internal', 'no connection to the node'));
    if (this.#pending.size >= PENDING_REQUESTS) {
      return Promise.reject(new BackendError('congested', 'too many requests without an answer'));
    }
    this.#lastId = (this.#lastId + 1) >>> 0;
    const call: NodeCall = { id: this.#lastId, request };
    const { socket } = this.#state;
    return new Promise((resolve, reject) => {
      this.#pending.set(call.id, { resolve, reject });
      socket.send(JSON.stringify(call));
    });
  }

  #connect(first: Opening | null): void {
    const { kind, value } = this.#credential;
    const socket = this.#options.createSocket([NODE_SUBPROTOCOL, `${kind}.${value}`]);
    this.#state = { at: 'connecting', socket, first };
    const stopTimer = this.#options.setTimer(() => {
      this.#lost(socket);
      socket.close();
    }, CONNECT_MS);
    socket.onopen = () => {
      stopTimer();
      if (this.#state.at !== 'connecting' || this.#state.socket !== socket) return;
      this.#state = { at: 'up', socket };
      this.#tries = 0;
      if (first !== null) first.resolve();
      else this.onsession?.('up');
    };
    socket.onmessage = (event: MessageEvent<unknown>) => {
      if (typeof event.data === 'string') this.#receive(event.data);
    };
    socket.onclose = () => {
      stopTimer();
      this.#lost(socket);
    };
  }

  #receive(text: string): void {
    const frame = decodeNodeFrame(text);
    if (frame === null) {
      log.warn('a frame of the node was not understood');
      return;
    }
    switch (frame.frame) {
      case 'event':
        this.onevent?.(frame.body);
        break;
      case 'reply':
        this.#settle(frame.id)?.resolve(frame.reply);
        break;
      case 'failed':
        this.#settle(frame.id)?.reject(new BackendError(frame.error.code, frame.error.message));
        break;
    }
  }

  #settle(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    return pending;
  }

  #lost(socket: NodeSocket): void {
    const before = this.#state;
    if ((before.at !== 'up' && before.at !== 'connecting') || before.socket !== socket) return;
    this.#state = { at: 'waiting' };
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    if (before.at === 'connecting' && before.first !== null) {
      this.#state = { at: 'gone' };
      before.first.reject(new BackendError('unreachable', 'the node cannot be reached or refused the token'));
      return;
    }
    if (before.at === 'up') this.onsession?.('down');
    for (const each of pending) each.reject(new BackendError('internal', 'the connection to the node was lost'));
    const delay = NODE_RETRY_MS[this.#tries];
    this.#tries += 1;
    if (delay === undefined) {
      this.#state = { at: 'gone' };
      this.onsession?.('gone');
      return;
    }
    this.#options.setTimer(() => {
      this.#connect(null);
    }, delay);
  }
}
