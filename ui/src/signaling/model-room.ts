/**
 * A model of the room's side of the wire, for tests: one seat, with counts, acknowledgements and replay as
 * docs/PROTOCOL.md says. It keeps what it was told and remembers what it said.
 */

interface Sent {
  seq: number;
  frame: string;
}

interface ClientFrame {
  action: string;
  seq?: number;
  id?: string;
  resume?: { clientId: string; token: string; seq: number; fresh: boolean };
}

export class ModelRoom {
  readonly roomId: string;
  /** Ids of the messages that were done, in order, over all lives of the seat. */
  done: string[] = [];
  /** Actions of all counted messages of this life that were done. */
  actions: string[] = [];
  /** Whether a message of this life came out of turn. */
  gap = false;
  #life = 0;
  #lastSeq = 0;
  #received = 0;
  #unacknowledged = 0;
  #replay: Sent[] = [];
  #joined = false;
  #hasSeat = false;

  constructor(roomId: string) {
    this.roomId = roomId;
  }

  get life(): number {
    return this.#life;
  }

  /** Messages kept for a replay. */
  get kept(): number {
    return this.#replay.length;
  }

  disconnected(): void {
    this.#joined = false;
  }

  /** The process of the host ends and starts again: it knows tokens, and nothing else. */
  restart(): void {
    this.#joined = false;
    this.#hasSeat = false;
  }

  /** Says something to the seat. Returns the frames that go out now. */
  say(id: string): string[] {
    if (!this.#hasSeat) return [];
    this.#lastSeq += 1;
    const frame = JSON.stringify({
      seq: this.#lastSeq,
      action: 'signal',
      roomId: this.roomId,
      from: 'peer',
      type: 'offer',
      data: id,
    });
    this.#replay.push({ seq: this.#lastSeq, frame });
    return this.#joined ? [frame] : [];
  }

  /** A frame of the seat came. Returns what goes out in answer. */
  receive(text: string): string[] {
    const frame = JSON.parse(text) as ClientFrame;
    if (frame.action === 'join') return this.#join(frame);
    if (frame.action === 'ping') return ['{"action":"pong"}'];
    const seq = frame.seq ?? 0;
    if (frame.action === 'ack') {
      this.#replay = this.#replay.filter((sent) => sent.seq > seq);
      return [];
    }
    if (seq <= this.#received) return [];
    if (seq !== this.#received + 1) this.gap = true;
    this.#received = seq;
    this.actions.push(frame.action);
    if (frame.id !== undefined && !this.done.includes(frame.id)) this.done.push(frame.id);
    this.#unacknowledged += 1;
    if (this.#unacknowledged < 16) return [];
    this.#unacknowledged = 0;
    return [JSON.stringify({ action: 'ack', seq })];
  }

  #join(frame: ClientFrame): string[] {
    const claim = frame.resume;
    const known = this.#hasSeat && claim?.token === `token-${this.#life}`;
    const resumed = known && !claim.fresh;
    this.#joined = true;
    if (!resumed) {
      this.#hasSeat = true;
      this.#life += 1;
      this.#lastSeq = 0;
      this.#received = 0;
      this.#unacknowledged = 0;
      this.#replay = [];
      this.actions = [];
    } else {
      this.#replay = this.#replay.filter((sent) => sent.seq > claim.seq);
    }
    const joined = {
      action: 'joined',
      roomId: this.roomId,
      clientId: 'me',
      peers: [],
      v: 1,
      outcome: resumed ? 'resumed' : claim === undefined ? 'new' : 'restored',
      resumeToken: `token-${this.#life}`,
      ack: this.#received,
      rosterGraceMs: 0,
      title: 'Weekly',
      host: 'Ada',
      startedAt: 1,
      role: 'participant',
      access: { mode: 'open' },
      chat: [],
    };
    return [JSON.stringify(joined), ...(resumed ? this.#replay.map((sent) => sent.frame) : [])];
  }
}
