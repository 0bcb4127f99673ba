import { describe, expect, it } from 'vitest';

import { en } from './en.ts';
import { setLanguage, t } from './index.ts';
import { zhCN } from './zh-cn.ts';

/** Guards what types cannot: empty texts, English left in Chinese, the tone, and the choice of a language. */

type Leaf = { path: string; text: string };

/** Every text that is no function. */
function leaves(value: unknown, path: string): Leaf[] {
  if (typeof value === 'string') return [{ path, text: value }];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner, path === '' ? key : `${path}.${key}`));
}

/** The texts that sentences about trouble give, for every code, problem and platform. */
function sentences(messages: typeof en): string[] {
  const codes = ['bad-request', 'bad-address', 'name-not-found', 'unreachable', 'connection-refused', 'not-landline', 'fingerprint-mismatch', 'fingerprint-changed', 'false-host', 'meeting-not-found', 'unsupported-version', 'already-hosting', 'port-unavailable', 'no-channel', 'congested', 'not-supported', 'no-browser', 'internal'] as const;
  const problems = ['no-device', 'busy', 'denied', 'system-denied', 'unsupported', 'failed'] as const;
  const platforms = ['macos', 'windows', 'linux', 'android', 'ios', 'other'] as const;
  const modes = ['open', 'code', 'lobby', 'locked'] as const;
  const { door, people, compare, end } = messages;
  const ends = ['ended-by-host', 'seat-taken', 'room-full', 'room-not-found', 'unsupported-version', 'fingerprint-mismatch', 'false-host', 'code-needed', 'wrong-code', 'too-many-tries', 'knock-needed', 'locked', 'not-admitted', 'removed', 'unreachable', 'node-lost'] as const;
  return [
    ...['', 'Studio'].flatMap((host) => [door.lobby(host), door.shut(host), door.guestCode(host), door.wrongCode(host), door.codeNeeded(host), ...ends.map((reason) => end.detail(reason, host))]),
    ...(['busy', 'many', 'narrow'] as const).flatMap((why) => [0, 1, 6, Infinity].map((pictures) => messages.room.spared(why, pictures))),
    door.sixDigits,
    door.tooManyTries,
    door.knockNeeded,
    door.notAdmitted,
    door.waitingHint,
    ...modes.map((mode) => people.removeText('Studio', mode)),
    ...[people.askedMute, people.askedUnmute, people.askedStopShare].map((sentence) => sentence('Studio')),
    compare.how,
    compare.alone,
    compare.changed,
    compare.guestPage,
    ...[['Studio'], ['Studio', 'Attic']].flatMap((names) => [compare.isNew(names), compare.unverifiable(names), compare.waitingFor(names)]),
    ...[null, 'Studio'].map((who) => compare.mismatch(who)),
    ...(['web-rtc', 'devices', 'frames', 'video-codec', 'audio-codec', 'audio-worklet'] as const).map((part) => messages.handoff.sentence([part])),
    ...codes.flatMap((code) => ['', 'Studio'].map((subject) => messages.errors.sentence(code, subject))),
    ...(['microphone', 'camera', 'screen'] as const).flatMap((source) =>
      problems.flatMap((problem) =>
        platforms.flatMap((platform) => [true, false].map((inApp) => messages.media.problem(source, problem, platform, inApp))),
      ),
    ),
  ];
}

describe.each([
  ['English', en],
  ['Chinese', zhCN],
] as const)('%s', (_, messages) => {
  it('says something everywhere', () => {
    for (const { path, text } of leaves(messages, '')) expect(text.trim(), path).not.toBe('');
    for (const sentence of sentences(messages)) expect(sentence.trim()).not.toBe('');
  });

  it('keeps calm: no exclamation marks, no "oops", no jargon', () => {
    const all = [...leaves(messages, '').map(({ text }) => text), ...sentences(messages)];
    for (const text of all) expect(text).not.toMatch(/!|！|oops|signal|websocket|\bpeer\b|\bICE\b|信令|对等/i);
  });

  it('ends every sentence about trouble', () => {
    for (const sentence of sentences(messages)) expect(sentence).toMatch(/[.?。？]$/);
  });
});

describe('Chinese', () => {
  it('has Chinese text wherever English has words', () => {
    const untranslated = /^(language|languageName|home\.addressPlaceholder)$/;
    for (const { path, text } of leaves(zhCN, '')) {
      if (!untranslated.test(path) || path === 'languageName') expect(text, path).toMatch(path === 'language' ? /zh/ : /\p{Script=Han}|\d/u);
    }
    for (const sentence of sentences(zhCN)) expect(sentence).toMatch(/\p{Script=Han}/u);
  });

  it('uses Chinese punctuation between Chinese words', () => {
    const all = [...leaves(zhCN, '').map(({ text }) => text), ...sentences(zhCN)];
    for (const text of all) expect(text).not.toMatch(/\p{Script=Han}[,;:?]/u);
  });
});

describe('plurals', () => {
  it('count one person and several', () => {
    expect(en.room.people(1)).toBe('1 person');
    expect(en.room.people(3)).toBe('3 people');
    expect(en.preview.inRoom(['Studio'], 0)).toBe('Studio is in.');
    expect(en.preview.inRoom(['Studio', 'Kitchen'], 2)).toBe('Studio, Kitchen, and 2 more are in.');
    expect(en.preview.inRoom([], 1)).toBe('1 person is in.');
  });

  it('say how long in words', () => {
    expect(en.common.duration(20_000)).toBe('less than a minute');
    expect(en.common.duration(60_000)).toBe('1 minute');
    expect(en.common.duration(65 * 60_000)).toBe('1 h 05 min');
    expect(zhCN.common.duration(120 * 60_000)).toBe('2 小时');
  });
});

describe('the language of the page', () => {
  it('changes for everything that reads it', () => {
    const seen: string[] = [];
    const stop = t.subscribe((messages) => seen.push(messages.common.settings));
    setLanguage('zh-CN');
    setLanguage('en');
    stop();
    expect(seen).toEqual(['Settings', '设置', 'Settings']);
  });
});
