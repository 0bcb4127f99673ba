import type { Device } from '../room/model.ts';
import { writable, type Readable } from '../shared/store.ts';

/** The devices of this machine. Labels and ids come only once capture was allowed, so it is read again after that. */
export interface DeviceLists {
  microphones: Device[];
  cameras: Device[];
  speakers: Device[];
}

export class Devices {
  readonly #lists = writable<DeviceLists>({ microphones: [], cameras: [], speakers: [] });
  readonly #onchange = (): void => {
    void this.refresh();
  };

  /** Reads them, and again whenever something is plugged in or out. */
  constructor() {
    mediaDevices()?.addEventListener('devicechange', this.#onchange);
    void this.refresh();
  }

  get lists(): Readable<DeviceLists> {
    return this.#lists;
  }

  async refresh(): Promise<void> {
    try {
      const infos = await mediaDevices()?.enumerateDevices();
      if (infos !== undefined) this.#lists.set(sortDevices(infos));
    } catch {
      // No list to choose from; the default devices still work.
    }
  }

  close(): void {
    mediaDevices()?.removeEventListener('devicechange', this.#onchange);
  }
}

/** Undefined where the page is no secure context, whatever the types say. */
export function mediaDevices(): MediaDevices | undefined {
  return (navigator as { mediaDevices?: MediaDevices }).mediaDevices;
}

/**
 * By kind. Devices without an id are not known yet; Chromium's entries `default` and `communications` stand for devices
 * that are listed by themselves, and null already means the default.
 */
export function sortDevices(infos: readonly Pick<MediaDeviceInfo, 'kind' | 'deviceId' | 'label'>[]): DeviceLists {
  const of = (kind: MediaDeviceKind): Device[] =>
    infos
      .filter((info) => info.kind === kind && info.deviceId !== '')
      .filter(({ deviceId }) => deviceId !== 'default' && deviceId !== 'communications')
      .map(({ deviceId, label }) => ({ id: deviceId, label }));
  return { microphones: of('audioinput'), cameras: of('videoinput'), speakers: of('audiooutput') };
}
