import type { Preview, PreviewState } from '../room/model.ts';
import { writable } from '../shared/store.ts';
import type { CaptureLimits, CaptureSettings } from './constraints.ts';
import { Devices } from './devices.ts';
import { Levels } from './levels.ts';
import { LocalTracks } from './local-tracks.ts';
import { streamOf } from './stream-of.ts';

/**
 * Camera, microphone and the choice between devices before the join. showing → handed over (the room has the devices)
 * | closed (nobody has).
 */
export interface PreviewOptions {
  settings: CaptureSettings & { microphoneOn: boolean; cameraOn: boolean };
  limits: CaptureLimits;
  /** Called if nobody took the devices over. */
  onclosed: () => void;
}

/** How to get at the devices of a preview, which views know nothing of. */
const handOvers = new WeakMap<Preview, () => LocalTracks | null>();

/** The devices of a preview as they are, once; it then owns nothing. Null if it was closed or handed over before. */
export function takeOver(preview: Preview): LocalTracks | null {
  return handOvers.get(preview)?.() ?? null;
}

const SELF = 'self';

/** Opens the devices that the settings say; with none it works all the same. */
export function openPreview({ settings, limits, onclosed }: PreviewOptions): Preview {
  const tracks = new LocalTracks(settings, limits);
  const devices = new Devices();
  const levels = new Levels(() => undefined);
  let owner: 'preview' | 'nobody' = 'preview';

  const describe = (): PreviewState => {
    const { microphone, camera, ownPicture, microphoneId, cameraId } = tracks.state.get();
    return { stream: streamOf(ownPicture), microphone, camera, microphoneId, cameraId, ...devices.lists.get() };
  };
  const store = writable(describe());

  let statuses = '';
  const stopTracks = tracks.state.subscribe(({ microphone, camera, microphoneTrack }) => {
    levels.set(SELF, microphone.status === 'on' ? microphoneTrack : null);
    const now = `${microphone.status} ${camera.status}`;
    // Names of devices are told only once one of them is open.
    if (now !== statuses && now.includes('on')) void devices.refresh();
    statuses = now;
    store.set(describe());
  });
  const stopDevices = devices.lists.subscribe(() => {
    store.set(describe());
  });
  const letGo = (): void => {
    owner = 'nobody';
    stopTracks();
    stopDevices();
    levels.close();
    devices.close();
  };
  void tracks.open({ microphone: settings.microphoneOn, camera: settings.cameraOn });

  const preview: Preview = {
    state: store,
    onLevel: (listener) => levels.listen(SELF, listener),
    setMicrophone: (on) => {
      levels.resume();
      return tracks.setMicrophone(on);
    },
    setCamera: (on) => tracks.setCamera(on),
    choose: (kind, deviceId) => tracks.choose(kind, deviceId),
    close: () => {
      if (owner !== 'preview') return;
      letGo();
      tracks.close();
      onclosed();
    },
  };
  handOvers.set(preview, () => {
    if (owner !== 'preview') return null;
    letGo();
    return tracks;
  });
  return preview;
}
