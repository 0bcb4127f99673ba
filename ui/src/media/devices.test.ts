import { describe, expect, it } from 'vitest';
import { sortDevices } from './devices.ts';

describe('sortDevices', () => {
  it('sorts by kind and leaves out what stands for another device or is not known yet', () => {
    expect(
      sortDevices([
        { kind: 'audioinput', deviceId: 'default', label: 'Default' },
        { kind: 'audioinput', deviceId: 'a', label: 'Headset' },
        { kind: 'videoinput', deviceId: '', label: '' },
        { kind: 'videoinput', deviceId: 'v', label: 'Camera' },
        { kind: 'audiooutput', deviceId: 'communications', label: 'Communications' },
        { kind: 'audiooutput', deviceId: 's', label: 'Speaker' },
      ]),
    ).toEqual({
      microphones: [{ id: 'a', label: 'Headset' }],
      cameras: [{ id: 'v', label: 'Camera' }],
      speakers: [{ id: 's', label: 'Speaker' }],
    });
  });
});
