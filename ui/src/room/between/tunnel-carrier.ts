import type { Channel } from '../../backend/backend.ts';
import type { ChannelClosed } from '../../protocol/generated/ChannelClosed.ts';
import type { Heard, Line } from '../../rtc/line/line.ts';
import { logFor } from '../../shared/log.ts';

/**
 * An app's end of tunnels: connections to the room that this page's node makes for guests whose host is gone, and for apps that cannot
 * reach it. Frames pass unread.
 * For each participant at most one: opening → (the node has a connection) open → closed.
 */

/** A room has 32 seats, and everybody else in it may be a guest. The node has room for as many (`CHANNELS`). */
export const TUNNELS = 31;
/** Bytes that wait for a guest to read: as much as the room keeps for a seat. Then the tunnel ends, and the seat resumes. */
const WAITING_BYTES = 2 * 1024 * 1024;

export type CarrierLine = Pick<Line, 'send' | 'sendFrame' | 'waitingBytes'>;

export interface CarrierParts {
  /** To the host that the meeting has now. */
  openChannel: () => Promise<Channel>;
  lineTo: (id: string) => CarrierLine | null;
  /** Whether frames are passed on for this participant. */
  mayAsk: (id: string) => boolean;
}

interface Carried {
  readonly tunnel: number;
  /** Null while it is being opened. */
  channel: Channel | null;
}

const log = logFor('tunnel');

export class TunnelCarrier {
  readonly #parts: CarrierParts;
  readonly #carried = new Map<string, Carried>();
  /** Connections that the node is asked for, also those that nobody waits for any more. */
  #opening = 0;

  constructor(parts: CarrierParts) {
    this.#parts = parts;
  }

  get size(): number {
    return this.#carried.size;
  }

  carries(id: string): boolean {
    return this.#carried.has(id);
  }

  heard(from: string, heard: Heard): void {
    const carried = this.#carried.get(from);
    if (heard.is === 'frame') {
      carried?.channel?.send(heard.frame);
    } else if (heard.is !== 'envelope') {
      this.#drop(from);
    } else if (heard.envelope.is === 'open') {
      this.#open(from, heard.envelope.tunnel);
    } else if (heard.envelope.is === 'closed' && carried?.tunnel === heard.envelope.tunnel) {
      this.#drop(from);
    }
  }

  /** Ends those whose guests are not there any more, or cannot be reached. */
  sweep(): void {
    const { mayAsk, lineTo } = this.#parts;
    for (const id of this.#carried.keys()) if (!mayAsk(id) || lineTo(id) === null) this.#drop(id);
  }

  /** Our seat is at another host: whoever comes through us has to be there too. */
  moved(): void {
    for (const [id, { tunnel, channel }] of this.#carried) {
      if (channel === null) continue;
      this.#drop(id);
      this.#tell(id, tunnel, 'lost');
    }
  }

  close(): void {
    for (const [id, { tunnel }] of this.#carried) {
      this.#drop(id);
      this.#tell(id, tunnel, 'lost');
    }
  }

  #open(from: string, tunnel: number): void {
    const { mayAsk, openChannel } = this.#parts;
    this.#drop(from);
    if (!mayAsk(from) || this.#carried.size >= TUNNELS || this.#opening >= TUNNELS) {
      this.#tell(from, tunnel, 'refused');
      return;
    }
    const carried: Carried = { tunnel, channel: null };
    this.#carried.set(from, carried);
    this.#opening += 1;
    openChannel().then(
      (channel) => {
        this.#opening -= 1;
        if (this.#carried.get(from) === carried) this.#opened(from, carried, channel);
        else channel.close();
      },
      () => {
        this.#opening -= 1;
        if (this.#carried.get(from) !== carried) return;
        log.debug(`${from}: the room cannot be reached for it`);
        this.#carried.delete(from);
        this.#tell(from, tunnel, 'lost');
      },
    );
  }

  #opened(from: string, carried: Carried, channel: Channel): void {
    const { tunnel } = carried;
    carried.channel = channel;
    const lineTo = (): CarrierLine | null => this.#parts.lineTo(from);
    if (lineTo()?.send({ is: 'opened', tunnel }) !== true) {
      this.#drop(from);
      return;
    }
    log.info(`${from}: passing on`);
    channel.onframe = (frame) => {
      if (this.#carried.get(from) !== carried) return;
      const line = lineTo();
      if (line !== null && line.waitingBytes < WAITING_BYTES && line.sendFrame(frame)) return;
      this.#drop(from);
      this.#tell(from, tunnel, 'lost');
    };
    channel.onclose = (reason) => {
      if (this.#carried.get(from) !== carried) return;
      this.#carried.delete(from);
      this.#tell(from, tunnel, reason);
    };
  }

  #drop(id: string): void {
    const carried = this.#carried.get(id);
    if (carried === undefined) return;
    this.#carried.delete(id);
    carried.channel?.close();
  }

  #tell(id: string, tunnel: number, reason: ChannelClosed): void {
    this.#parts.lineTo(id)?.send({ is: 'closed', tunnel, reason });
  }
}
