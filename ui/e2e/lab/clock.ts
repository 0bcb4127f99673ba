import type { Capture } from './links.ts';
import type { PageDriver } from './page-driver.ts';

/**
 * How old a picture is when it is shown: the sender's camera shows the time, the receiver reads it from the tile. Both are on this
 * machine and ask the same clock, which counts whole milliseconds.
 *
 * The time is drawn as 20 dark or light cells, 5 in a row: the lower 16 bits of Date.now(), then 4 bits that check them. A cell is
 * a fifth of the picture wide and 8/45 high, so that it covers whole macroblocks and survives a hundred kilobits a second.
 */

declare global {
  interface Window {
    labClock?: number[];
  }
}

/** Runs in the page, before it asks for a camera: the camera is a clock from then on. */
export function showClock(capture: Capture): void {
  const devices = navigator.mediaDevices;
  const original = devices.getUserMedia.bind(devices);
  const filmClock = (): MediaStreamTrack => {
    const canvas = document.createElement('canvas');
    canvas.width = capture.width;
    canvas.height = capture.height;
    const pen = canvas.getContext('2d');
    if (!pen) throw new Error('no canvas');
    const draw = (): void => {
      const now = Date.now() % 0x10000;
      const check = (now ^ (now >> 4) ^ (now >> 8) ^ (now >> 12)) & 15;
      const bits = (now << 4) | check;
      pen.fillStyle = '#333';
      pen.fillRect(0, 0, canvas.width, canvas.height);
      pen.fillStyle = '#ddd';
      const [width, height] = [canvas.width / 5, (canvas.height * 8) / 45];
      for (let cell = 0; cell < 20; cell += 1) {
        if ((bits >> (19 - cell)) & 1) pen.fillRect((cell % 5) * width, Math.floor(cell / 5) * height, width, height);
      }
    };
    draw();
    setInterval(draw, 1_000 / capture.framesPerSecond);
    const [track] = canvas.captureStream(capture.framesPerSecond).getVideoTracks();
    if (!track) throw new Error('a canvas that cannot be captured');
    return track;
  };
  devices.getUserMedia = async (constraints) => {
    const { video, ...rest } = constraints ?? {};
    if (video === undefined || video === false) return original(constraints);
    const sound = rest.audio === undefined || rest.audio === false ? [] : (await original(rest)).getTracks();
    return new MediaStream([...sound, filmClock()]);
  };
}

/** Runs in the page: reads the clock in a participant's tile from now on, once a picture. */
function watchClock(participantId: string): void {
  const tile = `[data-testid="tile"][data-participant-id="${CSS.escape(participantId)}"]`;
  const picture = document.querySelector<HTMLVideoElement | HTMLCanvasElement>(`${tile} video, ${tile} canvas`);
  if (!picture) throw new Error('no picture to read');
  const ages: number[] = [];
  window.labClock = ages;
  const canvas = document.createElement('canvas');
  canvas.width = 80;
  canvas.height = 45;
  const pen = canvas.getContext('2d', { willReadFrequently: true });
  if (!pen) throw new Error('no canvas');
  let last = -1;
  // At each redraw of the screen: requestVideoFrameCallback is never called for streams in WebKitGTK 2.50.
  const look = (): void => {
    const seenAt = Date.now() % 0x10000;
    requestAnimationFrame(look);
    pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
    const { data } = pen.getImageData(0, 0, canvas.width, 32);
    let bits = 0;
    for (let cell = 0; cell < 20; cell += 1) {
      const [x, y] = [(cell % 5) * 16 + 8, Math.floor(cell / 5) * 8 + 4];
      const green = data[(y * canvas.width + x) * 4 + 1] ?? 0;
      bits = (bits << 1) | (green > 128 ? 1 : 0);
    }
    const shown = bits >> 4;
    const check = (shown ^ (shown >> 4) ^ (shown >> 8) ^ (shown >> 12)) & 15;
    // A cell that was read wrongly, or a picture from before the clock.
    if (check !== (bits & 15) || shown === last || ages.length >= 10_000) return;
    last = shown;
    ages.push((seenAt - shown + 0x10000) % 0x10000);
  };
  look();
}

export interface Ages {
  pictures: number;
  /** Milliseconds. */
  median: number;
  p95: number;
}

/** Starts reading; the returned function says how old the pictures were since it was last asked. */
export async function readClock(page: PageDriver, participantId: string): Promise<() => Promise<Ages>> {
  await page.evaluate(watchClock, participantId);
  return async () => {
    const ages = await page.evaluate(() => window.labClock?.splice(0) ?? []);
    ages.sort((a, b) => a - b);
    const at = (share: number): number => ages[Math.floor((ages.length - 1) * share)] ?? Number.NaN;
    return { pictures: ages.length, median: at(0.5), p95: at(0.95) };
  };
}
