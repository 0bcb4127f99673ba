import type { DataChannel } from './line.ts';

/**
 * Two ends of a data channel within one process, for tests: ordered, reliable, and as slow as is wanted. What is given to an end
 * waits there (`bufferedAmount`) until `carry` takes it over.
 */
export class ChannelEnd implements DataChannel {
  binaryType: BinaryType = 'blob';
  bufferedAmountLowThreshold = 0;
  bufferedAmount = 0;
  onopen: RTCDataChannel['onopen'] = null;
  onmessage: RTCDataChannel['onmessage'] = null;
  onclose: RTCDataChannel['onclose'] = null;
  onbufferedamountlow: RTCDataChannel['onbufferedamountlow'] = null;
  open = false;
  closed = false;
  readonly waiting: ArrayBuffer[] = [];
  other: ChannelEnd | null = null;

  send(data: unknown): void {
    if (!this.open || this.closed) throw new DOMException('not open', 'InvalidStateError');
    if (!(data instanceof Uint8Array)) throw new TypeError('bytes are expected');
    const copy = data.slice().buffer;
    this.waiting.push(copy);
    this.bufferedAmount += copy.byteLength;
  }

  close(): void {
    this.closed = true;
  }

  /** Says something that no line would. */
  receive(data: unknown): void {
    this.onmessage?.call(this as unknown as RTCDataChannel, new MessageEvent('message', { data }));
  }

  /** Takes up to so many messages over. Returns how many. */
  carry(most = Number.POSITIVE_INFINITY): number {
    let carried = 0;
    while (carried < most) {
      const message = this.waiting.shift();
      if (message === undefined) break;
      carried += 1;
      const before = this.bufferedAmount;
      this.bufferedAmount -= message.byteLength;
      if (this.other?.closed === false) this.other.receive(message);
      const low = this.bufferedAmountLowThreshold;
      if (before > low && this.bufferedAmount <= low) this.onbufferedamountlow?.call(this as unknown as RTCDataChannel, new Event('bufferedamountlow'));
    }
    return carried;
  }

  begin(): void {
    this.open = true;
    this.onopen?.call(this as unknown as RTCDataChannel, new Event('open'));
  }

  end(): void {
    this.closed = true;
    this.onclose?.call(this as unknown as RTCDataChannel, new Event('close'));
  }
}

export class ChannelPair {
  readonly a = new ChannelEnd();
  readonly b = new ChannelEnd();

  constructor() {
    this.a.other = this.b;
    this.b.other = this.a;
  }

  open(): void {
    this.a.begin();
    this.b.begin();
    this.carry();
  }

  /** Until nothing waits. */
  carry(): void {
    while (this.a.carry() + this.b.carry() > 0);
  }
}
