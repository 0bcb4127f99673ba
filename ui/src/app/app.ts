import { BackendError, type Backend } from '../backend/backend.ts';
import type { FoundMeeting } from '../protocol/generated/FoundMeeting.ts';
import type { HostedMeeting } from '../protocol/generated/HostedMeeting.ts';
import type { Meeting } from '../protocol/generated/Meeting.ts';
import type { NodeErrorCode } from '../protocol/generated/NodeErrorCode.ts';
import type { Notice } from '../protocol/generated/Notice.ts';
import type { Settings } from '../protocol/generated/Settings.ts';
import type { Target } from '../protocol/generated/Target.ts';
import type { Preview, Room } from '../room/model.ts';
import type { SettingsWriter } from '../settings/settings-writer.ts';
import type { Calls, Missing } from '../shared/calls.ts';
import { writable, type Readable } from '../shared/store.ts';
import type { SeatBefore } from '../signaling/stored-seat.ts';
import { guestLink } from './guest-link.ts';
import { next, type Lookup, type Place, type Screen, type ScreenEvent } from './screen.ts';
import { countAlone, endTestCall, hostTestCall } from './test-call.ts';

/**
 * What the person does outside a meeting: hosts, chooses, looks, enters, comes back. Owns the screen and what it holds:
 * a preview is closed when its screen is left, unless a room took it; looking for meetings runs while home is shown.
 */
export interface App {
  readonly state: Readable<AppState>;
  readonly backend: Backend;
  readonly settings: SettingsWriter;
  /** Whether this window can carry calls. */
  readonly calls: boolean;
  /** What it lacks if it cannot. */
  readonly missing: readonly Missing[];

  setName(name: string): void;
  setAddress(address: string): void;
  /** Hosts a meeting and enters it at once. */
  host(title: string): Promise<void>;
  /** The same with a participant without a person, who gives back what one sends. */
  testCall(title: string): Promise<void>;
  endMeeting(): Promise<void>;
  /** Shows a meeting before it is entered. */
  choose(place: Place): void;
  /** Asks what is at the typed address; shows it if there is a meeting. */
  joinByAddress(): Promise<void>;
  /** Asks the host of the previewed meeting again. */
  lookAgain(): void;
  /** Enters the previewed meeting. */
  enter(): void;
  /** After the end: the preview of the same meeting. */
  rejoin(): void;
  goHome(): void;
  /** Does again what failed at home. */
  retry(): void;
  dismiss(): void;
  /** Opens a meeting in the browser, or the start page there. A preview or room of this window is left then: devices are needed there. */
  openInBrowser(place: Place | null): Promise<void>;
}

export interface AppState {
  screen: Screen;
  /** The address typed so far. */
  address: string;
  /** What is under way at home. */
  busy: Busy;
  problem: Problem | null;
  /** Said once, after something was mended. */
  notices: readonly Notice[];
}

export type Busy = 'nothing' | 'hosting' | 'looking' | 'ending' | 'opening-browser';

/** Something that did not work, with what to do about it. */
export interface Problem {
  code: NodeErrorCode;
  /** Whom the sentence is about: a host, or the address that was typed. */
  subject: string;
  again: Again;
}

export type Again =
  | { do: 'host'; title: string; testCall: boolean }
  | { do: 'end' }
  | { do: 'look-at-address' }
  | { do: 'open-in-browser'; place: Place | null };

export interface AppParts {
  backend: Backend;
  settings: SettingsWriter;
  openPreview(settings: Settings): Preview;
  openRoom(options: { place: Place; meetingId: string; name: string; preview: Preview }): Room;
  /** Whether RTCPeerConnection is there, the web view's own or ours on the engine. */
  calls: Calls;
  /** A guest's page: `https://address:port`. */
  guestOrigin: string | null;
  /** The seat that this page had before it was loaded anew. Kept only for a moment, so there is no time for a preview. */
  seatBefore: SeatBefore | null;
}

/** What it takes to enter a room. */
interface Entrance {
  place: Place;
  meetingId: string;
  name: string;
  preview: Preview;
  /** What the host said of itself, if it was asked. */
  found: FoundMeeting | null;
  /** The meeting, if it was hosted from this page just now. */
  hosted: HostedMeeting | null;
  testCall: boolean;
}

export function createApp(parts: AppParts): App {
  const { backend, settings } = parts;
  const { welcome } = backend;
  const state = writable<AppState>({
    screen: { at: 'starting' },
    address: '',
    busy: 'nothing',
    problem: null,
    notices: welcome.notices,
  });
  let stopWatching: (() => void) | null = null;
  /** The meeting that was hosted from this page: it ends when we leave it alone. */
  let startedHere: string | null = null;

  const change = (part: Partial<AppState>): void => {
    state.update((before) => ({ ...before, ...part }));
  };

  /** Moves on and gives back what the screen before held. Returns whether the event fitted. */
  const go = (event: ScreenEvent): boolean => {
    const before = state.get().screen;
    const after = next(before, event);
    if (after === before) return false;
    if (before.at === 'preview' && after.at !== 'room' && !(after.at === 'preview' && after.preview === before.preview)) {
      before.preview.close();
    }
    const watching = after.at === 'home' && backend.canHost;
    if (watching && stopWatching === null) stopWatching = backend.watch();
    if (!watching && stopWatching !== null) {
      stopWatching();
      stopWatching = null;
    }
    change({ screen: after });
    return true;
  };

  /** The name that others will see: typed, or the computer's. */
  const ownName = (): string => settings.settings.get().name.trim() || welcome.computerName.trim();

  const look = (place: Place): void => {
    backend.look(place.target).then(
      (found) => go({ type: 'lookup', place, lookup: { status: 'found', found } }),
      (error: unknown) => go({ type: 'lookup', place, lookup: { status: 'failed', code: codeOf(error) } }),
    );
  };

  const show = (place: Place, lookup: Lookup): void => {
    if (!parts.calls.possible) {
      go({ type: 'handed-off', place });
      return;
    }
    // A room is left only by its own end: do not take the devices for a preview that will not be shown.
    if (state.get().screen.at === 'room') return;
    go({ type: 'chosen', place, preview: parts.openPreview(settings.settings.get()), lookup });
  };

  const enterRoom = ({ place, meetingId, name, preview, found, hosted, testCall }: Entrance): void => {
    const room = parts.openRoom({ place, meetingId, name, preview });
    const link = guestLink({
      place,
      found,
      hosted: hosted ?? backend.hosted.get(),
      meetings: backend.meetings.get(),
      guestOrigin: parts.guestOrigin,
    });
    const own = hosted !== null || found?.own === true;
    const awake = backend.keepAwake();
    go({ type: 'entered', place, link, room, testCall });
    let lastCount = 1;
    const stop = room.state.subscribe((now) => {
      if (now.status.status !== 'ended') {
        lastCount = now.count;
        return;
      }
      // `subscribe` calls at once, before `stop` exists.
      queueMicrotask(() => {
        stop();
      });
      awake();
      const { reason, people, durationMs } = now.status;
      const title = now.title || place.title;
      const host = now.host || place.host;
      go({ type: 'ended', room, end: { reason, people, durationMs, title, host, own } });
      if (testCall) endTestCall(backend);
      if (reason === 'left' && startedHere === meetingId && lastCount <= countAlone(testCall)) void endMeeting();
    });
  };

  const host = async (title: string, testCall: boolean): Promise<void> => {
    if (state.get().busy !== 'nothing') return;
    change({ busy: 'hosting', problem: null });
    try {
      const hosted = await (testCall ? hostTestCall(backend, title, ownName()) : backend.host(title.trim(), ownName(), 'open'));
      const place = placeOfHosted(hosted);
      startedHere = hosted.meetingId;
      const { meetingId } = hosted;
      if (parts.calls.possible) {
        const preview = parts.openPreview(settings.settings.get());
        enterRoom({ place, meetingId, name: ownName(), preview, found: null, hosted, testCall });
      } else go({ type: 'handed-off', place });
      change({ busy: 'nothing' });
    } catch (error) {
      change({ busy: 'nothing', problem: { code: codeOf(error), subject: '', again: { do: 'host', title, testCall } } });
    }
  };

  const endMeeting = async (): Promise<void> => {
    change({ busy: 'ending', problem: null });
    try {
      await backend.endMeeting();
      startedHere = null;
      change({ busy: 'nothing' });
    } catch (error) {
      change({ busy: 'nothing', problem: { code: codeOf(error), subject: '', again: { do: 'end' } } });
    }
  };

  const joinByAddress = async (): Promise<void> => {
    const text = state.get().address.trim();
    if (state.get().busy !== 'nothing') return;
    const again: Again = { do: 'look-at-address' };
    if (text === '') {
      change({ problem: { code: 'bad-address', subject: text, again } });
      return;
    }
    change({ busy: 'looking', problem: null });
    const target: Target = { kind: 'address', text };
    try {
      const found = await backend.look(target);
      change({ busy: 'nothing' });
      if (state.get().screen.at !== 'home') return;
      show({ target, title: found.summary.title, host: found.summary.host }, { status: 'found', found });
    } catch (error) {
      change({ busy: 'nothing', problem: { code: codeOf(error), subject: shortened(text), again } });
    }
  };

  const openInBrowser = async (place: Place | null): Promise<void> => {
    if (state.get().busy !== 'nothing') return;
    change({ busy: 'opening-browser', problem: null });
    try {
      await backend.openInBrowser(place?.target ?? null);
      change({ busy: 'nothing' });
      const { screen } = state.get();
      if (screen.at === 'preview') go({ type: 'went-home' });
      if (screen.at === 'room') {
        // It goes on there, even if we were alone here.
        startedHere = null;
        screen.room.leave();
      }
    } catch (error) {
      const again: Again = { do: 'open-in-browser', place };
      change({ busy: 'nothing', problem: { code: codeOf(error), subject: '', again } });
    }
  };

  const choose = (place: Place): void => {
    if (state.get().screen.at === 'room') return;
    change({ problem: null });
    show(place, { status: 'looking' });
    if (parts.calls.possible) look(place);
  };

  const app: App = {
    state,
    backend,
    settings,
    calls: parts.calls.possible,
    missing: parts.calls.possible ? [] : parts.calls.missing,
    setName: (name) => {
      settings.change({ name });
    },
    setAddress: (address) => {
      const { problem } = state.get();
      change({ address, problem: problem?.again.do === 'look-at-address' ? null : problem });
    },
    host: (title) => host(title, false),
    testCall: (title) => host(title, true),
    endMeeting,
    choose,
    joinByAddress,
    lookAgain: () => {
      const { screen } = state.get();
      if (screen.at !== 'preview') return;
      go({ type: 'lookup', place: screen.place, lookup: { status: 'looking' } });
      look(screen.place);
    },
    enter: () => {
      const { screen } = state.get();
      if (screen.at !== 'preview' || screen.lookup.status !== 'found') return;
      const { microphone, camera } = screen.preview.state.get();
      settings.change({ microphoneOn: microphone.status !== 'off', cameraOn: camera.status !== 'off' });
      const { place, preview } = screen;
      const { found } = screen.lookup;
      enterRoom({ place, meetingId: found.summary.meetingId, name: ownName(), preview, found, hosted: null, testCall: false });
    },
    rejoin: () => {
      const { screen } = state.get();
      if (screen.at === 'ended') choose(screen.place);
    },
    goHome: () => {
      change({ problem: null });
      go({ type: 'went-home' });
    },
    retry: () => {
      const again = state.get().problem?.again;
      if (again === undefined) return;
      switch (again.do) {
        case 'host':
          return void host(again.title, again.testCall);
        case 'end':
          return void endMeeting();
        case 'look-at-address':
          return void joinByAddress();
        case 'open-in-browser':
          return void openInBrowser(again.place);
      }
    },
    dismiss: () => {
      change({ problem: null, notices: [] });
    },
    openInBrowser,
  };

  /** Straight back into the room, with nothing on that was off. */
  const goBack = ({ meetingId, target, name, media }: SeatBefore): void => {
    const { microphone: microphoneOn, camera: cameraOn } = media;
    const preview = parts.openPreview({ ...settings.settings.get(), microphoneOn, cameraOn });
    enterRoom({ place: placeOfTarget(target, backend), meetingId, name, preview, found: null, hosted: null, testCall: false });
  };

  const { open } = welcome;
  if (parts.seatBefore !== null && parts.calls.possible) goBack(parts.seatBefore);
  else if (open === null) go({ type: 'went-home' });
  else choose(placeOfTarget(open, backend));
  let told = open;
  backend.open.subscribe((target) => {
    if (target === null || sameTarget(target, told)) return;
    told = target;
    choose(placeOfTarget(target, backend));
  });
  return app;
}

export function placeOf(meeting: Meeting): Place {
  return { target: { kind: 'meeting', meetingId: meeting.meetingId }, title: meeting.title, host: meeting.host };
}

export function placeOfHosted(hosted: HostedMeeting): Place {
  return { target: { kind: 'meeting', meetingId: hosted.meetingId }, title: hosted.title, host: hosted.host };
}

function placeOfTarget(target: Target, backend: Backend): Place {
  const hosted = backend.hosted.get() ?? backend.welcome.hosted;
  if (target.kind === 'meeting' && hosted?.meetingId === target.meetingId) return placeOfHosted(hosted);
  return { target, title: '', host: target.kind === 'address' ? shortened(target.text) : '' };
}

function sameTarget(a: Target, b: Target | null): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** A link names its fingerprint after `#`: too long for a sentence. */
function shortened(address: string): string {
  return address.replace(/^https?:\/\//, '').replace(/\/?#.*$/, '');
}

function codeOf(error: unknown): NodeErrorCode {
  if (error instanceof BackendError) return error.code;
  console.error('unexpected failure', error);
  return 'internal';
}
