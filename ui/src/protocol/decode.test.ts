import { readFileSync } from 'node:fs';

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { decodeMeetingSummary, decodeServerFrame } from './decode.ts';

interface Fixture {
  name: string;
  message: Record<string, unknown>;
  sequenced: boolean;
}

const fixtures = JSON.parse(
  readFileSync(new URL('../../../src-tauri/crates/protocol/fixtures/server.json', import.meta.url), 'utf8'),
) as Fixture[];

/** A minimal client's `joined` lacks what this client, which sends `v`, is always told. */
const MINIMAL = 'joined, to a minimal client';

describe('golden messages of the server', () => {
  for (const { name, message, sequenced } of fixtures.filter((fixture) => fixture.name !== MINIMAL)) {
    test(`are read in full: ${name}`, () => {
      const frame = JSON.stringify(sequenced ? { seq: 7, ...message } : message);
      expect(decodeServerFrame(frame)).toEqual({ seq: sequenced ? 7 : null, message });
    });

    test(`are read without what a newer version adds: ${name}`, () => {
      expect(decodeServerFrame(JSON.stringify({ ...message, unheardOf: { a: [1] } }))?.message).toEqual(message);
    });

    test(`are not read when a field is of another kind: ${name}`, () => {
      for (const key of Object.keys(message)) {
        if (key === 'action' || key === 'data' || key === 'reason') continue;
        const wrong = JSON.stringify({ ...message, [key]: { not: 'this' } });
        expect([key, decodeServerFrame(wrong)?.message]).toEqual([key, null]);
      }
    });
  }

  test('cover every action', () => {
    expect(new Set(fixtures.map((fixture) => fixture.message['action'])).size).toBe(23);
  });

  test('joined without the version is not read', () => {
    const minimal = fixtures.find((fixture) => fixture.name === MINIMAL);
    expect(decodeServerFrame(JSON.stringify(minimal?.message))).toEqual({ seq: null, message: null });
  });
});

test('an unknown action keeps its count', () => {
  expect(decodeServerFrame('{"seq":3,"action":"reaction","emoji":"👍"}')).toEqual({ seq: 3, message: null });
});

test('names of inherited properties are no actions', () => {
  expect(decodeServerFrame('{"action":"constructor"}')).toEqual({ seq: null, message: null });
  expect(decodeServerFrame('{"action":"__proto__"}')).toEqual({ seq: null, message: null });
});

test('a kind of participant of a newer version counts as none', () => {
  const frame = '{"action":"peer-joined","roomId":"r","peer":{"clientId":"a","kind":"telephone"}}';
  expect(decodeServerFrame(frame)?.message).toEqual({
    action: 'peer-joined',
    roomId: 'r',
    peer: { clientId: 'a' },
  });
});

test('a name that is too long is cut between characters', () => {
  const peer = { clientId: 'a', name: '👋'.repeat(100) };
  const frame = decodeServerFrame(JSON.stringify({ action: 'peer-joined', roomId: 'r', peer }));
  expect(frame?.message).toMatchObject({ peer: { name: '👋'.repeat(64) } });
});

test('a frame above the limit of a message is not looked at', () => {
  const padding = 'x'.repeat(256 * 1024);
  expect(decodeServerFrame(JSON.stringify({ action: 'pong', padding }))).toBeNull();
});

test('any text is read or refused, never thrown at', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      decodeServerFrame(text);
      decodeMeetingSummary(text);
    }),
  );
});

test('any JSON with a known action is read into known fields or refused', () => {
  const action = fc.constantFrom(...new Set(fixtures.map((fixture) => String(fixture.message['action']))));
  fc.assert(
    fc.property(action, fc.dictionary(fc.string(), fc.jsonValue()), (name, fields) => {
      const message = decodeServerFrame(JSON.stringify({ ...fields, action: name }))?.message;
      expect(message === null || message?.action === name).toBe(true);
    }),
  );
});

test('a golden message with one value replaced by anything is read or refused', () => {
  fc.assert(
    fc.property(fc.constantFrom(...fixtures), fc.nat(20), fc.jsonValue(), ({ message }, at, value) => {
      const keys = Object.keys(message);
      const key = keys[at % keys.length] ?? 'action';
      expect(() => decodeServerFrame(JSON.stringify({ ...message, [key]: value }))).not.toThrow();
    }),
  );
});

test('the summary of a meeting is read', () => {
  const summary = {
    v: 1,
    meetingId: 'm',
    title: 'Weekly',
    host: 'Ada',
    participants: 2,
    names: ['Ada', '王芳'],
    locked: false,
    access: 'open',
    full: false,
    startedAt: 1_767_225_600_000,
  };
  expect(decodeMeetingSummary(JSON.stringify({ ...summary, more: 1 }))).toEqual(summary);
  expect(decodeMeetingSummary(JSON.stringify({ ...summary, participants: -1 }))).toBeNull();
  expect(decodeMeetingSummary('<html>')).toBeNull();
});
