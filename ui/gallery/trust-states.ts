import type { App } from '../src/app/model.ts';
import type { Knock } from '../src/protocol/generated/Knock.ts';
import type { EndReason } from '../src/room/model.ts';
import { accessOf, CODE, found, hostedMeeting, type FakeOptions, type FakeRoom } from './fakes.ts';
import { choose, enter, LONG, looked, people, type GalleryState } from './parts.ts';

/** Who comes in, who may do what, who is who: every state of it. */

const knocks: Knock[] = [
  { id: 1, name: 'Sena', kind: 'app', key: 'k1' },
  { id: 2, name: LONG, kind: 'guest', key: 'k2' },
  { id: 3, kind: 'app' },
];
const crowd = people(6, {
  0: { role: 'host' },
  1: { role: 'co-host', standing: 'verified', met: 12 },
  2: { microphoneOn: false, screenOn: true, met: 1 },
  3: { standing: 'unproven', kind: null, cameraOn: false },
  4: { name: LONG, nameOfAnother: true },
  5: { standing: 'refused', link: 'failed', microphoneOn: false },
});

/** As its host, in the meeting. */
const hosting = (more: FakeRoom['more'], part: Partial<FakeRoom> = {}, press: string[] = []): GalleryState => ({
  room: { people: crowd, title: "Studio's meeting", host: 'Studio', meetingId: hostedMeeting().meetingId, more: { role: 'host', ...more }, ...part },
  go: (app) => app.host("Studio's meeting", 'code'),
  press,
});
const inRoom = (more: FakeRoom['more'], part: Partial<FakeRoom> = {}, press: string[] = [], backend: FakeOptions = {}): GalleryState => ({
  backend: { ...looked, ...backend },
  room: { people: people(4), more: { ...more }, ...part },
  go: enter,
  press,
});
/** In the preview again, after the room did not let us in. */
const refused = (reason: EndReason, access: 'code' | 'lobby' | 'locked', backend: FakeOptions = {}): GalleryState => ({
  backend: { look: found({ access, locked: true }), ...backend },
  room: { people: [], status: { status: 'ended', reason, people: [], durationMs: 0 } },
  go: enter,
});
const door = (access: 'code' | 'lobby' | 'locked', backend: FakeOptions = {}): GalleryState => ({ backend: { look: found({ access, locked: true }), ...backend }, go: choose });
const code = (part: { current?: boolean; compared?: boolean } = {}): { status: 'code'; code: readonly number[]; current: boolean; compared: boolean } => ({
  status: 'code',
  code: CODE,
  current: true,
  compared: false,
  ...part,
});
const verified = people(4, { 1: { standing: 'verified' }, 2: { standing: 'verified' }, 3: { standing: 'verified' } });
const openApp = async (app: App): Promise<void> => {
  app.setAccess('code');
  await Promise.resolve();
};

export const trustStates: Record<string, GalleryState> = {
  'home-access-code': { go: openApp },
  'preview-code': door('code'),
  'preview-code-guest': door('code', { kind: 'guest', settings: { name: '' } }),
  'preview-code-short': { ...door('code'), press: ['join-button'] },
  'preview-code-wrong': refused('wrong-code', 'code'),
  'preview-code-tries': refused('too-many-tries', 'code'),
  'preview-code-not-admitted': refused('not-admitted', 'code'),
  'preview-lobby': door('lobby'),
  'preview-lobby-not-admitted': refused('not-admitted', 'lobby'),
  'preview-locked': door('locked'),
  'waiting': inRoom({}, { people: people(1), status: { status: 'waiting' } }),
  'waiting-long': inRoom({}, { people: people(1, { 0: { cameraOn: false, microphoneOn: false } }), status: { status: 'waiting' }, host: LONG, title: LONG }),
  'room-people-host': hosting({ access: accessOf('code'), knocks }, {}, ['people-button']),
  'room-people-menu': hosting({ access: accessOf('lobby') }, {}, ['people-button', 'person-menu-p2']),
  'room-people-co-host': hosting({ role: 'co-host', access: accessOf('open'), knocks: knocks.slice(0, 1) }, { people: people(3, { 0: { role: 'co-host' }, 1: { role: 'host' }, 2: { microphoneOn: false } }) }, ['people-button', 'person-menu-p2']),
  'room-people-participant': inRoom({}, { people: people(6, { 1: { role: 'host', standing: 'verified', met: 3 }, 2: { role: 'co-host' }, 3: { standing: 'unproven' }, 4: { away: true } }) }, ['people-button']),
  'room-people-remove': hosting({ access: accessOf('code') }, {}, ['people-button', 'person-menu-p4', 'remove-p4']),
  'room-knock': hosting({ access: accessOf('lobby'), knocks: knocks.slice(0, 1) }),
  'room-knock-long': hosting({ access: accessOf('lobby'), knocks: knocks.slice(1) }),
  'room-invite-code': hosting({ access: accessOf('code') }, {}, ['link-panel-button']),
  'room-moved': inRoom({ moved: { host: 'Kitchen laptop', link: null } }),
  'room-moved-guest': inRoom({ moved: { host: LONG, link: 'https://192.168.1.20:47001/#m=0&fp=0' } }),
  'room-asked-mute': inRoom({ asked: { request: 'mute', by: 'Kitchen laptop' } }, { microphone: { status: 'off' } }),
  'room-asked-unmute': inRoom({ asked: { request: 'unmute', by: LONG } }, { microphone: { status: 'off' } }),
  'room-asked-stop-share': inRoom({ asked: { request: 'stop-share', by: 'Kitchen laptop' } }),
  'compare': inRoom({ code: code() }, {}, ['code-button']),
  'compare-alone': inRoom({ code: { status: 'none' } }, { people: people(1) }, ['code-button']),
  'compare-agreeing': inRoom({ code: { status: 'agreeing', missing: [] } }, {}, ['code-button']),
  'compare-agreeing-named': inRoom({ code: { status: 'agreeing', missing: ['Workshop', LONG] } }, {}, ['code-button']),
  'compare-changed': inRoom({ code: code({ current: false }) }, {}, ['code-button']),
  'compare-compared': inRoom({ code: code({ compared: true }) }, { people: verified }, ['code-button']),
  'compare-new': inRoom({ code: code() }, { people: [...verified, { name: 'Library' }] }, ['code-button']),
  'compare-unverifiable': inRoom({ code: code(), unverifiable: ['Front desk', ''] }, { people: people(4, { 3: { standing: 'unproven' } }) }, ['code-button']),
  'compare-guest': inRoom({ code: code() }, {}, ['code-button'], { kind: 'guest' }),
  'room-compared': inRoom({ code: code({ compared: true }) }, { people: verified }),
  'room-new': inRoom({ code: code() }, { people: [...verified, { name: 'Library' }] }),
  'room-mismatch': inRoom({ code: code(), mismatch: 'Kitchen laptop' }),
  'compare-mismatch-own': inRoom({ code: code() }, {}, ['code-button', 'codes-differ']),
  'end-refused-later': { backend: looked, room: { people: [], status: { status: 'ended', reason: 'removed', people: ['Studio', 'Workshop'], durationMs: 61_000 } }, go: enter },
};
