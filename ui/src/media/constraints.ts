import type { Settings } from '../protocol/generated/Settings.ts';

/** What is asked of devices. Pure. */

export interface CaptureLimits {
  /** Pixels. */
  width: number;
  height: number;
  framesPerSecond: number;
}

/** A mesh encodes once for every participant: more than this no laptop carries. */
export const DEFAULT_LIMITS: CaptureLimits = { width: 1280, height: 720, framesPerSecond: 30 };

/** The advanced option `landline.capture` in localStorage, like `320x180@30`, for slow machines. Null if it is none. */
export function parseCapture(text: string | null): CaptureLimits | null {
  const match = /^(\d{2,4})x(\d{2,4})@(\d{1,2})$/.exec(text ?? '');
  if (!match) return null;
  const [width, height, framesPerSecond] = match.slice(1).map(Number) as [number, number, number];
  const { width: maxWidth, height: maxHeight } = { width: 3840, height: 2160 };
  if (width > maxWidth || height > maxHeight || framesPerSecond < 1 || framesPerSecond > 60) return null;
  return { width, height, framesPerSecond };
}

/** The parts of the settings that capture depends on. */
export type CaptureSettings = Pick<
  Settings,
  'microphoneId' | 'cameraId' | 'echoCancellation' | 'noiseSuppression' | 'autoGainControl'
>;

/**
 * The chosen device if it is there, else another: a headset that stayed at home is no reason not to talk.
 */
export function microphoneConstraints(settings: CaptureSettings): MediaTrackConstraints {
  const { microphoneId, echoCancellation, noiseSuppression, autoGainControl } = settings;
  return {
    ...(microphoneId === null ? {} : { deviceId: { ideal: microphoneId } }),
    echoCancellation,
    noiseSuppression,
    autoGainControl,
  };
}

export function cameraConstraints(settings: CaptureSettings, limits: CaptureLimits): MediaTrackConstraints {
  const { cameraId } = settings;
  return {
    ...(cameraId === null ? {} : { deviceId: { ideal: cameraId } }),
    width: { ideal: limits.width, max: limits.width },
    height: { ideal: limits.height, max: limits.height },
    frameRate: { ideal: limits.framesPerSecond, max: limits.framesPerSecond },
  };
}
