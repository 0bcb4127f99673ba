import { SOUND_BITRATE } from '../../rtc/send/allocate.ts';
import type { View, Views } from '../../rtc/send/plan.ts';
import { cameraBitrate, screenBitrate } from '../../rtc/send/rates.ts';
import { FREE_WAY_IN, judgeWayIn, sharesOf, type Arrivals, type WayIn } from './way-in.ts';

/** Asking everybody for less at once where the way in is narrow: each for its share, and fewer faces where not all fit beside their voices. Pure. */

/** Twelve pictures a second of 120 lines take 18: the least that is a face, with something to spare. */
const LEAST_FACE = 25_000;
/** What is asked for is told in steps, so that it is not told each second. */
const STEP = 5_000;
const ASPECT = 16 / 9;

export interface Wanted {
  /** What is asked for of everybody, and what would be on a free way. */
  readonly asked: ReadonlyMap<string, Views>;
  readonly free: ReadonlyMap<string, Views>;
  /** Whose camera is on. */
  readonly cameras: ReadonlySet<string>;
}

export class Asking {
  #wayIn: WayIn = FREE_WAY_IN;
  #limits: ReadonlyMap<string, number> = new Map();
  #wants = new Map<string, number>();

  /** True if something else is to be asked for now. */
  judge(arrivals: Arrivals, { asked, free, cameras }: Wanted): boolean {
    const wants = wantsOf(asked, cameras);
    const before = this.#wayIn;
    this.#wants = wants;
    this.#wayIn = judgeWayIn(before, arrivals, {
      wanted: [...wantsOf(free, cameras).values()].reduce((sum, each) => sum + each, 0),
      least: wants.size * SOUND_BITRATE + LEAST_FACE,
    });
    const limits = this.#wayIn.is === 'narrow' ? sharesOf(this.#wayIn.limit, wants) : new Map<string, number>();
    const words = (all: ReadonlyMap<string, number>): string => [...all].map(([id, bits]) => `${id} ${String(inSteps(bits))}`).join();
    const changed = words(limits) !== words(this.#limits) || (before.is === 'narrow') !== (this.#wayIn.is === 'narrow');
    if (changed) this.#limits = limits;
    return changed;
  }

  get narrow(): boolean {
    return this.#wayIn.is === 'narrow';
  }

  /** bit/s, sound included; null: as much as is shown. */
  limitOf(id: string): number | null {
    const limit = this.#limits.get(id);
    return limit === undefined ? null : inSteps(limit);
  }

  /** Faces that fit beside the voices; one does in any case, or there would be nothing to look at. */
  get pictures(): number {
    if (this.#wayIn.is !== 'narrow') return Infinity;
    return Math.max(1, Math.floor((this.#wayIn.limit - this.#wants.size * SOUND_BITRATE) / LEAST_FACE));
  }

  /** For logs. */
  get words(): string {
    const wayIn = this.#wayIn;
    return wayIn.is === 'narrow' ? `${String(Math.round(wayIn.limit / 1_000))} kbit/s for ${String(this.#wants.size)}` : wayIn.is;
  }
}

function wantsOf(views: ReadonlyMap<string, Views>, cameras: ReadonlySet<string>): Map<string, number> {
  return new Map([...views].map(([id, { camera, screen }]) => [id, SOUND_BITRATE + (cameras.has(id) ? bitsOf(camera, cameraBitrate) : 0) + bitsOf(screen, screenBitrate)]));
}

function inSteps(bits: number): number {
  return Math.max(STEP, Math.floor(bits / STEP) * STEP);
}

function bitsOf({ height, framesPerSecond }: View, rate: typeof cameraBitrate): number {
  return height === 0 || framesPerSecond === 0 ? 0 : rate({ width: height * ASPECT, height, framesPerSecond });
}
