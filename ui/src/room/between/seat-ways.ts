import type { Backend, Channel } from '../../backend/backend.ts';
import type { Target } from '../../protocol/generated/Target.ts';
import type { Heard } from '../../rtc/line/line.ts';
import { logFor } from '../../shared/log.ts';
import type { SetTimer } from '../../shared/timer.ts';
import { connected, hinted, NEW_PLAN, nextWay, type DialPlan, type Way } from './dial-plan.ts';
import { TunnelEnds, type TunnelLine } from './tunnel-end.ts';

/** How a seat reaches the room: the shell around {@link nextWay}, in the place of the {@link Backend}. */

export interface SeatWaysParts {
  backend: Pick<Backend, 'openChannel' | 'node'>;
  /** Apps in the order of the roster to which there is a line now. */
  apps: () => readonly string[];
  lineTo: (id: string) => TunnelLine | null;
  setTimer: SetTimer;
  now: () => number;
}

const log = logFor('tunnel');

export class SeatWays implements Pick<Backend, 'openChannel' | 'node'> {
  readonly node: Backend['node'];
  readonly #parts: SeatWaysParts;
  readonly #tunnels = new TunnelEnds();
  #plan: DialPlan = NEW_PLAN;
  /** By which the last connection was opened; whether the room is there, the seat finds out. */
  #way: Way = { to: 'host' };

  constructor(parts: SeatWaysParts) {
    this.#parts = parts;
    this.node = parts.backend.node;
  }

  /** Whether somebody could pass frames on: then no answer of the old host is the last word. */
  get elsewhere(): boolean {
    return this.#parts.apps().length > 0;
  }

  async openChannel(target: Target, code: string | null): Promise<Channel> {
    const { backend, apps, lineTo, setTimer, now } = this.#parts;
    const { way, plan } = nextWay(this.#plan, apps(), now());
    this.#plan = plan;
    let channel: Channel;
    if (way.to === 'host') {
      channel = await backend.openChannel(target, code);
    } else {
      const line = lineTo(way.id);
      // Gone since the order was made.
      channel = line === null ? await backend.openChannel(target, code) : await this.#tunnels.open(way.id, line, setTimer);
      log.info(`to the room through ${way.id}`);
    }
    this.#way = way;
    return channel;
  }

  /** Whether our frames go through this participant, or are about to. */
  through(id: string): boolean {
    return this.#tunnels.peers.includes(id);
  }

  /** The seat is connected. */
  joined(): void {
    this.#plan = connected(this.#plan, this.#way);
  }

  heard(from: string, heard: Heard): void {
    this.#tunnels.heard(from, heard);
  }

  /** An app says that its seat is at another host. */
  moved(from: string): void {
    this.#plan = hinted(this.#plan, from, this.#parts.now());
  }

  /** Ends the tunnel through somebody who cannot be reached any more. */
  sweep(): void {
    for (const id of this.#tunnels.peers) if (this.#parts.lineTo(id) === null) this.#tunnels.lose(id);
  }
}
