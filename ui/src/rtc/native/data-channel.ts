import type { ChannelOptions } from '../../protocol/generated/ChannelOptions.ts';
import type { ChannelState } from '../../protocol/generated/ChannelState.ts';
import { utf8 } from './channel-frame.ts';
import { defineHandlers, type Handler } from './handlers.ts';
import type { Host } from './host.ts';
import { NativeError, NativeErrorEvent } from './rtc-error.ts';

/** Bytes that may wait in one channel. As much as browsers take before `send` fails. */
const MOST_BUFFERED = 16 * 1024 * 1024;

/**
 * The engine tells what waits in steps, and so nothing of a few small messages. What it has not spoken of after this time is
 * on its way.
 */
const QUIET_MS = 100;

/** By which the connection reaches its channel; pages cannot. */
export interface ChannelControl {
  state(state: ChannelState, id: number | null): void;
  buffered(bytes: number): void;
  message(data: string | ArrayBuffer): void;
  /** Ends it at once: quietly with the connection, or as a failure when the engine is lost. */
  end(how: 'quietly' | 'lost'): void;
}

export interface ChannelInit {
  host: Host;
  /** Its id in the engine. */
  id: number;
  label: string;
  options: ChannelOptions;
  state: 'connecting' | 'open';
  /** Largest message that the other side takes; null while it is not known, 0 for any. */
  maxMessageSize: () => number | null;
  control: (control: ChannelControl) => void;
}

interface Message {
  binary: boolean;
  bytes: Uint8Array | Blob;
}

/** RTCDataChannel (W3C webrtc §6.2). connecting → open → closing → closed. */
export class NativeDataChannel extends EventTarget {
  declare onopen: Handler;
  declare onbufferedamountlow: Handler;
  declare onerror: Handler;
  declare onclosing: Handler;
  declare onclose: Handler;
  declare onmessage: Handler;

  bufferedAmountLowThreshold = 0;
  readonly #init: ChannelInit;
  #state: RTCDataChannelState;
  #id: number | null;
  #binaryType: BinaryType = 'arraybuffer';
  /** Given by the page and not sent yet, as far as is known. */
  #amount = 0;
  /** What the engine last said of what waits there. */
  #told = 0;
  /** What waits will be counted anew in a moment. */
  #counting = false;
  /** What waits for a Blob before it to be read, oldest first. */
  readonly #queue: Message[] = [];

  constructor(init: ChannelInit) {
    super();
    this.#init = init;
    this.#state = init.state;
    this.#id = init.options.id ?? null;
    init.control({
      state: (state, id) => {
        this.#learn(state, id);
      },
      buffered: (bytes) => {
        this.#told = bytes;
        this.#count();
      },
      message: (data) => {
        if (this.#state !== 'open') return;
        const shown = typeof data === 'string' || this.#binaryType === 'arraybuffer' ? data : new Blob([data]);
        this.dispatchEvent(new MessageEvent('message', { data: shown }));
      },
      end: (how) => {
        this.#end(how);
      },
    });
  }

  get label(): string {
    return this.#init.label;
  }

  get ordered(): boolean {
    return this.#init.options.ordered;
  }

  get maxPacketLifeTime(): number | null {
    return this.#init.options.maxPacketLifeTime ?? null;
  }

  get maxRetransmits(): number | null {
    return this.#init.options.maxRetransmits ?? null;
  }

  get protocol(): string {
    return this.#init.options.protocol;
  }

  get negotiated(): boolean {
    return this.#init.options.negotiated;
  }

  get id(): number | null {
    return this.#id;
  }

  get readyState(): RTCDataChannelState {
    return this.#state;
  }

  get bufferedAmount(): number {
    return this.#amount;
  }

  get binaryType(): BinaryType {
    return this.#binaryType;
  }

  set binaryType(type: BinaryType) {
    if (type === 'arraybuffer' || type === 'blob') this.#binaryType = type;
  }

  send(data: string | Blob | ArrayBuffer | ArrayBufferView): void {
    if (this.#state !== 'open') throw new DOMException(`the channel is ${this.#state}`, 'InvalidStateError');
    const message = messageOf(data);
    const size = sizeOf(message);
    // The SCTP underneath has no way to say it (RFC 8831 §6.6 has; str0m has not).
    if (size === 0) throw new DOMException('empty messages cannot be sent', 'NotSupportedError');
    const most = this.#init.maxMessageSize();
    if (most !== null && most !== 0 && size > most) throw new TypeError(`a message may have ${most} bytes`);
    if (this.#amount + size > MOST_BUFFERED) throw new DOMException('too much waits to be sent', 'OperationError');
    this.#amount += size;
    if (!this.#counting) {
      this.#counting = true;
      setTimeout(() => {
        this.#counting = false;
        this.#count();
      }, QUIET_MS);
    }
    this.#queue.push(message);
    if (this.#queue.length === 1) this.#flush();
  }

  close(): void {
    if (this.#state === 'closing' || this.#state === 'closed') return;
    this.#state = 'closing';
    if (this.#queue.length === 0) this.#tellClosing();
  }

  #flush(): void {
    for (let next = this.#queue[0]; next !== undefined; next = this.#queue[0]) {
      const { binary, bytes } = next;
      if (bytes instanceof Blob) {
        void this.#read(bytes);
        return;
      }
      this.#queue.shift();
      const { host, id } = this.#init;
      if (!host.session.sendChannel(host.connection, id, binary, bytes)) {
        this.#end('lost');
        return;
      }
    }
    if (this.#state === 'closing') this.#tellClosing();
  }

  async #read(blob: Blob): Promise<void> {
    let bytes: Uint8Array;
    try {
      bytes = new Uint8Array(await blob.arrayBuffer());
    } catch {
      // What cannot be read cannot be sent, and a hole in the order is not what was promised.
      this.#end('lost');
      return;
    }
    if (this.#queue[0]?.bytes !== blob) return;
    this.#queue[0] = { binary: true, bytes };
    this.#flush();
  }

  #learn(state: ChannelState, id: number | null): void {
    this.#id = id ?? this.#id;
    if (state === 'open' && this.#state === 'connecting') {
      this.#state = 'open';
      this.dispatchEvent(new Event('open'));
    } else if (state === 'closing' && this.#state === 'open') {
      this.#state = 'closing';
      this.dispatchEvent(new Event('closing'));
    } else if (state === 'closed' && this.#state !== 'closed') {
      this.#state = 'closed';
      this.#queue.length = 0;
      this.dispatchEvent(new Event('close'));
    }
  }

  #end(how: 'quietly' | 'lost'): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#queue.length = 0;
    if (how === 'quietly') return;
    const error = new NativeError({ errorDetail: 'data-channel-failure' }, 'the channel was lost');
    this.dispatchEvent(new NativeErrorEvent('error', { error }));
    this.dispatchEvent(new Event('close'));
  }

  #tellClosing(): void {
    const { host, id } = this.#init;
    host.session.tell({ do: 'close-data-channel', connection: host.connection, channel: id });
  }

  #waiting(): number {
    return this.#queue.reduce((sum, message) => sum + sizeOf(message), 0);
  }

  /** Sets what waits: here, in the socket, and in the engine. */
  #count(): void {
    const before = this.#amount;
    const amount = this.#waiting() + Math.min(this.#init.host.session.buffered, before) + this.#told;
    this.#amount = amount;
    const low = this.bufferedAmountLowThreshold;
    if (before > low && amount <= low && this.#state !== 'closed') this.dispatchEvent(new Event('bufferedamountlow'));
  }
}

defineHandlers(NativeDataChannel.prototype, ['open', 'bufferedamountlow', 'error', 'closing', 'close', 'message']);

function messageOf(data: string | Blob | ArrayBuffer | ArrayBufferView): Message {
  if (data instanceof Blob) return { binary: true, bytes: data };
  // Copied, as the page may write into its buffer before a Blob ahead of it is read.
  if (data instanceof ArrayBuffer) return { binary: true, bytes: new Uint8Array(data.slice(0)) };
  if (ArrayBuffer.isView(data)) {
    return { binary: true, bytes: new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice() };
  }
  return { binary: false, bytes: utf8(String(data)) };
}

function sizeOf({ bytes }: Message): number {
  return bytes instanceof Blob ? bytes.size : bytes.byteLength;
}
