import type { App } from '../src/app/model.ts';
import type { ChatMessage, EndReason, MediaProblem } from '../src/room/model.ts';
import { found, hostedMeeting, meeting, now, type FakeOptions } from './fakes.ts';
import { choose, enter, list, LONG, looked, names, people, type GalleryState } from './parts.ts';
import { trustStates } from './trust-states.ts';

const chat: ChatMessage[] = (
  [
    ['p1', 'Kitchen laptop', 'The second draft is on the shared screen now.', 0],
    ['p1', 'Kitchen laptop', 'Page two has the corridor.', 20],
    ['p0', 'Studio', 'Thank you. Can you make the lines a little thicker?', 60],
    ['p2', 'Workshop', 'https://192.168.1.31/plan-b.pdf is the other one, for comparison with the very long address that does not want to break: 0123456789012345678901234567890123456789', 400],
    ['p3', '', '我们可以把门移到左边吗？', 460],
  ] as const
).map(([from, name, text, seconds], index) => ({ id: `line-${index}`, from, name, text, self: from === 'p0', at: now + seconds * 1000, state: 'sent' }));

const host = (app: App): Promise<void> => app.host("Studio's meeting", 'open');
const failed = (problem: MediaProblem): { status: 'failed'; problem: MediaProblem } => ({ status: 'failed', problem });
const ended = (reason: EndReason, part: FakeOptions = {}): GalleryState => ({
  backend: { ...looked, ...part },
  room: { people: [], status: { status: 'ended', reason, people: reason === 'left' || reason === 'ended-by-host' ? names.slice(0, 5) : [], durationMs: reason === 'left' || reason === 'ended-by-host' ? 47 * 60_000 : 0 } },
  go: enter,
});

/** Every state that a screen can be in, by name. */
export const states: Record<string, GalleryState> = {
  'home-empty': {},
  'home-list': { backend: { meetings: list } },
  'home-own': { backend: { meetings: list, hosted: hostedMeeting({ participants: 2, portChanged: true, port: 4718 }) } },
  'home-interrupted': { backend: { meetings: list, interrupted: { meetingId: hostedMeeting().meetingId, title: "Studio's meeting" } } },
  'home-private': { backend: { meetings: [meeting(8, { title: '', host: '', participants: 4, locked: true }), ...list.slice(0, 1)] } },
  'home-long': { backend: { meetings: [meeting(9, { title: LONG, host: LONG, locked: true }), ...list, ...list.map((one, index) => ({ ...one, meetingId: `more-${index}` }))], settings: { name: LONG.slice(0, 64) } } },
  'home-blind': { backend: { discovery: { state: 'failed', message: '' }, notices: ['settings-corrupt'] } },
  'home-no-network': { backend: { discovery: { state: 'no-network' } } },
  'home-address-error': { backend: { look: 'unreachable', meetings: list.slice(0, 1) }, go: (app) => { app.setAddress('192.168.1.99:4717'); return app.joinByAddress(); } },
  'home-looking': { backend: { look: null }, go: (app) => { app.setAddress('workshop.local'); void app.joinByAddress(); } },
  'home-host-error': { backend: { hostFails: 'port-unavailable' }, go: host },
  'home-no-calls': { backend: { meetings: list }, calls: false },
  'home-node-lost': { backend: { meetings: list.slice(0, 2), kind: 'browser', node: 'lost' } },
  'settings': { backend: { meetings: list }, press: ['settings-button'] },
  'preview': { backend: looked, go: choose },
  'preview-window': { backend: looked, canRemoveEcho: false, go: choose },
  'preview-looking': { backend: { look: null }, preview: { camera: { status: 'starting' }, stream: null }, go: choose },
  'preview-first-use': { backend: { look: found({ title: LONG, names: names.slice(1), participants: 12 }, 'first-use') }, go: choose },
  'preview-denied': { backend: { ...looked, kind: 'browser' }, preview: { camera: failed('denied'), microphone: failed('busy'), stream: null, cameras: [] }, go: choose },
  'preview-no-devices': { backend: looked, preview: { camera: failed('no-device'), microphone: failed('no-device'), stream: null, cameras: [], microphones: [] }, go: choose },
  'preview-off': { backend: { look: found({ participants: 0, names: [] }) }, preview: { camera: { status: 'off' }, microphone: { status: 'off' }, stream: null }, go: choose },
  'preview-gone': { backend: { look: 'unreachable' }, go: choose },
  'preview-full': { backend: { look: found({ full: true }) }, go: choose },
  'preview-guest': { backend: { look: found(), kind: 'guest', settings: { name: '' } }, go: choose },
  'room-alone': { room: { people: people(1), title: "Studio's meeting", host: 'Studio', meetingId: hostedMeeting().meetingId }, go: host },
  'room-test-call': { room: { people: people(2, { 1: { name: 'Echo' } }), title: 'Test call', host: 'Studio', meetingId: hostedMeeting().meetingId }, go: (app) => app.testCall('Test call') },
  'room-2': { backend: looked, room: { people: people(2, { 1: { speaking: true } }) }, go: enter },
  'room-3': { backend: looked, room: { people: people(3, { 1: { speaking: true }, 2: { microphoneOn: false } }), chat }, go: enter },
  'room-5': { backend: looked, room: { people: people(5, { 1: { cameraOn: false, microphoneOn: false }, 3: { speaking: true }, 4: { name: LONG } }) }, go: enter },
  'room-9': { backend: looked, room: { people: people(9, { 4: { speaking: true }, 6: { cameraOn: false, name: '王小明' } }) }, go: enter },
  'room-16': { backend: looked, room: { people: people(16, { 3: { speaking: true }, 5: { cameraOn: false } }) }, go: enter },
  'room-speaker': { backend: looked, room: { people: people(5, { 3: { speaking: true } }) }, go: enter, press: ['layout-button'] },
  'room-left-out': { backend: looked, room: { people: people(9, { 4: { speaking: true } }), leftOutFrom: 7, more: { spared: { why: 'busy', pictures: 6 } } }, go: enter },
  'room-links': { backend: looked, room: { people: people(6, { 1: { link: 'connecting' }, 2: { link: 'reconnecting', speaking: false }, 3: { link: 'failed' }, 4: { away: true }, 5: { name: '', kind: 'guest', cameraOn: false } }) }, go: enter },
  'room-screen': { backend: looked, room: { people: people(4, { 1: { speaking: true } }), sharing: 1 }, go: enter },
  'room-screen-own': { backend: looked, room: { people: people(9), sharing: 0, chat }, go: enter, press: ['chat-button'] },
  'room-chat': { backend: looked, room: { people: people(4, { 2: { speaking: true } }), chat }, go: enter, press: ['chat-button'] },
  'room-chat-empty': { backend: looked, room: { people: people(3) }, go: enter, press: ['chat-button'] },
  'room-invite': { backend: looked, room: { people: people(3) }, go: enter, press: ['link-panel-button'] },
  'room-reconnecting': { backend: looked, room: { people: people(3), status: { status: 'reconnecting', hostLeft: false } }, go: enter },
  'room-joining': { backend: looked, room: { people: people(1), status: { status: 'joining' } }, go: enter },
  'room-trouble': { backend: { ...looked, kind: 'browser' }, room: { people: people(2, { 0: { cameraOn: false, microphoneOn: false } }), camera: failed('denied'), microphone: { status: 'off' } }, go: enter },
  'room-settings': { backend: looked, room: { people: people(3) }, go: enter, press: ['settings-button'] },
  'end-left': ended('left'),
  'end-by-host': ended('ended-by-host'),
  'end-own': { backend: {}, room: { people: people(3), title: "Studio's meeting", host: 'Studio', meetingId: hostedMeeting().meetingId }, go: host, press: ['leave-button'] },
  'end-unreachable': ended('unreachable'),
  'end-mismatch': ended('fingerprint-mismatch'),
  'end-false-host': ended('false-host'),
  'end-node-lost': ended('left', { kind: 'browser', node: 'lost' }),
  'handoff': { backend: { meetings: list }, calls: false, go: choose },
  'handoff-own': { calls: false, go: host },
  'handoff-error': { backend: { meetings: list, browserFails: 'no-browser' }, calls: false, go: choose, press: ['open-in-browser-button'] },
  'end-removed': ended('removed'),
  ...trustStates,
  'stuck-token': { stuck: 'no-token' },
  'stuck-node': { stuck: 'node-unreachable' },
};

