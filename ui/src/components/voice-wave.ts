/** The line at rest and with a voice on it. */

/** Points of the line; more are not seen. */
const STEPS = 48;
/** Width of the stroke, in CSS pixels. */
const STROKE = 2;

/** Below this nothing is drawn as moving. */
export const QUIET = 0.02;

/**
 * How far from the middle the line is at each point, from -1 to 1. Pure.
 *
 * @param level loudness, 0 to 1
 * @param phase radians; grows with time
 */
export function voiceWave(level: number, phase: number): number[] {
  if (level < QUIET) return [0, 0];
  const reach = Math.min(1, level);
  return Array.from({ length: STEPS + 1 }, (_, step) => {
    const at = step / STEPS;
    // Still at both ends, so that the line stays one line.
    const swell = Math.sin(Math.PI * at) ** 2;
    return reach * swell * Math.sin(phase + at * 6 * Math.PI) * Math.cos(phase * 0.6 + at * 2 * Math.PI);
  });
}

/** Draws the line over all of the canvas, in its CSS colour. */
export function drawWave(canvas: HTMLCanvasElement, level: number, phase: number): void {
  const { clientWidth, clientHeight } = canvas;
  const pen = canvas.getContext('2d');
  if (pen === null || clientWidth === 0 || clientHeight === 0) return;
  const scale = window.devicePixelRatio;
  const width = Math.round(clientWidth * scale);
  const height = Math.round(clientHeight * scale);
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  const heights = voiceWave(level, phase);
  const middle = height / 2;
  const reach = middle - (STROKE * scale) / 2;
  pen.clearRect(0, 0, width, height);
  pen.strokeStyle = getComputedStyle(canvas).color;
  pen.lineWidth = STROKE * scale;
  pen.lineJoin = 'round';
  pen.beginPath();
  heights.forEach((y, step) => {
    pen.lineTo((step / (heights.length - 1)) * width, middle + reach * y);
  });
  pen.stroke();
}
