import type { Sent } from './plan.ts';

/**
 * Makes senders send what was decided, by `setParameters`: one call at a time for each sender, and of what was wished
 * meanwhile only the newest. Senders that cannot scale or thin a picture (an engine that decides that itself) get the rest.
 */

/** bit/s; a sender that sends nothing has to be told some rate. */
const LEAST_BITRATE = 40_000;

export interface Wish {
  readonly active: boolean;
  /** 1 and above. */
  readonly scale: number;
  /** Null: as many as come. */
  readonly framesPerSecond: number | null;
  /** bit/s. */
  readonly bitrate: number;
  readonly degradation: RTCDegradationPreference | null;
}

/** How a sender with an encoder of its own does what was decided of a picture of this size. */
export function wishFor(sent: Sent, source: { height: number; framesPerSecond: number }, degradation: RTCDegradationPreference): Wish {
  if (sent.is !== 'own') return { active: sent.is === 'shared', scale: 1, framesPerSecond: null, bitrate: LEAST_BITRATE, degradation };
  const framesPerSecond = sent.framesPerSecond < source.framesPerSecond ? sent.framesPerSecond : null;
  return { active: true, scale: Math.max(1, source.height / sent.height), framesPerSecond, bitrate: sent.bitrate, degradation };
}

/** What of an RTCRtpSender is used. */
export type TunedSender = Pick<RTCRtpSender, 'getParameters' | 'setParameters'>;

/**
 * idle → (a wish that differs) calling → (done, and no other wish) idle. `thins`: it takes scales and frame rates, as far as
 * is known.
 */
interface Tuning {
  wish: Wish;
  done: Wish | null;
  calling: boolean;
  thins: boolean;
}

const tunings = new WeakMap<TunedSender, Tuning>();

/** Wishes that a sender is tuned like this from now on. Resolves when that is so, or cannot be. */
export function tune(sender: TunedSender, wish: Wish): Promise<void> {
  const tuning = tunings.get(sender) ?? { wish, done: null, calling: false, thins: true };
  tunings.set(sender, tuning);
  tuning.wish = wish;
  return tuning.calling ? Promise.resolve() : run(sender, tuning);
}

/** What the sender was last wished to do; null if nothing. */
export function wishOf(sender: TunedSender): Wish | null {
  return tunings.get(sender)?.wish ?? null;
}

async function run(sender: TunedSender, tuning: Tuning): Promise<void> {
  tuning.calling = true;
  try {
    while (!same(tuning.wish, tuning.done)) {
      const { wish } = tuning;
      // Before the first negotiation there is no encoding to change; the wish is repeated after it.
      if (!(await set(sender, tuning, wish))) return;
      tuning.done = wish;
    }
  } finally {
    tuning.calling = false;
  }
}

async function set(sender: TunedSender, tuning: Tuning, wish: Wish): Promise<boolean> {
  const parameters = sender.getParameters();
  if (parameters.encodings.length === 0) return false;
  for (const encoding of parameters.encodings) {
    encoding.active = wish.active;
    encoding.maxBitrate = wish.bitrate;
    if (!tuning.thins) continue;
    if (wish.scale > 1 || encoding.scaleResolutionDownBy !== undefined) encoding.scaleResolutionDownBy = wish.scale;
    if (wish.framesPerSecond === null) delete encoding.maxFramerate;
    else encoding.maxFramerate = wish.framesPerSecond;
  }
  if (wish.degradation !== null) parameters.degradationPreference = wish.degradation;
  try {
    await sender.setParameters(parameters);
    return true;
  } catch (error) {
    if (!tuning.thins || !(error instanceof Error) || error.name !== 'NotSupportedError') return false;
    tuning.thins = false;
    return set(sender, tuning, wish);
  }
}

function same(a: Wish, b: Wish | null): boolean {
  return (
    b !== null &&
    a.active === b.active &&
    a.scale === b.scale &&
    a.framesPerSecond === b.framesPerSecond &&
    a.bitrate === b.bitrate &&
    a.degradation === b.degradation
  );
}
