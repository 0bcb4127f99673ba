import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { missingParts, type ProbeParts } from './probe.ts';

const ALL = { frames: true, videoCodec: true, audioCodec: true };

function parts(change: Partial<ProbeParts> = {}): ProbeParts {
  return { probeWorker: () => Promise.resolve(ALL), ...change };
}

beforeEach(() => {
  vi.stubGlobal('navigator', { mediaDevices: { getUserMedia: () => undefined } });
  vi.stubGlobal('AudioWorkletNode', class {});
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe('what a window lacks for calls', () => {
  it('is nothing where everything is there', async () => {
    await expect(missingParts(parts())).resolves.toEqual([]);
  });

  it('is named part by part', async () => {
    vi.stubGlobal('navigator', {});
    vi.stubGlobal('AudioWorkletNode', undefined);
    const probeWorker = (): ReturnType<ProbeParts['probeWorker']> => Promise.resolve({ frames: false, videoCodec: false, audioCodec: false });
    await expect(missingParts({ probeWorker })).resolves.toEqual(['devices', 'audio-worklet', 'frames', 'video-codec', 'audio-codec']);
  });

  it('is all of the worker when that fails or never speaks', async () => {
    const worker = ['frames', 'video-codec', 'audio-codec'];
    await expect(missingParts(parts({ probeWorker: () => Promise.reject(new Error('refused')) }))).resolves.toEqual(worker);
    vi.useFakeTimers();
    const silent = missingParts(parts({ probeWorker: () => new Promise(() => undefined) }));
    await vi.advanceTimersByTimeAsync(60_000);
    await expect(silent).resolves.toEqual(worker);
  });
});
