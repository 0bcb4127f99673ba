/** When our last message of a round is sent again: the room may have lost it, or somebody came late. Times in milliseconds. */
export interface Pace {
  readonly sent: number;
  readonly times: number;
  /** Somebody asked for it since. */
  readonly asked: boolean;
}

/** Pauses before a message is sent again while something is missing; the longest repeats. */
const AGAIN_AFTER_MS = [1_000, 2_000, 4_000];
const LONGEST_MS = 8_000;
/** Least time between two times that the same message goes out because somebody asked. */
const ANSWER_AFTER_MS = 1_000;

/** A new message went out now. */
export function newPace(now: number): Pace {
  return { sent: now, times: 0, asked: false };
}

/** When it goes out again; null for never. `lacking`: we lack something ourselves. */
export function nextOf(pace: Pace, lacking: boolean): number | null {
  const pause = AGAIN_AFTER_MS[pace.times] ?? LONGEST_MS;
  if (pace.asked) return pace.sent + Math.min(pause, ANSWER_AFTER_MS);
  return lacking ? pace.sent + pause : null;
}

/** It went out again now. */
export function again(pace: Pace, now: number): Pace {
  return { sent: now, times: pace.times + 1, asked: false };
}
