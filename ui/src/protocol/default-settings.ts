import type { Settings } from './generated/Settings.ts';

/** Settings of somebody who never changed any: the same as `Settings::default()` of the node. */
export function defaultSettings(): Settings {
  return {
    name: '',
    language: 'auto',
    theme: 'auto',
    microphoneId: null,
    cameraId: null,
    speakerId: null,
    microphoneOn: true,
    cameraOn: true,
    echoCancellation: true,
    noiseSuppression: true,
    autoGainControl: true,
    iceServers: [],
    interfaces: [],
  };
}
