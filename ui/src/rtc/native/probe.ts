import type { Missing } from '../../shared/calls.ts';
import type { ProbeWorker } from './media-engine.ts';

/**
 * What a web view has to have so that the engine can stand in for its missing RTCPeerConnection. Looked at, not concluded
 * from versions: distributions build WebKitGTK differently, and its plugins are packages of their own.
 */

/** Time for a worker to start and say what it has. A machine under load takes two or three seconds. */
const WORKER_MS = 15_000;

export interface ProbeParts {
  probeWorker: ProbeWorker;
}

export async function missingParts({ probeWorker }: ProbeParts): Promise<Missing[]> {
  const missing: Missing[] = [];
  if (!hasDevices()) missing.push('devices');
  if (typeof AudioWorkletNode !== 'function') missing.push('audio-worklet');
  const worker = await within(probeWorker(), WORKER_MS);
  if (worker?.frames !== true) missing.push('frames');
  if (worker?.videoCodec !== true) missing.push('video-codec');
  if (worker?.audioCodec !== true) missing.push('audio-codec');
  return missing;
}

function hasDevices(): boolean {
  // Not there at all where the page is not a secure context, whatever the types say.
  const { mediaDevices } = navigator as { mediaDevices?: MediaDevices };
  return typeof mediaDevices?.getUserMedia === 'function';
}

/** Null if it fails or takes too long. */
function within<T>(promise: Promise<T>, ms: number): Promise<T | null> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      resolve(null);
    }, ms);
    promise.then(
      (value) => {
        clearTimeout(timer);
        resolve(value);
      },
      () => {
        clearTimeout(timer);
        resolve(null);
      },
    );
  });
}
