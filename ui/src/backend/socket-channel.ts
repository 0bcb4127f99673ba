import type { ChannelClosed } from '../protocol/generated/ChannelClosed.ts';
import type { SetTimer } from '../shared/timer.ts';
import { BackendError } from './backend.ts';
import { FrameInbox } from './frame-inbox.ts';

/** A room's connection as a WebSocket of the page. Only a guest's page has one: others go through their node. */

export type RoomSocket = Pick<
  WebSocket,
  'send' | 'close' | 'onopen' | 'onmessage' | 'onclose' | 'onerror' | 'bufferedAmount'
>;

/** Time for a socket to open. A LAN needs milliseconds; a browser that refuses the certificate in silence needs a limit. */
const OPEN_MS = 4_000;
/** Bytes waiting in the browser. Above it the network does not carry what is sent, and a new connection starts clean. */
const BUFFERED_BYTES = 8 * 1024 * 1024;

/** Opens a socket. @throws BackendError `unreachable` if it does not open */
export function openSocketChannel(create: () => RoomSocket, setTimer: SetTimer): Promise<SocketChannel> {
  return new Promise((resolve, reject) => {
    const failed = (): void => {
      reject(new BackendError('unreachable', 'the WebSocket did not open'));
    };
    let socket: RoomSocket;
    try {
      socket = create();
    } catch {
      // Taken away or forbidden: a SecurityError, or no such constructor.
      failed();
      return;
    }
    const stopTimer = setTimer(() => {
      socket.onopen = null;
      socket.onclose = null;
      socket.close();
      failed();
    }, OPEN_MS);
    socket.onclose = () => {
      stopTimer();
      failed();
    };
    socket.onopen = () => {
      stopTimer();
      resolve(new SocketChannel(socket));
    };
  });
}

export class SocketChannel extends FrameInbox {
  readonly #socket: RoomSocket;

  constructor(socket: RoomSocket) {
    super();
    this.#socket = socket;
    socket.onmessage = (event: MessageEvent<unknown>) => {
      if (typeof event.data === 'string') this.take(event.data);
    };
    socket.onclose = (event) => {
      this.end(reasonOf(event.code));
    };
  }

  send(frame: string): void {
    if (this.isClosed) return;
    if (this.#socket.bufferedAmount > BUFFERED_BYTES) {
      this.end('lost');
      this.#socket.close();
      return;
    }
    this.#socket.send(frame);
  }

  close(): void {
    if (this.isClosed) return;
    this.end('closed');
    this.#socket.close(1000);
  }
}

/** What a close code says (RFC 6455 §7.4.1). */
export function reasonOf(code: number): ChannelClosed {
  switch (code) {
    // Going away: the host ends in good order.
    case 1001:
      return 'host-left';
    // Protocol error, wrong kind of data, bad text, policy, too big.
    case 1002:
    case 1003:
    case 1007:
    case 1008:
    case 1009:
      return 'refused';
    default:
      return 'lost';
  }
}
