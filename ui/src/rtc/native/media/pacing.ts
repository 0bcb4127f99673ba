import type { EncodeTarget } from '../../../protocol/generated/EncodeTarget.ts';

/** Which frames are encoded, and when an encoder is set up anew. Pure. */

/** A frame this much of an interval too early is taken: sources jitter. */
const EARLY = 0.25;

/** Keeps a source to a number of frames a second, by the timestamps of its frames. */
export class FrameGate {
  #due: number | null = null;

  /** @param timestamp microseconds @param framerate frames a second at most */
  pass(timestamp: number, framerate: number): boolean {
    const interval = 1_000_000 / Math.max(1, framerate);
    const due = this.#due;
    // Far from what was expected: the source paused or began anew.
    if (due === null || timestamp > due + interval || timestamp < due - 2 * interval) {
      this.#due = timestamp + interval;
      return true;
    }
    if (timestamp < due - EARLY * interval) return false;
    this.#due = due + interval;
    return true;
  }
}

/** Frames in an encoder: a few more than are ever given to one at a time. */
const IN_WORK = 8;

/**
 * How long an encoder works, by when frames go in and come out, in that order. One that waits for the one before it does not count
 * twice, and one that the encoder drops does not count at all.
 */
export class EncodeTime {
  readonly #begun: { timestamp: number; at: number }[] = [];
  #ended = -Infinity;

  begin(timestamp: number, now: number): void {
    this.#begun.push({ timestamp, at: now });
    if (this.#begun.length > IN_WORK) this.#begun.shift();
  }

  /** The time that a frame took, in the unit of `now`; 0 if it is not known when it went in. */
  end(timestamp: number, now: number): number {
    const index = this.#begun.findIndex((each) => each.timestamp === timestamp);
    const [frame] = index < 0 ? [] : this.#begun.splice(0, index + 1).slice(-1);
    const since = frame === undefined ? now : Math.max(frame.at, this.#ended);
    this.#ended = now;
    return Math.max(0, now - since);
  }
}

/** What an encoder is set up for. */
export interface Setup {
  width: number;
  height: number;
  /** bit/s */
  bitrate: number;
  framerate: number;
}

/** Every new setup costs a key frame, so small changes of the rate wait until they add up. */
const MATTERS = 0.15;
/** More bits can wait, to come in fewer steps; too many cannot. */
const RAISE_AFTER_MS = 1_500;
/** Below this VP8 makes nothing that can be looked at. */
const LOWEST_BITRATE = 20_000;

/** The setup for this target, or null if the present one is near enough. `sinceMs`: age of the present one. */
export function nextSetup(
  present: Setup | null,
  size: { width: number; height: number },
  target: Pick<EncodeTarget, 'bitrate' | 'framerate'>,
  sinceMs: number,
): Setup | null {
  const wanted: Setup = {
    width: size.width,
    height: size.height,
    bitrate: Math.max(LOWEST_BITRATE, Math.round(target.bitrate)),
    framerate: Math.max(1, Math.round(target.framerate)),
  };
  if (present?.width !== wanted.width || present.height !== wanted.height) return wanted;
  const lower = wanted.bitrate < present.bitrate * (1 - MATTERS);
  const higher = wanted.bitrate > present.bitrate * (1 + MATTERS);
  const otherRate = Math.abs(wanted.framerate - present.framerate) > present.framerate * MATTERS;
  if (lower) return wanted;
  return (higher || otherRate) && sinceMs >= RAISE_AFTER_MS ? wanted : null;
}

/** When the next request for a key frame is due after so many, in milliseconds. */
export function keyRequestPause(asked: number): number {
  return Math.min(300 * 2 ** Math.min(asked, 8), 2_000);
}
