/** How many bit/s a picture takes. Pure, and rises with size and frame rate. */

/** 1280×720 at 30 frames a second in VP8 for what cameras see. */
const CAMERA_BITRATE = 2_000_000;
const CAMERA_PIXELS = 1280 * 720 * 30;
/** Small pictures take more for each pixel: there is more in it. */
const CAMERA_POWER = 0.9;
/** Text at full resolution comes in bursts. */
const SCREEN_BITRATE = 4_000_000;
const SCREEN_PIXELS = 1920 * 1080;
/** Below it VP8 gives up more frames than it saves. */
const LEAST_BITRATE = 40_000;

export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly framesPerSecond: number;
}

export function pixelRate({ width, height, framesPerSecond }: Picture): number {
  return width * height * framesPerSecond;
}

export function cameraBitrate(picture: Picture): number {
  return Math.round(Math.max(LEAST_BITRATE, CAMERA_BITRATE * (pixelRate(picture) / CAMERA_PIXELS) ** CAMERA_POWER));
}

/** Between two frames of a screen little changes: half the frames do not take half. */
export function screenBitrate({ width, height, framesPerSecond }: Picture): number {
  return Math.round(Math.max(LEAST_BITRATE, SCREEN_BITRATE * ((width * height) / SCREEN_PIXELS) ** 0.75 * Math.sqrt(framesPerSecond / 30)));
}
