import { ENGINE_SUBPROTOCOL, FRAME_PAYLOAD, readFrame, type IncomingFrame } from './frames.ts';

/**
 * The media socket, from the worker's side. connecting → open → ended; ended is told once, unless `close()` ended it.
 * What is sent before it is open, or while too much waits in it, is dropped: media that waits is worthless.
 */

/**
 * The engine reads at once, so anything that waits is a sign of trouble. Half a second of a large screen; video stops
 * here, sound has twice as much.
 */
const VIDEO_WAITING = 256 * 1024;

export class MediaSocket {
  readonly #socket: WebSocket;
  #ended = false;

  constructor(url: string, token: string, onframe: (frame: IncomingFrame) => void, onlost: () => void) {
    this.#socket = new WebSocket(url, [ENGINE_SUBPROTOCOL, `token.${token}`]);
    this.#socket.binaryType = 'arraybuffer';
    this.#socket.onmessage = ({ data }: MessageEvent<unknown>) => {
      const frame = data instanceof ArrayBuffer ? readFrame(data) : null;
      if (frame !== null) onframe(frame);
    };
    this.#socket.onclose = () => {
      if (this.#ended) return;
      this.#ended = true;
      onlost();
    };
  }

  /** Whether a video frame would be taken now: to be asked before it is encoded. */
  get flows(): boolean {
    return this.#socket.readyState === WebSocket.OPEN && this.#socket.bufferedAmount < VIDEO_WAITING;
  }

  /** False if it was dropped. */
  send(frame: Uint8Array<ArrayBuffer>): boolean {
    if (this.#socket.readyState !== WebSocket.OPEN || this.#socket.bufferedAmount > 2 * VIDEO_WAITING) return false;
    if (frame.byteLength > FRAME_PAYLOAD) return false;
    this.#socket.send(frame);
    return true;
  }

  close(): void {
    this.#ended = true;
    this.#socket.close();
  }
}
