import { BackendError } from '../backend/backend.ts';
import { secretOfLink } from '../backend/launch.ts';
import type { AccessMode } from '../protocol/generated/AccessMode.ts';
import type { FoundMeeting } from '../protocol/generated/FoundMeeting.ts';
import type { HostedMeeting } from '../protocol/generated/HostedMeeting.ts';
import type { NodeErrorCode } from '../protocol/generated/NodeErrorCode.ts';
import type { Target } from '../protocol/generated/Target.ts';
import { writable } from '../shared/store.ts';
import type { SeatBefore } from '../signaling/stored-seat.ts';
import { doorOf, refusalOf, secretAfter } from './door.ts';
import { guestLink } from './guest-link.ts';
import type { Again, App, AppParts, AppState, RoomWish } from './model.ts';
import { placeFound, placeOfHosted, placeOfTarget, sameTarget, shortened } from './places.ts';
import { next, type Lookup, type Place, type ScreenEvent } from './screen.ts';
import { countAlone, endTestCall, hostTestCall } from './test-call.ts';

/** What it takes to enter a room. */
interface Entrance extends RoomWish {
  /** What the host said of itself, if it was asked. */
  found: FoundMeeting | null;
  /** The meeting, if it was hosted from this page just now. */
  hosted: HostedMeeting | null;
  testCall: boolean;
}

/** Meetings that are remembered as known: more than anybody goes in and out of. */
const MAX_KNOWN = 32;

export function createApp(parts: AppParts): App {
  const { backend, settings } = parts;
  const { welcome } = backend;
  const state = writable<AppState>({
    screen: { at: 'starting' },
    address: '',
    access: 'open',
    privately: false,
    interrupted: welcome.interrupted,
    known: [],
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

  /** What the link that led to a meeting carries: a pasted one, or the one that a guest's page was opened with. */
  const secretOf = (target: Target): string | null => (target.kind === 'address' ? secretOfLink(target.text) : parts.secret);

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
    go({ type: 'chosen', place, preview: parts.openPreview(settings.settings.get()), lookup, secret: secretOf(place.target) });
  };

  /** Whether a meeting knows us: it let us in, and did not refuse us since. */
  const setKnown = (meetingId: string, known: boolean): void => {
    const others = state.get().known.filter((id) => id !== meetingId);
    change({ known: known ? [...others.slice(1 - MAX_KNOWN), meetingId] : others });
  };

  const enterRoom = (entrance: Entrance): void => {
    const { place, meetingId, secret, found, hosted, testCall } = entrance;
    const room = parts.openRoom(entrance);
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
    let wasIn = false;
    const stop = room.state.subscribe((now) => {
      if (now.status.status !== 'ended') {
        lastCount = now.count;
        if (now.status.status === 'joined' && !wasIn) {
          wasIn = true;
          setKnown(meetingId, true);
        }
        return;
      }
      // `subscribe` calls at once, before `stop` exists.
      queueMicrotask(() => {
        stop();
      });
      awake();
      const { reason, people, durationMs } = now.status;
      const refusal = refusalOf(reason);
      if (refusal !== null || reason === 'removed') setKnown(meetingId, false);
      if (refusal !== null && !wasIn) {
        go({ type: 'refused', room, preview: parts.openPreview(settings.settings.get()), secret: secretAfter(secret, refusal), refusal });
        look(place);
        return;
      }
      const title = now.title || place.title;
      const host = now.host || place.host;
      go({ type: 'ended', room, end: { reason, people, durationMs, title, host, own } });
      if (testCall) endTestCall(backend);
      if (reason === 'left' && startedHere === meetingId && lastCount <= countAlone(testCall)) void endMeeting();
    });
  };

  /** Goes into the meeting that was just opened here. */
  const enterOwn = (hosted: HostedMeeting, testCall: boolean): void => {
    const place = placeOfHosted(hosted);
    startedHere = hosted.meetingId;
    const { meetingId } = hosted;
    if (parts.calls.possible) {
      const preview = parts.openPreview(settings.settings.get());
      enterRoom({ place, meetingId, name: ownName(), code: null, secret: null, preview, found: null, hosted, testCall });
    } else go({ type: 'handed-off', place });
  };

  const open = async (again: Again, opening: () => Promise<HostedMeeting>, testCall: boolean): Promise<boolean> => {
    if (state.get().busy !== 'nothing') return false;
    change({ busy: 'hosting', problem: null });
    try {
      // What was interrupted is over for good as soon as there is another meeting.
      const hosted = await opening();
      change({ busy: 'nothing', interrupted: null });
      enterOwn(hosted, testCall);
      return true;
    } catch (error) {
      change({ busy: 'nothing', problem: { code: codeOf(error), subject: '', again } });
      return false;
    }
  };

  const host = async (title: string, access: AccessMode, testCall: boolean): Promise<void> => {
    const { privately } = state.get();
    const opening = (): Promise<HostedMeeting> =>
      testCall ? hostTestCall(backend, title, ownName()) : backend.host(title.trim(), ownName(), access, privately);
    await open({ do: 'host', title, access, testCall }, opening, testCall);
  };

  const hostAgain = async (): Promise<void> => {
    const opened = await open({ do: 'host-again' }, () => backend.hostAgain(), false);
    // Another computer has it: the list is the way in.
    if (!opened && state.get().problem?.code === 'already-hosting') change({ interrupted: null });
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
    setAccess: (access) => {
      change({ access });
    },
    setPrivate: (privately) => {
      change({ privately });
    },
    hostAgain,
    forgetInterrupted: () => {
      change({ interrupted: null });
      backend.forgetMeeting().catch((error: unknown) => {
        console.error('the interrupted meeting is offered again next time', error);
      });
    },
    host: (title, access) => host(title, access, false),
    testCall: (title) => host(title, 'open', true),
    endMeeting,
    choose,
    joinByAddress,
    lookAgain: () => {
      const { screen } = state.get();
      if (screen.at !== 'preview') return;
      go({ type: 'lookup', place: screen.place, lookup: { status: 'looking' } });
      look(screen.place);
    },
    aboutToEnter: () => {
      const { screen, known } = state.get();
      if (screen.at !== 'preview' || screen.lookup.status !== 'found') return;
      const { found } = screen.lookup;
      // A code is proven while the connection is made, so none can be made before it is typed.
      if (doorOf(found, { secret: screen.secret, known: known.includes(found.summary.meetingId) }) === 'code') return;
      parts.prepareRoom(placeFound(screen.place, found).target, found.summary.meetingId);
    },
    enter: (code) => {
      const { screen } = state.get();
      if (screen.at !== 'preview' || screen.lookup.status !== 'found') return;
      const { microphone, camera } = screen.preview.state.get();
      settings.change({ microphoneOn: microphone.status !== 'off', cameraOn: camera.status !== 'off' });
      const { preview, secret } = screen;
      const { found } = screen.lookup;
      const { meetingId } = found.summary;
      const place = placeFound(screen.place, found);
      enterRoom({ place, meetingId, name: ownName(), code, secret, preview, found, hosted: null, testCall: false });
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
          return void host(again.title, again.access, again.testCall);
        case 'host-again':
          return void hostAgain();
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
    const place = placeOfTarget(target, backend);
    enterRoom({ place, meetingId, name, code: null, secret: secretOf(target), preview, found: null, hosted: null, testCall: false });
  };

  const toOpen = welcome.open;
  if (parts.seatBefore !== null && parts.calls.possible) goBack(parts.seatBefore);
  else if (toOpen === null) go({ type: 'went-home' });
  else choose(placeOfTarget(toOpen, backend));
  let told = toOpen;
  backend.open.subscribe((target) => {
    if (target === null || sameTarget(target, told)) return;
    told = target;
    choose(placeOfTarget(target, backend));
  });
  return app;
}

function codeOf(error: unknown): NodeErrorCode {
  if (error instanceof BackendError) return error.code;
  console.error('unexpected failure', error);
  return 'internal';
}
