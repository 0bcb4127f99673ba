import { describe, expect, it } from 'vitest';
import { cameraConstraints, DEFAULT_LIMITS, microphoneConstraints, parseCapture } from './constraints.ts';

const settings = {
  microphoneId: null,
  cameraId: 'cam',
  echoCancellation: false,
  noiseSuppression: true,
  autoGainControl: false,
};

describe('constraints', () => {
  it('ask for the chosen device without insisting on it', () => {
    expect(cameraConstraints(settings, DEFAULT_LIMITS).deviceId).toEqual({ ideal: 'cam' });
    expect(microphoneConstraints(settings)).not.toHaveProperty('deviceId');
  });

  it('take the processing of sound from the settings', () => {
    expect(microphoneConstraints(settings)).toEqual({
      echoCancellation: false,
      noiseSuppression: true,
      autoGainControl: false,
    });
  });

  it('never ask for more than the limits', () => {
    const { width, height, frameRate } = cameraConstraints(settings, DEFAULT_LIMITS);
    expect([width, height, frameRate]).toEqual([
      { ideal: 1280, max: 1280 },
      { ideal: 720, max: 720 },
      { ideal: 30, max: 30 },
    ]);
  });
});

describe('parseCapture', () => {
  it('reads width, height and frames a second', () => {
    expect(parseCapture('320x180@30')).toEqual({ width: 320, height: 180, framesPerSecond: 30 });
  });

  it('takes nothing else', () => {
    for (const text of [null, '', '320x180', '0x0@0', '99999x180@30', '320x180@99', ' 320x180@30', '320x180@0']) {
      expect(parseCapture(text)).toBeNull();
    }
  });
});
