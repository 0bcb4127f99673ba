import { readFileSync } from 'node:fs';

import { expect, test } from 'vitest';

import * as limits from './limits.ts';

const rust = readFileSync(new URL('../../../src-tauri/crates/protocol/src/limits.rs', import.meta.url), 'utf8');
const lib = readFileSync(new URL('../../../src-tauri/crates/protocol/src/lib.rs', import.meta.url), 'utf8');

/** The value of a Rust constant: a product of whole numbers, or a Duration in milliseconds. */
function rustValue(source: string, name: string): number {
  const found = new RegExp(`const ${name}: [A-Za-z0-9]+ = ([^;]+);`).exec(source)?.[1];
  if (found === undefined) throw new Error(`no constant ${name}`);
  const duration = /Duration::from_(secs|millis)\(([\d_]+)\)/.exec(found);
  const product = (text: string): number =>
    text.split('*').reduce((value, factor) => value * Number(factor.trim().replaceAll('_', '')), 1);
  return duration === null ? product(found) : product(duration[2] ?? '') * (duration[1] === 'secs' ? 1_000 : 1);
}

test('the limits of the page are those of the server', () => {
  const same = [
    'ROOM_ID_CHARS',
    'NAME_CHARS',
    'TITLE_CHARS',
    'MESSAGE_BYTES',
    'CHAT_TEXT_CHARS',
    'CHAT_LINES',
    'PING_MISSES',
    'ACK_EVERY',
    'KEY_CHARS',
    'SIGNATURE_CHARS',
    'FINGERPRINT_CHARS',
    'KNOCKS',
  ] as const;
  for (const name of same) expect([name, limits[name]]).toEqual([name, rustValue(rust, name)]);
  expect(limits.PING_EVERY_MS).toBe(rustValue(rust, 'PING_EVERY'));
  expect(limits.HANDSHAKE_MS).toBe(rustValue(rust, 'HANDSHAKE'));
  expect(limits.PROTOCOL_VERSION).toBe(rustValue(lib, 'PROTOCOL_VERSION'));
});
