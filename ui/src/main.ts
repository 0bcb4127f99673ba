import '@fontsource-variable/atkinson-hyperlegible-next';
import './styles/base.css';

import { mount, unmount } from 'svelte';

import { createApp } from './app/app.ts';
import type { App } from './app/model.ts';
import { platformOf } from './shared/platform.ts';
import type { StuckReason } from './app/screen.ts';
import type { Backend } from './backend/backend.ts';
import { chooseBackend } from './backend/choose.ts';
import { readLaunch } from './backend/launch.ts';
import { setLanguage, t } from './i18n/index.ts';
import { mediaDevices, sortDevices } from './media/devices.ts';
import { usePlayers } from './media/players.ts';
import { openPreview } from './media/preview.ts';
import { Certificates } from './rtc/certificate.ts';
import type { Settings } from './protocol/generated/Settings.ts';
import { ChannelAhead } from './room/channel-ahead.ts';
import { EncoderAhead } from './room/encoder-ahead.ts';
import { Papers } from './room/papers.ts';
import { captureLimits, openRoom, pageStorage } from './room/open-room.ts';
import type { MeshDebug } from './rtc/debug.ts';
import { nativeCalls, type Native } from './rtc/native/install.ts';
import { resolveLanguage } from './settings/language.ts';
import { openSettings } from './settings/settings-writer.ts';
import { resolveTheme } from './settings/theme.ts';
import { dropSeat, peekSeat, type SeatBefore } from './signaling/stored-seat.ts';
import type { Calls } from './shared/calls.ts';
import { browserTimer } from './shared/timer.ts';
import AppView from './views/AppView.svelte';
import type { Environment } from './views/environment.ts';
import StartingView from './views/StartingView.svelte';
import StuckView from './views/StuckView.svelte';

/** The composition root: the only file that knows every part. Finds the node, puts the app together, shows it. */

declare global {
  interface Window {
    /** For consoles and tests: the links of the meeting that this page is in. Read only. */
    landlineDebug: MeshDebug | null;
  }
}

const SYSTEM_DARK = matchMedia('(prefers-color-scheme: dark)');

const environment: Omit<Environment, 'canRemoveEcho'> = {
  platform: platformOf(navigator.userAgent, navigator.maxTouchPoints),
  canShare: mediaDevices() !== undefined && 'getDisplayMedia' in MediaDevices.prototype,
  canChooseSpeaker: 'setSinkId' in HTMLMediaElement.prototype,
  listDevices: async () => sortDevices((await mediaDevices()?.enumerateDevices()) ?? []),
};

function applyAppearance({ language, theme }: Pick<Settings, 'language' | 'theme'>): void {
  const spoken = resolveLanguage(language, navigator.languages);
  document.documentElement.lang = spoken;
  document.documentElement.dataset['theme'] = resolveTheme(theme, SYSTEM_DARK.matches);
  setLanguage(spoken);
}

/** The tab says where we are: the meeting while we are in one. */
function followTitle(app: App): void {
  let stopRoom = (): void => undefined;
  app.state.subscribe(({ screen }) => {
    stopRoom();
    stopRoom = (): void => undefined;
    if (screen.at === 'room') {
      stopRoom = screen.room.state.subscribe(({ title }) => {
        document.title = `${title || screen.place.title || screen.place.host} · Landline`;
      });
    } else if (screen.at === 'preview' && screen.place.title !== '') {
      document.title = `${screen.place.title} · Landline`;
    } else {
      document.title = 'Landline';
    }
  });
}

function openApp(backend: Backend, calls: Calls): App {
  const settings = openSettings(backend, browserTimer);
  const limits = captureLimits();
  settings.settings.subscribe(applyAppearance);
  SYSTEM_DARK.addEventListener('change', () => {
    applyAppearance(settings.settings.get());
  });
  window.addEventListener('pagehide', () => {
    settings.flush();
  });
  const certificates = new Certificates();
  const encoder = new EncoderAhead();
  const ahead = new ChannelAhead(backend, browserTimer);
  let papers: Papers | null = null;
  /** The same until the next certificate is another one. */
  const papersFor = (meetingId: string): Papers => {
    const certificate = certificates.next();
    if (papers?.meetingId !== meetingId || papers.certificate !== certificate) papers = new Papers(meetingId, backend.signer(), certificate);
    return papers;
  };
  const app = createApp({
    backend,
    settings,
    openPreview: (now) => {
      certificates.prepare();
      let letGo = (): void => undefined;
      const preview = openPreview({
        settings: now,
        limits,
        onclosed: () => {
          letGo();
        },
      });
      letGo = encoder.prepare(preview);
      return preview;
    },
    prepareRoom: (target, meetingId) => {
      ahead.prepare(target, papersFor(meetingId));
    },
    openRoom: ({ place, meetingId, name, code, secret, preview }) => {
      const shown = papersFor(meetingId);
      void certificates.take();
      papers = null;
      return openRoom({
        backend,
        target: place.target,
        name,
        code,
        secret,
        preview,
        limits,
        papers: shown,
        shared: encoder.take(),
        ahead,
        expose: (debug) => {
          window.landlineDebug = debug;
        },
      });
    },
    calls,
    guestOrigin: backend.kind === 'guest' ? location.origin : null,
    secret: backend.kind === 'guest' ? readLaunch(location.hash).secret : null,
    seatBefore: seatBefore(),
  });
  followTitle(app);
  return app;
}

/** The seat that this page had before it was loaded anew. What is not gone back to is not left lying about. */
function seatBefore(): SeatBefore | null {
  const shelf = pageStorage();
  const before = peekSeat(shelf);
  if (before === null) dropSeat(shelf);
  return before;
}

/** Whether this window can carry calls. The app's engine stands in where the web view has no RTCPeerConnection. */
function callsOf(backend: Backend): Promise<Native> {
  return nativeCalls({ door: backend.welcome.engine ? () => backend.openEngine() : null });
}

async function start(target: HTMLElement): Promise<void> {
  window.landlineDebug = null;
  applyAppearance({ language: 'auto', theme: 'auto' });
  const starting = mount(StartingView, { target });
  const begun = await chooseBackend();
  const native = begun.status === 'ready' ? await callsOf(begun.backend) : null;
  await unmount(starting);
  if (native === null || begun.status === 'failed') {
    const why: StuckReason = begun.status === 'failed' ? begun.reason : 'app-broken';
    document.title = `${t.get().stuck[why].heading} · Landline`;
    mount(StuckView, { target, props: { why } });
    return;
  }
  if (native.players !== null) usePlayers(native.players);
  // What has our players is WebKitGTK, which removes none.
  const canRemoveEcho = native.players === null;
  mount(AppView, { target, props: { app: openApp(begun.backend, native.calls), environment: { ...environment, canRemoveEcho } } });
}

const target = document.getElementById('app');
if (target !== null) void start(target);
