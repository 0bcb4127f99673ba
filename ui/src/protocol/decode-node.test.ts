import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { decodeNodeFrame, nodeError } from './decode-node.ts';
import { defaultSettings } from './default-settings.ts';
import type { HostedMeeting } from './generated/HostedMeeting.ts';
import type { MeetingSummary } from './generated/MeetingSummary.ts';
import type { NodeFrame } from './generated/NodeFrame.ts';

const hosted: HostedMeeting = {
  meetingId: 'm',
  title: 'Weekly',
  host: 'Ada',
  guestUrls: ['https://192.0.2.7:47000/#m=m&fp=00'],
  fingerprint: '00',
  port: 47000,
  participants: 1,
  portChanged: false,
  startedAt: 1,
  access: { mode: 'code', code: '482913', secret: 'c2VjcmV0' },
  private: true,
};
const summary: MeetingSummary = {
  v: 1,
  meetingId: 'm',
  title: 'Weekly',
  host: 'Ada',
  participants: 1,
  names: ['Ada'],
  locked: false,
  access: 'open',
  full: false,
  startedAt: 1,
};
const meeting = {
  meetingId: 'm',
  title: 'Weekly',
  host: 'Ada',
  participants: 1,
  locked: false,
  addresses: ['192.0.2.7'],
  port: 47000,
  fingerprint: '00',
  startedAt: 1,
  own: false,
};

const frames: NodeFrame[] = [
  { frame: 'reply', id: 1, reply: { is: 'done' } },
  {
    frame: 'reply',
    id: 2,
    reply: {
      is: 'welcome',
      version: '0.1.0',
      settings: defaultSettings(),
      hosted,
      interrupted: { meetingId: 'm', title: 'Weekly' },
      open: { kind: 'address', text: '192.0.2.7' },
      token: 't',
      notices: ['settings-corrupt'],
      computerName: 'laptop',
      key: 'k'.repeat(87),
      engine: true,
    },
  },
  { frame: 'reply', id: 3, reply: { is: 'hosted', hosted } },
  { frame: 'reply', id: 4, reply: { is: 'found', found: { summary, trust: 'first-use', fingerprint: '00', own: false } } },
  { frame: 'reply', id: 5, reply: { is: 'channel', channel: 9, fingerprint: 'f'.repeat(64) } },
  { frame: 'failed', id: 6, error: { code: 'unreachable', message: 'no route' } },
  { frame: 'event', body: { event: 'meetings', meetings: [meeting] } },
  { frame: 'event', body: { event: 'discovery', state: { state: 'off' } } },
  { frame: 'event', body: { event: 'discovery', state: { state: 'no-network' } } },
  { frame: 'event', body: { event: 'discovery', state: { state: 'failed', message: 'port taken' } } },
  {
    frame: 'event',
    body: { event: 'discovery', state: { state: 'on', interfaces: [{ name: 'wlan0', address: '192.0.2.7' }] } },
  },
  { frame: 'event', body: { event: 'hosted', hosted: null } },
  { frame: 'event', body: { event: 'frame', channel: 9, frame: '{"action":"pong"}' } },
  { frame: 'event', body: { event: 'channel-closed', channel: 9, reason: 'host-left' } },
  { frame: 'event', body: { event: 'settings', settings: defaultSettings() } },
  { frame: 'event', body: { event: 'open', target: { kind: 'meeting', meetingId: 'm' } } },
];

describe('frames of the node', () => {
  for (const frame of frames) {
    test(`are read in full: ${JSON.stringify(frame).slice(0, 70)}`, () => {
      expect(decodeNodeFrame(JSON.stringify(frame))).toEqual(frame);
      expect(decodeNodeFrame(JSON.stringify({ ...frame, later: true }))).toEqual(frame);
    });
  }

  test('are refused if a value anywhere in them is of another kind', () => {
    for (const frame of frames) {
      for (const wrong of spoiled(frame)) {
        const read = decodeNodeFrame(JSON.stringify(wrong));
        // Texts for people may be replaced or left out, but nothing is taken over that was not checked.
        expect(JSON.stringify(read)).not.toContain('"spoiled"');
      }
    }
  });

  test('of any shape are read or refused, never thrown at', () => {
    fc.assert(
      fc.property(fc.constantFrom(...frames), fc.jsonValue(), (frame, value) => {
        for (const key of Object.keys(frame)) decodeNodeFrame(JSON.stringify({ ...frame, [key]: value }));
      }),
    );
    fc.assert(
      fc.property(fc.json(), (json) => {
        decodeNodeFrame(json);
      }),
    );
  });
});

test('an error code of a newer node is an internal error', () => {
  expect(nodeError({ code: 'out-of-paper', message: 'x' })).toEqual({ code: 'internal', message: 'x' });
  expect(nodeError('a string')).toBeUndefined();
});

/** Copies of a value with one of its leaves replaced by an object. */
function* spoiled(value: unknown): Generator {
  if (typeof value !== 'object' || value === null) {
    yield { spoiled: 'spoiled' };
    return;
  }
  for (const [key, inner] of Object.entries(value)) {
    for (const other of spoiled(inner)) {
      yield Array.isArray(value)
        ? value.map((item: unknown, at) => (String(at) === key ? other : item))
        : { ...value, [key]: other };
    }
  }
}
