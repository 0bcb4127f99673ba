import type { MediaProblem } from '../room/model.ts';

/**
 * What the failure of getUserMedia() or getDisplayMedia() means (W3C Media Capture §10.2). Browsers tell by the
 * exception's name, and only by its text whether the person or the system said no.
 */
export function problemOf(error: unknown): MediaProblem {
  const { name, message } = error instanceof Error ? error : { name: '', message: '' };
  switch (name) {
    case 'NotAllowedError':
      // "Permission denied by system" in Chromium; Safari and Firefox say "…by the user agent or the platform".
      return /system|platform/i.test(message) && !/user agent/i.test(message) ? 'system-denied' : 'denied';
    case 'NotFoundError':
    case 'OverconstrainedError':
    case 'DevicesNotFoundError':
      return 'no-device';
    case 'NotReadableError':
    case 'AbortError':
    case 'TrackStartError':
      return 'busy';
    case 'SecurityError':
    case 'NotSupportedError':
    case 'TypeError':
      return 'unsupported';
    default:
      return 'failed';
  }
}
