import type { LinkSample } from '../../rtc/stats.ts';
import type { Arrivals } from './way-in.ts';

/** Of all links' readings, what came and what was lost since the ones before. */

interface Counted {
  packets: number;
  lost: number;
}

/** A link that loses so much loses a few. */
const LOSING = 0.03;

export class ArrivalCounter {
  #before = new Map<string, Counted>();

  read(samples: ReadonlyMap<string, Pick<LinkSample, 'incoming'>>): Arrivals {
    const before = this.#before;
    this.#before = new Map();
    let [bits, packets, lost, links, losing] = [0, 0, 0, 0, 0];
    for (const [id, { incoming }] of samples) {
      let [came, missed] = [0, 0];
      for (const each of Object.values(incoming)) {
        const key = `${id} ${String(each.ssrc)}`;
        const last = before.get(key);
        this.#before.set(key, { packets: each.packets, lost: each.packetsLost });
        if (last === undefined) continue;
        bits += each.bitrate;
        came += Math.max(0, each.packets - last.packets);
        // What comes again counts as not lost (RFC 3550 §6.4.1), so it may fall.
        missed += Math.max(0, each.packetsLost - last.lost);
      }
      if (came > 0) links += 1;
      if (missed > 0 && missed / (came + missed) >= LOSING) losing += 1;
      packets += came;
      lost += missed;
    }
    return { bits, packets, lost, links, losing };
  }
}
