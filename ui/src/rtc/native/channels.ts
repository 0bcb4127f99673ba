import type { ChannelOptions } from '../../protocol/generated/ChannelOptions.ts';
import type { ChannelFrame } from './channel-frame.ts';
import { NativeDataChannel, type ChannelControl } from './data-channel.ts';
import type { Host } from './host.ts';
import type { ConnectionEvent } from './session.ts';

/** Bytes of a label or protocol, and the largest stream id (W3C webrtc §6.1, RFC 8832 §5.1). */
const LABEL_BYTES = 65_535;
const LARGEST_ID = 65_534;
/** Channels of one connection: SCTP's streams (RFC 8831 §6.2). */
const MOST_CHANNELS = 1_024;

type ChannelEvent = Extract<ConnectionEvent, { channel: number }>;

/** The data channels of one connection. */
export class Channels {
  readonly #host: Host;
  readonly #maxMessageSize: () => number | null;
  readonly #oncreated: (channel: NativeDataChannel) => void;
  readonly #controls = new Map<number, ChannelControl>();

  /** @param oncreated announces a channel that the other side made; it is open then */
  constructor(host: Host, maxMessageSize: () => number | null, oncreated: (channel: NativeDataChannel) => void) {
    this.#host = host;
    this.#maxMessageSize = maxMessageSize;
    this.#oncreated = oncreated;
  }

  /** @throws TypeError for what no channel can be; OperationError for too many */
  create(label: string, init: RTCDataChannelInit): NativeDataChannel {
    const options = optionsOf(label, init);
    if (this.#controls.size >= MOST_CHANNELS) throw new DOMException('too many channels', 'OperationError');
    const { session, connection } = this.#host;
    const id = session.newId();
    const channel = this.#make(id, label, options, 'connecting');
    this.#host.change({ do: 'create-data-channel', connection, channel: id, label, options }, () => {
      this.#controls.get(id)?.end('lost');
      this.#controls.delete(id);
    });
    return channel;
  }

  learn(event: ChannelEvent): void {
    switch (event.event) {
      case 'channel-created': {
        if (this.#controls.has(event.channel) || this.#controls.size >= MOST_CHANNELS) return;
        const channel = this.#make(event.channel, event.label, event.options, 'open');
        this.#oncreated(channel);
        if (channel.readyState === 'open') channel.dispatchEvent(new Event('open'));
        return;
      }
      case 'channel-state':
        this.#controls.get(event.channel)?.state(event.state, event.id);
        if (event.state === 'closed') this.#controls.delete(event.channel);
        return;
      case 'channel-buffered':
        this.#controls.get(event.channel)?.buffered(event.bytes);
        return;
    }
  }

  message({ channel, data }: ChannelFrame): void {
    this.#controls.get(channel)?.message(data);
  }

  end(how: 'quietly' | 'lost'): void {
    const controls = [...this.#controls.values()];
    this.#controls.clear();
    for (const control of controls) control.end(how);
  }

  #make(id: number, label: string, options: ChannelOptions, state: 'connecting' | 'open'): NativeDataChannel {
    return new NativeDataChannel({
      host: this.#host,
      id,
      label,
      options,
      state,
      maxMessageSize: this.#maxMessageSize,
      control: (control) => this.#controls.set(id, control),
    });
  }
}

function optionsOf(label: string, init: RTCDataChannelInit): ChannelOptions {
  const { maxPacketLifeTime, maxRetransmits, protocol = '', negotiated = false, ordered = true, id } = init;
  const size = (text: string): number => new TextEncoder().encode(text).byteLength;
  if (size(label) > LABEL_BYTES || size(protocol) > LABEL_BYTES) throw new TypeError('a label or protocol that is too long');
  if (maxPacketLifeTime !== undefined && maxRetransmits !== undefined) {
    throw new TypeError('either a life time or a number of retransmissions');
  }
  if (negotiated && id === undefined) throw new TypeError('a negotiated channel needs an id');
  if (negotiated && id !== undefined && id > LARGEST_ID) throw new TypeError('an id that is too large');
  return {
    ordered,
    protocol,
    negotiated,
    ...(maxPacketLifeTime === undefined ? {} : { maxPacketLifeTime }),
    ...(maxRetransmits === undefined ? {} : { maxRetransmits }),
    // Without negotiation the id comes from the DTLS role.
    ...(negotiated && id !== undefined ? { id } : {}),
  };
}
