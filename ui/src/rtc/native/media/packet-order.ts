import { opusSamples } from './opus.ts';

/**
 * Puts the packets of one receiver into the order in which an Opus decoder needs them. A packet that comes after a
 * hole is kept back as long as what is missing could still be played in time; then the hole is given up. Pure.
 *
 * All times are milliseconds of one clock; timestamps are RTP's, 48 kHz, wrapping at 2^32.
 */

/** Between leaving here and being played: the decoder, two message ports, one block of the audio device. */
const DECODE_MS = 12;
/** Longest packets of Opus are 120 ms; 64 of 20 ms are 1.3 s, far more than any delay that is played. */
const MAX_KEPT = 64;
/** Over how long the fastest way is looked for, in packets: 5 s of 20 ms. */
const BASE_WINDOW = 250;
/** Jumps of more are a sender that began anew, not a hole. */
const JUMP_SAMPLES = 48_000 * 2;

export interface Packet {
  timestamp: number;
  payload: Uint8Array<ArrayBuffer>;
  /** When it came. */
  arrived: number;
}

export type Ordered =
  /** `held`: milliseconds for which it was kept back. */
  | { is: 'next'; packet: Packet; held: number }
  /** Its place has been given up, or it came twice. */
  | { is: 'late'; packet: Packet };

export class PacketOrder {
  /** Timestamp that the decoder waits for, once the first packet told. */
  #next: number | null = null;
  #kept: Packet[] = [];
  /** Arrival less media time of the last packets: the smallest is the fastest way. */
  readonly #ways: number[] = [];
  #origin: number | null = null;

  /** @param gap the engine says that what is before this packet will not come any more */
  push(packet: Packet, gap: boolean, target: number, now: number): Ordered[] {
    this.#origin ??= packet.timestamp;
    this.#ways.push(packet.arrived - this.#mediaTime(packet.timestamp));
    if (this.#ways.length > BASE_WINDOW) this.#ways.shift();
    const next = this.#next;
    if (next !== null && Math.abs(distance(next, packet.timestamp)) > JUMP_SAMPLES) return this.#restart(packet, now);
    if (next !== null && distance(next, packet.timestamp) < 0) return [{ is: 'late', packet }];
    if (this.#kept.some(({ timestamp }) => timestamp === packet.timestamp)) return [{ is: 'late', packet }];
    this.#kept.push(packet);
    this.#kept.sort((a, b) => distance(b.timestamp, a.timestamp));
    const first = this.#kept[0];
    if ((gap && first === packet) || this.#kept.length > MAX_KEPT) this.#next = first?.timestamp ?? null;
    return this.take(target, now);
  }

  /** What is due by now. `target`: the delay that playout aims at. */
  take(target: number, now: number): Ordered[] {
    const due: Ordered[] = [];
    for (let first = this.#kept[0]; first !== undefined; first = this.#kept[0]) {
      const hole = this.#next === null ? 0 : distance(this.#next, first.timestamp);
      if (hole > 0 && now < this.#giveUpAt(target)) break;
      this.#kept.shift();
      this.#next = after(first);
      due.push({ is: 'next', packet: first, held: now - first.arrived });
    }
    return due;
  }

  /** When `take` has to be called again, if nothing comes before. */
  wakeAt(target: number): number | null {
    return this.#kept.length === 0 ? null : this.#giveUpAt(target);
  }

  #restart(packet: Packet, now: number): Ordered[] {
    const rest: Ordered[] = this.#kept.map((kept) => ({ is: 'next', packet: kept, held: now - kept.arrived }));
    this.#kept = [];
    this.#ways.length = 0;
    this.#origin = packet.timestamp;
    this.#ways.push(packet.arrived);
    this.#next = after(packet);
    return [...rest, { is: 'next', packet, held: 0 }];
  }

  #giveUpAt(target: number): number {
    const fastest = Math.min(...this.#ways);
    return fastest + this.#mediaTime(this.#next ?? 0) + target - DECODE_MS;
  }

  #mediaTime(timestamp: number): number {
    return distance(this.#origin ?? timestamp, timestamp) / 48;
  }
}

function after(packet: Packet): number {
  return (packet.timestamp + opusSamples(packet.payload)) >>> 0;
}

/** Samples from `from` to `to`, negative if `to` is before; both wrap at 2^32. */
export function distance(from: number, to: number): number {
  return (to - from) | 0;
}
