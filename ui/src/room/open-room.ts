import type { Backend } from '../backend/backend.ts';
import { DEFAULT_LIMITS, parseCapture, type CaptureLimits } from '../media/constraints.ts';
import { LocalTracks } from '../media/local-tracks.ts';
import { takeOver } from '../media/preview.ts';
import type { Settings } from '../protocol/generated/Settings.ts';
import type { Target } from '../protocol/generated/Target.ts';
import { meshDebug, type MeshDebug } from '../rtc/debug.ts';
import { efficientCodecs } from '../rtc/codec-costs.ts';
import { Mesh } from '../rtc/mesh.ts';
import { observeCameras } from '../rtc/send/observe-cameras.ts';
import type { SharedCamera } from '../rtc/send/shared/shared-camera.ts';
import { Sending } from '../rtc/send/sending.ts';
import { Stats } from '../rtc/stats.ts';
import { browserTimer } from '../shared/timer.ts';
import { openSeat } from '../signaling/seat.ts';
import { Assurance } from './assurance.ts';
import { Between } from './between/between.ts';
import { SeatWays } from './between/seat-ways.ts';
import { Entering } from './entering.ts';
import { introducer } from './introduce.ts';
import { Lines } from './lines.ts';
import { Meeting } from './meeting.ts';
import type { Preview, Room } from './model.ts';
import type { Papers } from './papers.ts';
import { sendingBudget, viewingBudget } from './viewing/budget.ts';
import { LoadWatch } from './viewing/load.ts';
import { FULL } from './viewing/governor.ts';
import { Viewing } from './viewing/viewing.ts';
import { pageVisible } from './viewing/visible.ts';

/** Puts a room together: seat, links, devices. The only place that knows all of them. */
export interface RoomOptions {
  backend: Backend;
  target: Target;
  /** As others see it; empty for none. */
  name: string;
  /** The code that the person typed, if the meeting needs one. */
  code: string | null;
  /** The secret of a guest link. */
  secret: string | null;
  /** Its devices go on in the room without being opened anew. */
  preview: Preview;
  limits: CaptureLimits;
  /** Opens the connection to the room, or has it open already. */
  ahead: Pick<Backend, 'openChannel' | 'node'>;
  /** The encoder for all links, which is the room's from now on; null where every link has its own. */
  shared: SharedCamera | null;
  /** The room's from now on, with the certificate of its links. */
  papers: Papers;
  /** Gets the read-only view of the links for consoles and tests, and null when the room has ended. */
  expose?: (debug: MeshDebug | null) => void;
}

export function openRoom(options: RoomOptions): Room {
  const { backend, target, name, code, secret, preview, limits, ahead, shared, papers, expose } = options;
  const { meetingId, signer, certificate } = papers;
  const settings = backend.settings.get();
  const kind = backend.kind === 'guest' ? 'guest' : 'app';
  const tracks = takeOver(preview) ?? reopened(settings, limits);
  const { microphone, camera } = tracks.state.get();
  let certificates: readonly RTCCertificate[] = [];
  certificate.then(
    (made) => (certificates = made.certificates),
    () => undefined,
  );
  const now = (): number => performance.now();
  // Over one line frames go one way: through somebody for whom we pass frames on there is none for us.
  const mayPassOn = (id: string): boolean => mesh.lineTo(id) !== null && !between.passesOnFor(id);
  const seatWays = new SeatWays({
    backend: ahead,
    apps: () => mesh.peers.get().flatMap(({ id, kind: of }) => (of === 'app' && mayPassOn(id) ? [id] : [])),
    lineTo: (id) => mesh.lineTo(id),
    setTimer: browserTimer,
    now,
  });
  const entering = new Entering(browserTimer);
  let undecided = (): void => undefined;
  let efficient: ReadonlySet<string> = new Set();
  void efficientCodecs().then((codecs) => (efficient = codecs));
  const mesh = new Mesh({
    meetingId,
    shared,
    certificates: () => certificates,
    efficient: () => efficient,
    onundecided: () => {
      undecided();
    },
    iceServers: settings.iceServers,
    send: (to, type, data) => {
      between.signal(to, type, data);
      if (type === 'answer') entering.answered(to);
      else if (type === 'ice-candidate') entering.addressed(to);
    },
    onheard: (from, heard) => {
      between.heard(from, heard);
      viewing?.heard(from, heard);
    },
  });
  const seat = openSeat({
    backend: seatWays,
    target,
    meetingId,
    name,
    kind,
    ...(kind === 'guest' && { elsewhere: () => seatWays.elsewhere }),
    media: { microphone: microphone.status === 'on', camera: camera.status === 'on', screen: false },
    code,
    introduce: introducer({
      papers,
      secret,
      code: backend.kind === 'guest' ? code : null,
      setTimer: browserTimer,
    }),
    storage: pageStorage(),
    now,
    random: Math.random,
    setTimer: browserTimer,
    page: window,
  });
  const between = new Between({
    meetingId,
    mesh,
    seat,
    signer,
    certificate,
    seatWays,
    carries: kind === 'app',
    openChannel: () => backend.openChannel({ kind: 'meeting', meetingId }, null),
    now,
  });
  const stopEntering = seat.state.subscribe(({ status }) => {
    // Who is there is known in the same task.
    if (status === 'joined') queueMicrotask(() => { entering.joined(mesh.peers.get().flatMap(({ id, away }) => (away ? [] : [id]))); });
    else if (status !== 'joining') entering.end();
  });
  const cores = navigator.hardwareConcurrency;
  let viewing: Viewing | null = null;
  const sending = new Sending({
    links: () => mesh.links(),
    outgoing: () => mesh.outgoing,
    budget: (range) => sendingBudget(cores, viewing?.level ?? FULL, range),
    shared,
    setTimer: browserTimer,
    now,
  });
  between.onviews = (from, views) => {
    sending.heard(from, views);
  };
  between.onlimit = (from, bitrate) => {
    sending.limited(from, bitrate);
  };
  const governed = isGoverned();
  const load = new LoadWatch(cores, (id) => viewing?.isSteady(id) ?? true, (seen) => {
    if (governed) viewing?.watch(seen);
  });
  const stats = new Stats(() => mesh.links(), {
    report: (id, report, sources, at) => {
      const happened = sending.read(id, report, sources, at);
      if (happened !== null) load.link(id, happened);
    },
    round: (samples) => {
      viewing?.arrived(samples);
      if (shared === null) load.round();
      else void observeCameras(shared, mesh.links(), samples, load);
    },
  });
  undecided = () => {
    sending.changedNow();
  };
  const stopSending = mesh.peers.subscribe(() => {
    sending.changed();
  });
  expose?.(meshDebug(mesh, stats, sending));

  let stopSettings: () => void = () => undefined;
  let networks = backend.networks.get();
  const stopNetworks = backend.networks.subscribe((count) => {
    if (count !== networks) mesh.networksChanged();
    networks = count;
  });
  const onhide = (): void => {
    room.pageHidden();
  };
  const room: Meeting = new Meeting({
    meetingId,
    name,
    kind,
    seat,
    mesh,
    between,
    assurance: (onchange) =>
      new Assurance({
        meetingId,
        signer,
        certificate,
        send: (data) => {
          seat.send({ action: 'verify', data });
        },
        meet: (people) => backend.meet(meetingId, people),
        setTimer: browserTimer,
        now: () => performance.now(),
        onchange,
      }),
    lines: (onchange) =>
      new Lines({
        meetingId,
        signer,
        send: (message) => {
          seat.send(message);
          if (message.action === 'chat') between.say(message);
        },
        onchange,
      }),
    sending,
    viewing: (onchange) => {
      viewing = new Viewing({
        peers: mesh.peers,
        lineTo: (id) => mesh.lineTo(id),
        most: viewingBudget(cores),
        visible: pageVisible(document),
        encoded: (face) => sending.pixelsAt(face),
        setTimer: browserTimer,
        now,
        onchange: () => {
          tracks.setThinOwn(viewing?.level.thinOwn === true);
          sending.changed();
          onchange();
        },
      });
      return viewing;
    },
    encoding: () => {
      const ways = [...mesh.links().values()].map(({ camera }) => camera?.way);
      return { shared: ways.filter((way) => way === 'shared').length, own: ways.filter((way) => way === 'own').length };
    },
    entered: entering.done,
    tracks,
    speakerId: settings.speakerId,
    onended: () => {
      stopEntering();
      load.close();
      sending.close();
      stopSending();
      stats.close();
      shared?.close();
      certificate.then(
        ({ release }) => {
          release();
        },
        () => undefined,
      );
      stopSettings();
      stopNetworks();
      window.removeEventListener('pagehide', onhide);
      expose?.(null);
    },
  });
  window.addEventListener('pagehide', onhide);
  stopSettings = followSettings(backend, settings, tracks, room);
  return room;
}

/** Settings changed during the call take effect at once; what did not change is left alone. */
function followSettings(backend: Backend, first: Settings, tracks: LocalTracks, room: Meeting): () => void {
  let before = first;
  return backend.settings.subscribe((settings) => {
    const changed = CAPTURE_KEYS.some((key) => settings[key] !== before[key]);
    if (changed) void tracks.apply(settings);
    if (settings.speakerId !== before.speakerId) room.setSpeaker(settings.speakerId);
    before = settings;
  });
}

const CAPTURE_KEYS = ['microphoneId', 'cameraId', 'echoCancellation', 'noiseSuppression', 'autoGainControl'] as const;

function reopened(settings: Settings, limits: CaptureLimits): LocalTracks {
  const tracks = new LocalTracks(settings, limits);
  void tracks.open({ microphone: settings.microphoneOn, camera: settings.cameraOn });
  return tracks;
}

/** Pages may be forbidden to store anything. */
export function pageStorage(): Storage | null {
  try {
    return window.sessionStorage;
  } catch {
    return null;
  }
}

/** Whether less is shown and sent while the computer does not keep up. Not where this browser was told `off` in `localStorage`, key `landline.governor`. */
function isGoverned(): boolean {
  try {
    return window.localStorage.getItem('landline.governor') !== 'off';
  } catch {
    return true;
  }
}

/** The limits that this browser was told in `localStorage`, key `landline.capture`, like `320x180@30`. */
export function captureLimits(): CaptureLimits {
  try {
    return parseCapture(window.localStorage.getItem('landline.capture')) ?? DEFAULT_LIMITS;
  } catch {
    return DEFAULT_LIMITS;
  }
}
