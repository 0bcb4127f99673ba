import { BackendError, type Backend } from '../src/backend/backend.ts';
import { defaultSettings } from '../src/protocol/default-settings.ts';
import type { Access } from '../src/protocol/generated/Access.ts';
import type { AccessMode } from '../src/protocol/generated/AccessMode.ts';
import type { DiscoveryState } from '../src/protocol/generated/DiscoveryState.ts';
import type { FoundMeeting } from '../src/protocol/generated/FoundMeeting.ts';
import type { HostedMeeting } from '../src/protocol/generated/HostedMeeting.ts';
import type { Interrupted } from '../src/protocol/generated/Interrupted.ts';
import type { Meeting } from '../src/protocol/generated/Meeting.ts';
import type { NodeErrorCode } from '../src/protocol/generated/NodeErrorCode.ts';
import type { Notice } from '../src/protocol/generated/Notice.ts';
import type { Settings } from '../src/protocol/generated/Settings.ts';
import type { Target } from '../src/protocol/generated/Target.ts';
import type {
  ChatMessage,
  Device,
  EndReason,
  Participant,
  Preview,
  PreviewState,
  Room,
  RoomState,
  RoomStatus,
  SourceState,
  Tile,
} from '../src/room/model.ts';
import { writable } from '../src/shared/store.ts';
import { face, sharedScreen } from './faces.ts';

/** Stand-ins for node, preview and room, with nothing behind them: the gallery shows what views make of their states. */

export const FINGERPRINT = '3fa9c41e07b2d85516ee90cd4a7f3b28e1c05d9946ab72f8130c6be4d57a9f21';
export const HOUR = 3_600_000;
export const now = new Date(2025, 4, 20, 14, 5).getTime();

export interface FakeOptions {
  settings?: Partial<Settings>;
  meetings?: Meeting[];
  discovery?: DiscoveryState;
  hosted?: HostedMeeting | null;
  open?: Target | null;
  interrupted?: Interrupted | null;
  notices?: Notice[];
  kind?: Backend['kind'];
  node?: 'connected' | 'lost';
  /** What `look` answers; a code fails, null never answers. */
  look?: FoundMeeting | NodeErrorCode | null;
  hostFails?: NodeErrorCode;
  browserFails?: NodeErrorCode;
}

export function fakeBackend(options: FakeOptions): Backend {
  const settings = writable<Settings>({ ...defaultSettings(), name: 'Studio', ...options.settings });
  const hosted = writable<HostedMeeting | null>(options.hosted ?? null);
  const wait = new Promise<never>(() => undefined);
  return {
    kind: options.kind ?? 'app',
    canHost: options.kind !== 'guest',
    welcome: {
      version: '0.1.0',
      settings: settings.get(),
      hosted: hosted.get(),
      interrupted: options.interrupted ?? null,
      open: options.open ?? null,
      token: null,
      notices: options.notices ?? [],
      computerName: 'studio-laptop', key: 'k'.repeat(87), engine: false,
    },
    settings,
    meetings: writable(options.meetings ?? []),
    discovery: writable<DiscoveryState>(options.discovery ?? { state: 'on', interfaces: [{ name: 'wlan0', address: '192.168.1.20' }] }),
    hosted,
    node: writable<'connected' | 'lost'>(options.node ?? 'connected'),
    networks: writable(0),
    open: writable<Target | null>(null),
    saveSettings: (changed) => {
      settings.set(changed);
      return Promise.resolve();
    },
    watch: () => () => undefined,
    host: (title, host) => {
      if (options.hostFails !== undefined) return Promise.reject(new BackendError(options.hostFails, ''));
      const meeting = hostedMeeting({ title, host });
      hosted.set(meeting);
      return Promise.resolve(meeting);
    },
    hostAgain: () => Promise.resolve(hostedMeeting()),
    forgetMeeting: () => Promise.resolve(),
    endMeeting: () => {
      hosted.set(null);
      return Promise.resolve();
    },
    look: () => {
      const { look } = options;
      if (look === null || look === undefined) return wait;
      return typeof look === 'string' ? Promise.reject(new BackendError(look, '')) : Promise.resolve(look);
    },
    openChannel: () => wait,
    signer: () => wait,
    meet: () => Promise.resolve([]),
    openInBrowser: () => (options.browserFails === undefined ? Promise.resolve() : Promise.reject(new BackendError(options.browserFails, ''))),
    openEngine: () => Promise.reject(new BackendError('not-supported', '')),
    testCall: () => Promise.resolve(),
    keepAwake: () => () => undefined,
  };
}

export function hostedMeeting(part: Partial<HostedMeeting> = {}): HostedMeeting {
  const meetingId = 'a3f0c2d4e5b60718293a4b5c6d7e8f90';
  return {
    meetingId,
    title: "Studio's meeting",
    host: 'Studio',
    guestUrls: ['192.168.1.20', '10.0.0.7'].map((address) => `https://${address}:4717/#m=${meetingId}&fp=${FINGERPRINT}`),
    fingerprint: FINGERPRINT,
    port: 4717,
    participants: 1,
    portChanged: false,
    startedAt: now,
    access: { mode: 'open' },
    private: false,
    ...part,
  };
}

export function meeting(index: number, part: Partial<Meeting> = {}): Meeting {
  return {
    meetingId: `meeting-${index}`,
    title: 'Morning round',
    host: 'Kitchen laptop',
    participants: 3,
    locked: false,
    addresses: ['192.168.1.31'],
    port: 4717,
    fingerprint: FINGERPRINT,
    startedAt: now - index * 23 * 60_000,
    own: false,
    ...part,
  };
}

export function found(part: Partial<FoundMeeting['summary']> = {}, trust: FoundMeeting['trust'] = 'pinned'): FoundMeeting {
  return {
    summary: {
      v: 1,
      meetingId: 'meeting-0',
      title: 'Morning round',
      host: 'Kitchen laptop',
      participants: 3,
      names: ['Kitchen laptop', 'Workshop', 'Front desk'],
      locked: false,
      access: 'open',
      full: false,
      startedAt: now,
      ...part,
    },
    trust,
    fingerprint: FINGERPRINT,
    own: false,
  };
}

/** Five of the emoji of a meeting's code. */
export const CODE: readonly number[] = [11, 25, 50, 40, 60];

export function accessOf(mode: AccessMode): Access {
  return mode === 'code' ? { mode, code: '482913', secret: 'q3Zb8lJ0T6m2yWc4kPfXgA' } : { mode };
}

const ON: SourceState = { status: 'on' };
const DEVICES: Record<'microphones' | 'cameras' | 'speakers', Device[]> = {
  microphones: [
    { id: 'm1', label: 'Built-in microphone' },
    { id: 'm2', label: 'USB headset with a rather long product name' },
  ],
  cameras: [{ id: 'c1', label: 'Built-in camera' }],
  speakers: [{ id: 's1', label: 'Built-in speakers' }],
};

export const listDevices = (): Promise<typeof DEVICES> => Promise.resolve(DEVICES);

export function fakePreview(part: Partial<PreviewState> = {}): Preview {
  const cameraOn = (part.camera ?? ON).status === 'on';
  const state = writable<PreviewState>({
    stream: cameraOn ? face(0, 1280, 720) : null,
    microphone: ON,
    camera: ON,
    ...DEVICES,
    microphoneId: 'm1',
    cameraId: null,
    ...part,
  });
  return {
    state,
    onLevel: voice(part.microphone === undefined || part.microphone.status === 'on' ? 0.7 : 0),
    setMicrophone: (on) => {
      state.update((before) => ({ ...before, microphone: { status: on ? 'on' : 'off' } }));
      return Promise.resolve();
    },
    setCamera: (on) => {
      state.update((before) => ({ ...before, camera: { status: on ? 'on' : 'off' }, stream: on ? face(0, 1280, 720) : null }));
      return Promise.resolve();
    },
    choose: () => Promise.resolve(),
    close: () => undefined,
  };
}

function voice(loud: number): (listener: (level: number) => void) => () => void {
  return (listener) => {
    listener(loud);
    return () => undefined;
  };
}

export interface FakeRoom {
  people: Partial<Participant>[];
  /** Whose faces are not asked for: everybody from this one on. */
  leftOutFrom?: number;
  sharing?: number;
  chat?: ChatMessage[];
  status?: RoomStatus;
  microphone?: SourceState;
  camera?: SourceState;
  title?: string;
  meetingId?: string;
  host?: string;
  /** What trust is made of. */
  more?: Partial<Pick<RoomState, 'role' | 'access' | 'knocks' | 'code' | 'unverifiable' | 'mismatch' | 'spared' | 'asked' | 'moved'>>;
}

/** The first of `people` is ourselves. */
export function fakeRoom(options: FakeRoom): Room {
  const participants = options.people.map(
    (part, index): Participant => ({
      id: `p${index}`,
      self: index === 0,
      name: `Room ${index}`,
      kind: 'app',
      away: false,
      microphoneOn: true,
      cameraOn: true,
      screenOn: options.sharing === index,
      link: 'connected',
      speaking: false,
      role: 'participant',
      standing: 'proven',
      met: 0,
      nameOfAnother: false,
      ...part,
    }),
  );
  const cameras = participants.map((participant, index): Tile => {
    const leftOut = participant.cameraOn && index >= (options.leftOutFrom ?? Infinity);
    const video = participant.cameraOn && !leftOut && participant.link !== 'connecting' && participant.link !== 'failed';
    return { key: `${participant.id}:camera`, participant, source: 'camera', stream: video ? face(index) : null, video, leftOut };
  });
  const own = cameras.shift();
  const sharer = participants[options.sharing ?? -1];
  const screens: Tile[] = sharer === undefined ? [] : [{ key: `${sharer.id}:screen`, participant: sharer, source: 'screen', stream: sharedScreen(), video: true, leftOut: false }];
  const state = writable<RoomState>({
    status: options.status ?? { status: 'joined' },
    meetingId: options.meetingId ?? 'meeting-0',
    title: options.title ?? 'Morning round',
    host: options.host ?? 'Kitchen laptop',
    startedAt: now,
    participants,
    count: participants.filter(({ away }) => !away).length,
    tiles: [...screens, ...cameras, ...(own === undefined ? [] : [own])],
    chat: options.chat ?? [],
    microphone: options.microphone ?? ON,
    camera: options.camera ?? ON,
    screen: { status: options.sharing === 0 ? 'on' : 'off' },
    role: 'participant',
    access: { mode: 'open' },
    knocks: [],
    code: participants.length > 1 ? { status: 'code', code: CODE, current: true, compared: false } : { status: 'none' },
    unverifiable: [],
    mismatch: null,
    asked: null,
    moved: null,
    movedLink: null,
    spared: null,
    activeSpeaker: (participants.find(({ speaking, self }) => speaking && !self) ?? participants[1])?.id ?? null,
    ...options.more,
  });
  const end = (reason: EndReason): void => {
    state.update((before) => ({
      ...before,
      status: { status: 'ended', reason, people: before.participants.map(({ name }) => name), durationMs: 47 * 60_000 },
    }));
  };
  const toggle = (source: 'microphone' | 'camera' | 'screen') => (on: boolean) => {
    state.update((before) => ({ ...before, [source]: { status: on ? 'on' : 'off' } }));
    return Promise.resolve();
  };
  return {
    state,
    entered: Promise.resolve(),
    setShown: () => undefined,
    showAll: () => undefined,
    encoding: () => ({ shared: 3, own: 0 }),
    onLevel: (id, listener) => voice(participants.find((person) => person.id === id)?.speaking === true ? 0.9 : 0)(listener),
    setMicrophone: toggle('microphone'),
    setCamera: toggle('camera'),
    setScreen: toggle('screen'),
    say: (text) => {
      const line: ChatMessage = { id: `own-${text}`, from: 'p0', self: true, name: 'Studio', text, at: now, state: 'sent' };
      state.update((before) => ({ ...before, chat: [...before.chat, line] }));
      return true;
    },
    moderate: (order) => {
      state.update((before) => {
        if (order.do === 'set-access') return { ...before, access: accessOf(order.mode) };
        if (order.do === 'admit' || order.do === 'refuse') return { ...before, knocks: before.knocks.filter(({ id }) => order.id !== undefined && id !== order.id) };
        return before;
      });
    },
    compare: () => undefined,
    judge: (same) => {
      state.update((before) => {
        if (!same) return { ...before, mismatch: '' };
        return { ...before, code: before.code.status === 'code' ? { ...before.code, compared: true } : before.code };
      });
    },
    dismissMoved: () => {
      state.update((before) => ({ ...before, moved: null }));
    },
    dismissAsked: () => {
      state.update((before) => ({ ...before, asked: null }));
    },
    leave: () => {
      end('left');
    },
  };
}
