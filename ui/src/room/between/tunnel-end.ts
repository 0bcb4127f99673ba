import { BackendError, type Channel } from '../../backend/backend.ts';
import { FrameInbox } from '../../backend/frame-inbox.ts';
import type { ChannelClosed } from '../../protocol/generated/ChannelClosed.ts';
import type { Envelope } from '../../rtc/line/envelope.ts';
import type { Heard, Line } from '../../rtc/line/line.ts';
import type { SetTimer } from '../../shared/timer.ts';

/**
 * A guest's end of a tunnel: a connection to the room through an app's page, as a {@link Channel}. One a line at a time.
 *
 * opening → (`opened`) open → closed; opening → closed.
 */

/** Time for the app to reach the room. Its node waits for the next host meanwhile, which takes some four seconds. */
const OPEN_MS = 6_000;

export type TunnelLine = Pick<Line, 'send' | 'sendFrame'>;

/** All tunnels of a guest's page: what comes by its lines finds its way from here. */
export class TunnelEnds {
  readonly #ends = new Map<string, TunnelEnd>();
  #numbers = 0;

  /** Asks the participant at the other end of the line. @throws BackendError `unreachable` if it does not come about */
  open(peerId: string, line: TunnelLine, setTimer: SetTimer): Promise<Channel> {
    this.#ends.get(peerId)?.close();
    this.#numbers += 1;
    const number = this.#numbers;
    return new Promise((resolve, reject) => {
      const end: TunnelEnd = new TunnelEnd(number, line, (opened) => {
        stopTimer();
        if (opened) resolve(end);
        else reject(new BackendError('unreachable', 'no way through this app'));
      }, () => {
        if (this.#ends.get(peerId) === end) this.#ends.delete(peerId);
      });
      const stopTimer = setTimer(() => {
        end.close();
      }, OPEN_MS);
      this.#ends.set(peerId, end);
      if (!line.send({ is: 'open', tunnel: number })) end.lost('lost');
    });
  }

  /** What came by somebody's line. True if it was for a tunnel. */
  heard(peerId: string, heard: Heard): void {
    const end = this.#ends.get(peerId);
    if (end === undefined) return;
    if (heard.is === 'frame') end.frame(heard.frame);
    else if (heard.is === 'envelope') end.envelope(heard.envelope);
    // A line that is made anew knows nothing of the one before.
    else end.lost('lost');
  }

  /** The participant cannot be reached by its line any more. */
  lose(peerId: string): void {
    this.#ends.get(peerId)?.lost('lost');
  }

  /** Those at whose lines tunnels are. */
  get peers(): string[] {
    return [...this.#ends.keys()];
  }
}

class TunnelEnd extends FrameInbox {
  readonly #number: number;
  readonly #line: TunnelLine;
  readonly #settled: (opened: boolean) => void;
  readonly #forget: () => void;
  #opened = false;

  constructor(number: number, line: TunnelLine, settled: (opened: boolean) => void, forget: () => void) {
    super();
    this.#number = number;
    this.#line = line;
    this.#settled = settled;
    this.#forget = forget;
  }

  send(frame: string): void {
    if (this.isClosed || !this.#opened) return;
    if (!this.#line.sendFrame(frame)) this.#finish('lost', true);
  }

  close(): void {
    this.#finish('closed', true);
  }

  lost(reason: ChannelClosed): void {
    this.#finish(reason, false);
  }

  frame(frame: string): void {
    // Before it is opened they are of the tunnel before.
    if (this.#opened) this.take(frame);
  }

  envelope(envelope: Envelope): void {
    if (!('tunnel' in envelope) || envelope.tunnel !== this.#number) return;
    if (envelope.is === 'closed') {
      this.#finish(envelope.reason, false);
    } else if (envelope.is === 'opened' && !this.#opened && !this.isClosed) {
      this.#opened = true;
      this.#settled(true);
    }
  }

  #finish(reason: ChannelClosed, tell: boolean): void {
    if (this.isClosed) return;
    this.#forget();
    this.end(reason);
    if (tell) this.#line.send({ is: 'closed', tunnel: this.#number, reason });
    if (!this.#opened) this.#settled(false);
  }
}
