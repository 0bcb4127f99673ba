import { BackendError, type Backend } from '../backend/backend.ts';
import { defaultSettings } from '../protocol/default-settings.ts';
import type { AccessMode } from '../protocol/generated/AccessMode.ts';
import type { FoundMeeting } from '../protocol/generated/FoundMeeting.ts';
import type { HostedMeeting } from '../protocol/generated/HostedMeeting.ts';
import type { Interrupted } from '../protocol/generated/Interrupted.ts';
import type { Settings } from '../protocol/generated/Settings.ts';
import type { Target } from '../protocol/generated/Target.ts';
import type { EndReason, Preview, Room, RoomState, RoomStatus } from '../room/model.ts';
import { openSettings } from '../settings/settings-writer.ts';
import { writable, type Writable } from '../shared/store.ts';
import type { SeatBefore } from '../signaling/stored-seat.ts';
import { createApp } from './app.ts';
import type { App, RoomWish } from './model.ts';
import type { Place } from './screen.ts';

/** An app with node, previews and rooms that do what a test tells them, and note what was asked of them. For tests. */

export const place: Place = { target: { kind: 'meeting', meetingId: 'm1' }, title: 'Morning', host: 'Kitchen' };
export const hostedMeeting: HostedMeeting = { meetingId: 'm2', title: 'Ours', host: 'Studio', guestUrls: ['https://10.0.0.1:4717/#m=m2'], fingerprint: 'f'.repeat(64), port: 4717, participants: 0, portChanged: false, startedAt: 0, access: { mode: 'open' }, private: false };
export const found: FoundMeeting = {
  summary: { v: 1, meetingId: 'm1', title: 'Morning', host: 'Kitchen', participants: 1, names: ['Kitchen'], locked: false, access: 'open', full: false, startedAt: 0 },
  trust: 'pinned',
  fingerprint: 'f'.repeat(64),
  own: false,
};

export interface World {
  app: App;
  log: string[];
  open: Writable<Target | null>;
  hosted: Writable<HostedMeeting | null>;
  settings: Writable<Settings>;
  rooms: (Pick<RoomWish, 'meetingId' | 'name' | 'code' | 'secret'> & { end: (reason: EndReason) => void; count: (count: number) => void })[];
  /** How one comes into each meeting that was hosted. */
  accesses: AccessMode[];
  looks: { resolve: (found: FoundMeeting) => void; reject: (error: Error) => void }[];
  hostAnswer: () => Promise<HostedMeeting>;
}

export function world(options: { browser?: boolean; calls?: boolean; canHost?: boolean; open?: Target; interrupted?: Interrupted; name?: string; secret?: string; seatBefore?: SeatBefore; status?: RoomStatus } = {}): World {
  const log: string[] = [];
  const settings = writable<Settings>({ ...defaultSettings(), name: options.name ?? 'Studio' });
  const open = writable<Target | null>(null);
  const hosted = writable<HostedMeeting | null>(null);
  const rooms: World['rooms'] = [];
  const looks: World['looks'] = [];
  const accesses: AccessMode[] = [];
  const noting =
    (text: string) =>
    (): void => {
      log.push(text);
    };
  const it: { hostAnswer: () => Promise<HostedMeeting> } = {
    hostAnswer: () => {
      hosted.set(hostedMeeting);
      return Promise.resolve(hostedMeeting);
    },
  };
  const backend: Backend = {
    kind: options.canHost === false ? 'guest' : 'app',
    canHost: options.canHost ?? true,
    welcome: { version: '0', settings: settings.get(), hosted: null, interrupted: options.interrupted ?? null, open: options.open ?? null, token: null, notices: [], computerName: 'laptop', key: 'k'.repeat(87), engine: false },
    settings,
    meetings: writable([]),
    discovery: writable({ state: 'off' }),
    hosted,
    node: writable('connected'),
    networks: writable(0),
    open,
    saveSettings: (changed) => {
      settings.set(changed);
      return Promise.resolve();
    },
    watch: () => {
      log.push('watch');
      return noting('unwatch');
    },
    host: (_title, _name, access, privately) => {
      accesses.push(access);
      if (privately) log.push('private');
      return it.hostAnswer();
    },
    hostAgain: () => {
      log.push('host again');
      return it.hostAnswer();
    },
    forgetMeeting: () => {
      log.push('forget');
      return Promise.resolve();
    },
    endMeeting: () => {
      log.push('end');
      hosted.set(null);
      return Promise.resolve();
    },
    look: () => new Promise((resolve, reject) => looks.push({ resolve, reject })),
    signer: () => Promise.reject(new BackendError('internal', '')),
    meet: () => Promise.resolve([]),
    openChannel: () => Promise.reject(new BackendError('internal', '')),
    openInBrowser: () => (options.browser === true ? Promise.resolve() : Promise.reject(new BackendError('no-browser', ''))),
    openEngine: () => Promise.reject(new BackendError('not-supported', '')),
    testCall: () => Promise.resolve(),
    keepAwake: () => {
      log.push('awake');
      return noting('asleep');
    },
  };
  let previews = 0;
  const openPreview = (): Preview => {
    const number = (previews += 1);
    log.push(`preview ${number}`);
    return {
      state: writable({ stream: null, microphone: { status: 'on' }, camera: { status: 'off' }, microphones: [], cameras: [], speakers: [], microphoneId: null, cameraId: null }),
      onLevel: () => () => undefined,
      setMicrophone: () => Promise.resolve(),
      setCamera: () => Promise.resolve(),
      choose: () => Promise.resolve(),
      close: noting(`close ${number}`),
    };
  };
  const openRoom = ({ meetingId, name, code, secret }: RoomWish): Room => {
    const state = writable<RoomState>({ status: options.status ?? { status: 'joined' }, meetingId, title: 'Morning', host: 'Kitchen', startedAt: 0, participants: [], count: 1, tiles: [], chat: [], microphone: { status: 'on' }, camera: { status: 'off' }, screen: { status: 'off' }, role: 'participant', access: { mode: 'open' }, knocks: [], code: { status: 'none' }, unverifiable: [], mismatch: null, asked: null, moved: null, movedLink: null, spared: null, activeSpeaker: null });
    const end = (reason: EndReason): void => {
      state.update((before) => ({ ...before, status: { status: 'ended', reason, people: ['Studio'], durationMs: 1 } }));
    };
    rooms.push({
      meetingId,
      name,
      code,
      secret,
      end,
      count: (count) => {
        state.update((before) => ({ ...before, count }));
      },
    });
    return {
      state,
      entered: Promise.resolve(),
      setShown: () => undefined,
      showAll: () => undefined,
      encoding: () => ({ shared: 0, own: 0 }),
      onLevel: () => () => undefined,
      setMicrophone: () => Promise.resolve(),
      setCamera: () => Promise.resolve(),
      setScreen: () => Promise.resolve(),
      say: () => true,
      moderate: () => undefined,
      compare: () => undefined,
      judge: () => undefined,
      dismissAsked: () => undefined,
      dismissMoved: () => undefined,
      leave: () => {
        end('left');
      },
    };
  };
  const writer = openSettings(backend, (callback) => {
    callback();
    return () => undefined;
  });
  const app = createApp({ backend, settings: writer, openPreview, openRoom, prepareRoom: (target) => log.push(`prepare ${target.kind}`), calls: options.calls === false ? { possible: false, missing: ['frames'] } : { possible: true }, guestOrigin: null, secret: options.secret ?? null, seatBefore: options.seatBefore ?? null });
  return {
    app,
    log,
    open,
    hosted,
    settings,
    rooms,
    looks,
    accesses,
    get hostAnswer() {
      return it.hostAnswer;
    },
    set hostAnswer(answer) {
      it.hostAnswer = answer;
    },
  };
}

/** Lets everything that was promised happen. */
export const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
export const screenOf = (app: App): string => app.state.get().screen.at;

