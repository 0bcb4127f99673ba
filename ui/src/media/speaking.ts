/**
 * Who is speaking, from loudness. Pure. With hysteresis: a ring that flickers with every syllable helps nobody.
 */
export interface Speaking {
  readonly speaking: boolean;
  /** Milliseconds since it was last loud. */
  readonly quietForMs: number;
}

/** Loudness, 0 to 1, at which somebody speaks. */
const LOUD = 0.22;
/** Below this it is quiet; between the two nothing changes. */
const QUIET = 0.14;
/** Pauses between words are shorter. */
const HOLD_MS = 600;

export const SILENT: Speaking = { speaking: false, quietForMs: 0 };

export function nextSpeaking(before: Speaking, level: number, elapsedMs: number): Speaking {
  if (level >= LOUD || (before.speaking && level >= QUIET)) return { speaking: true, quietForMs: 0 };
  if (!before.speaking) return SILENT;
  const quietForMs = before.quietForMs + elapsedMs;
  return quietForMs >= HOLD_MS ? SILENT : { speaking: true, quietForMs };
}

/** Loudness as people hear it, 0 to 1, from samples between -1 and 1: -60 dB and below is 0, -10 dB and above is 1. */
export function levelOf(samples: Float32Array): number {
  if (samples.length === 0) return 0;
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  return levelOfPower(sum / samples.length);
}

/** The same of a root mean square between 0 and 1, as RTCRtpContributingSource has it. */
export function levelOfAmplitude(amplitude: number): number {
  return levelOfPower(amplitude * amplitude);
}

function levelOfPower(power: number): number {
  const decibels = 10 * Math.log10(power + 1e-12);
  return Math.min(1, Math.max(0, (decibels + 60) / 50));
}
