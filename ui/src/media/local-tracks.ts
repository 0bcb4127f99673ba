import type { MediaProblem, SourceState } from '../room/model.ts';
import { logFor } from '../shared/log.ts';
import { writable, type Readable } from '../shared/store.ts';
import { cameraConstraints, microphoneConstraints, type CaptureLimits, type CaptureSettings } from './constraints.ts';
import { mediaDevices } from './devices.ts';
import { OwnPicture } from './own-picture.ts';
import { problemOf } from './problem.ts';

/**
 * The own microphone and camera. Each: off → starting → on | failed; on → off; on → (device lost) starting → ….
 *
 * Turning the camera off gives the device back, so that its light goes out; a muted microphone is kept, so that
 * talking starts at once. Who has the tracks owns the devices until `close()`; preview and room hand one object over.
 */

export type Kind = 'microphone' | 'camera';

type Slot =
  | { is: 'off' }
  | { is: 'starting' }
  | { is: 'on'; track: MediaStreamTrack }
  /** Microphones only: the device is ours, and silent. */
  | { is: 'muted'; track: MediaStreamTrack }
  | { is: 'failed'; problem: MediaProblem };

export interface LocalTracksState {
  microphone: SourceState;
  camera: SourceState;
  /** Also while it is muted: what links send. */
  microphoneTrack: MediaStreamTrack | null;
  cameraTrack: MediaStreamTrack | null;
  /** What our own tile plays. */
  ownPicture: MediaStreamTrack | null;
  microphoneId: string | null;
  cameraId: string | null;
}

const log = logFor('media');

export class LocalTracks {
  readonly #limits: CaptureLimits;
  readonly #slots: Record<Kind, Slot> = { microphone: { is: 'off' }, camera: { is: 'off' } };
  readonly #state;
  #settings: CaptureSettings;
  #closed = false;
  #own: OwnPicture | null = null;
  #thinOwn = false;
  /** Counts what was asked of each, so that an answer that comes too late is recognised. */
  readonly #turn: Record<Kind, number> = { microphone: 0, camera: 0 };

  constructor(settings: CaptureSettings, limits: CaptureLimits) {
    this.#settings = settings;
    this.#limits = limits;
    this.#state = writable(this.#describe());
  }

  get state(): Readable<LocalTracksState> {
    return this.#state;
  }

  /** Turns on what is wanted, with one question to the person if it can be. */
  async open(wanted: { microphone: boolean; camera: boolean }): Promise<void> {
    if (!(wanted.microphone && wanted.camera)) {
      if (wanted.microphone) await this.#start('microphone');
      if (wanted.camera) await this.#start('camera');
      return;
    }
    const turns = { microphone: this.#begin('microphone'), camera: this.#begin('camera') };
    try {
      const stream = await capture({ audio: this.#constraints('microphone'), video: this.#constraints('camera') });
      this.#started('microphone', turns.microphone, stream.getAudioTracks()[0]);
      this.#started('camera', turns.camera, stream.getVideoTracks()[0]);
    } catch (error) {
      log.debug(`both at once failed: ${problemOf(error)}`);
      // One of them may work alone.
      if (this.#turn.microphone === turns.microphone) await this.#start('microphone');
      if (this.#turn.camera === turns.camera) await this.#start('camera');
    }
  }

  async setMicrophone(on: boolean): Promise<void> {
    const slot = this.#slots.microphone;
    if (slot.is === 'on' || slot.is === 'muted') {
      slot.track.enabled = on;
      this.#set('microphone', { is: on ? 'on' : 'muted', track: slot.track });
    } else if (on) {
      if (slot.is !== 'starting') await this.#start('microphone');
    } else this.#stop('microphone');
  }

  async setCamera(on: boolean): Promise<void> {
    const slot = this.#slots.camera;
    if (!on) this.#stop('camera');
    else if (slot.is !== 'on' && slot.is !== 'starting') await this.#start('camera');
  }

  /** Our own tile plays fewer and smaller pictures than are captured. */
  setThinOwn(thin: boolean): void {
    this.#thinOwn = thin;
    this.#own?.setThin(thin);
  }

  /** Takes another device, or the system's with null. */
  async choose(kind: Kind, deviceId: string | null): Promise<void> {
    const changed = kind === 'microphone' ? { microphoneId: deviceId } : { cameraId: deviceId };
    await this.apply({ ...this.#settings, ...changed });
  }

  /** Follows the settings; what runs with others is opened anew. */
  async apply(settings: CaptureSettings): Promise<void> {
    const before = { microphone: this.#constraints('microphone'), camera: this.#constraints('camera') };
    this.#settings = settings;
    this.#publish();
    for (const kind of ['microphone', 'camera'] as const) {
      if (JSON.stringify(before[kind]) !== JSON.stringify(this.#constraints(kind))) await this.#reopen(kind);
    }
  }

  /** Gives the devices back. */
  close(): void {
    this.#closed = true;
    this.#stop('microphone');
    this.#stop('camera');
  }

  async #reopen(kind: Kind): Promise<void> {
    const slot = this.#slots[kind];
    if (slot.is === 'off') return;
    const muted = slot.is === 'muted';
    this.#stop(kind);
    if (muted) return;
    await this.#start(kind);
  }

  async #start(kind: Kind): Promise<void> {
    const turn = this.#begin(kind);
    const constraints = this.#constraints(kind);
    try {
      const stream = await capture(kind === 'microphone' ? { audio: constraints } : { video: constraints });
      this.#started(kind, turn, stream.getTracks()[0]);
    } catch (error) {
      if (this.#turn[kind] !== turn) return;
      const problem = problemOf(error);
      log.warn(`${kind}: ${problem}`);
      this.#set(kind, { is: 'failed', problem });
    }
  }

  #begin(kind: Kind): number {
    this.#turn[kind] += 1;
    this.#release(kind);
    this.#set(kind, { is: 'starting' });
    return this.#turn[kind];
  }

  #started(kind: Kind, turn: number, track: MediaStreamTrack | undefined): void {
    if (track === undefined) return;
    if (this.#turn[kind] !== turn || this.#closed) {
      track.stop();
      return;
    }
    track.contentHint = kind === 'camera' ? 'motion' : 'speech';
    track.onended = () => {
      this.#lost(kind, track);
    };
    if (kind === 'camera') {
      this.#own = new OwnPicture(track);
      this.#own.setThin(this.#thinOwn);
    }
    this.#set(kind, { is: 'on', track });
  }

  /** The device is gone (unplugged, or taken by the system): another one, if there is. */
  #lost(kind: Kind, track: MediaStreamTrack): void {
    const slot = this.#slots[kind];
    if ((slot.is !== 'on' && slot.is !== 'muted') || slot.track !== track) return;
    log.warn(`${kind}: the device is gone`);
    if (slot.is === 'muted') {
      this.#stop(kind);
      return;
    }
    void this.#start(kind);
  }

  #stop(kind: Kind): void {
    this.#turn[kind] += 1;
    this.#release(kind);
    this.#set(kind, { is: 'off' });
  }

  #release(kind: Kind): void {
    const slot = this.#slots[kind];
    if (slot.is !== 'on' && slot.is !== 'muted') return;
    slot.track.onended = null;
    slot.track.stop();
    if (kind === 'microphone') return;
    this.#own?.stop();
    this.#own = null;
  }

  #set(kind: Kind, slot: Slot): void {
    this.#slots[kind] = slot;
    this.#publish();
  }

  #publish(): void {
    this.#state.set(this.#describe());
  }

  #constraints(kind: Kind): MediaTrackConstraints {
    return kind === 'microphone'
      ? microphoneConstraints(this.#settings)
      : cameraConstraints(this.#settings, this.#limits);
  }

  #describe(): LocalTracksState {
    const { microphone, camera } = this.#slots;
    return {
      microphone: stateOf(microphone),
      camera: stateOf(camera),
      microphoneTrack: trackOf(microphone),
      cameraTrack: trackOf(camera),
      ownPicture: this.#own?.track ?? null,
      microphoneId: this.#settings.microphoneId,
      cameraId: this.#settings.cameraId,
    };
  }
}

function stateOf(slot: Slot): SourceState {
  switch (slot.is) {
    case 'off':
    case 'muted':
      return { status: 'off' };
    case 'starting':
    case 'on':
      return { status: slot.is };
    case 'failed':
      return { status: 'failed', problem: slot.problem };
  }
}

function trackOf(slot: Slot): MediaStreamTrack | null {
  return slot.is === 'on' || slot.is === 'muted' ? slot.track : null;
}

async function capture(constraints: MediaStreamConstraints): Promise<MediaStream> {
  const devices = mediaDevices();
  if (devices === undefined) throw new DOMException('no capture in this page', 'NotSupportedError');
  return devices.getUserMedia(constraints);
}
