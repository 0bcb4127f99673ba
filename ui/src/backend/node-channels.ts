import type { ChannelClosed } from '../protocol/generated/ChannelClosed.ts';
import type { NodeEvent } from '../protocol/generated/NodeEvent.ts';
import type { NodeReply } from '../protocol/generated/NodeReply.ts';
import type { NodeRequest } from '../protocol/generated/NodeRequest.ts';
import type { Target } from '../protocol/generated/Target.ts';
import type { Channel } from './backend.ts';
import { BackendError } from './backend.ts';
import { FrameInbox } from './frame-inbox.ts';

/** How a channel's frames travel: in the order of the requests, or only in the order of the answers. */
export type RequestOrder = 'kept' | 'by-answer';

type Ask = (request: NodeRequest) => Promise<NodeReply>;
type ChannelEvent = Extract<NodeEvent, { channel: number }>;

/** Frames waiting for the node to take the one before. Above it the node hangs, and the channel counts as lost. */
const WAITING_FRAMES = 4_096;
/** Events of channels whose number is not known yet: the answer and the first event may come in any order. */
const EARLY_EVENTS = 64;

/** The channels that a page has open at its node. */
export class NodeChannels {
  readonly #ask: Ask;
  readonly #order: RequestOrder;
  readonly #open = new Map<number, NodeChannel>();
  #opening = 0;
  #early: ChannelEvent[] = [];
  /** Counts the sessions with the node, so that an answer of an old one opens nothing. */
  #session = 0;

  constructor(ask: Ask, order: RequestOrder) {
    this.#ask = ask;
    this.#order = order;
  }

  async open(target: Target, code: string | null): Promise<Channel> {
    const session = this.#session;
    this.#opening += 1;
    try {
      const reply = await this.#ask({ do: 'open-channel', target, ...(code === null ? {} : { code }) });
      if (reply.is !== 'channel') throw new BackendError('internal', 'no channel in the answer');
      if (session !== this.#session) throw new BackendError('internal', 'the node went away');
      return this.#add(reply.channel, reply.fingerprint);
    } finally {
      if (session === this.#session) {
        this.#opening -= 1;
        if (this.#opening === 0) this.#early = [];
      }
    }
  }

  handle(event: ChannelEvent): void {
    const channel = this.#open.get(event.channel);
    if (channel !== undefined) {
      channel.handle(event);
    } else if (this.#opening > 0 && this.#early.length < EARLY_EVENTS) {
      this.#early.push(event);
    }
  }

  /** The session with the node is over, and its channels with it. */
  loseAll(): void {
    this.#session += 1;
    this.#opening = 0;
    this.#early = [];
    const channels = [...this.#open.values()];
    this.#open.clear();
    for (const channel of channels) channel.lose();
  }

  #add(id: number, fingerprint: string): Channel {
    const channel = new NodeChannel(id, fingerprint, this.#ask, this.#order, () => this.#open.delete(id));
    this.#open.set(id, channel);
    const early = this.#early.filter((event) => event.channel === id);
    this.#early = this.#early.filter((event) => event.channel !== id);
    for (const event of early) channel.handle(event);
    return channel;
  }
}

class NodeChannel extends FrameInbox {
  readonly #id: number;
  readonly #ask: Ask;
  readonly #order: RequestOrder;
  readonly #forget: () => void;
  #waiting: string[] = [];
  #sending = false;

  constructor(id: number, fingerprint: string, ask: Ask, order: RequestOrder, forget: () => void) {
    super(fingerprint);
    this.#id = id;
    this.#ask = ask;
    this.#order = order;
    this.#forget = forget;
  }

  send(frame: string): void {
    if (this.isClosed) return;
    if (this.#order === 'by-answer' && this.#sending) {
      if (this.#waiting.length < WAITING_FRAMES) this.#waiting.push(frame);
      else this.#break();
      return;
    }
    this.#transmit(frame);
  }

  close(): void {
    if (this.isClosed) return;
    this.#finish('closed');
    // What waits goes first: a `leave` that was sent before closing has to arrive.
    if (this.#order === 'kept' || !this.#sending) this.#tellNode();
  }

  handle(event: ChannelEvent): void {
    if (event.event === 'frame') this.take(event.frame);
    else this.#finish(event.reason);
  }

  lose(): void {
    this.#waiting = [];
    this.#finish('lost');
  }

  #transmit(frame: string): void {
    this.#sending = true;
    this.#ask({ do: 'send-frame', channel: this.#id, frame }).then(
      () => {
        if (this.#order === 'kept') return;
        const next = this.#waiting.shift();
        if (next !== undefined) {
          this.#transmit(next);
          return;
        }
        this.#sending = false;
        if (this.isClosed) this.#tellNode();
      },
      () => {
        // A frame that the node did not take leaves a gap, which only a new connection mends.
        this.#sending = false;
        this.#break();
      },
    );
  }

  #break(): void {
    this.#waiting = [];
    if (this.isClosed) return;
    this.#finish('lost');
    this.#tellNode();
  }

  #finish(reason: ChannelClosed): void {
    this.#forget();
    this.end(reason);
  }

  #tellNode(): void {
    // Whether the node still knows the channel makes no difference to anybody.
    this.#ask({ do: 'close-channel', channel: this.#id }).catch(() => undefined);
  }
}
