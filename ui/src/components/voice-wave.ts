/** The line at rest and with a voice on it, as an SVG path. Pure. */

/** Points of the path; more are not seen. */
const STEPS = 48;

/**
 * @param level loudness, 0 to 1
 * @param phase radians; grows with time
 */
export function voiceWave(level: number, phase: number, width: number, height: number): string {
  const middle = height / 2;
  if (level < QUIET) return `M0 ${middle}H${width}`;
  const reach = (middle - 1) * Math.min(1, level);
  let path = `M0 ${middle}`;
  for (let step = 1; step <= STEPS; step += 1) {
    const at = step / STEPS;
    // Still at both ends, so that the line stays one line.
    const swell = Math.sin(Math.PI * at) ** 2;
    const y = middle + reach * swell * Math.sin(phase + at * 6 * Math.PI) * Math.cos(phase * 0.6 + at * 2 * Math.PI);
    path += `L${(at * width).toFixed(1)} ${y.toFixed(2)}`;
  }
  return path;
}

/** Below this nothing is drawn as moving. */
export const QUIET = 0.02;
