import { describe, expect, it } from 'vitest';

import type { AccessMode } from '../protocol/generated/AccessMode.ts';
import { codeDigits, doorOf, refusalOf, secretAfter } from './door.ts';
import { found } from './scripted-world.ts';

/** Guards what is asked of a person before a meeting: a code where one helps, and nothing where the meeting knows them. */

const through = (access: AccessMode, own = false): typeof found => ({ ...found, own, summary: { ...found.summary, access } });
const stranger = { secret: null, known: false };

describe('the door', () => {
  it('of each way to come in', () => {
    expect(doorOf(through('open'), stranger)).toBe('open');
    expect(doorOf(through('code'), stranger)).toBe('code');
    expect(doorOf(through('lobby'), stranger)).toBe('ask');
    expect(doorOf(through('locked'), stranger)).toBe('shut');
  });

  it('asks for no code where the link brings one, and still lets nobody past a lobby', () => {
    const guest = { secret: 'abc', known: false };
    expect(doorOf(through('code'), guest)).toBe('open');
    expect(doorOf(through('lobby'), guest)).toBe('ask');
    expect(doorOf(through('locked'), guest)).toBe('shut');
  });

  it('is open to whoever was in, and to whoever hosts', () => {
    for (const access of ['code', 'lobby', 'locked'] as const) {
      expect(doorOf(through(access), { secret: null, known: true })).toBe('open');
      expect(doorOf(through(access, true), stranger)).toBe('open');
    }
  });
});

describe('a code that a person types', () => {
  it.each([
    ['482913', '482913'],
    [' 482 913 ', '482913'],
    ['48-29-13', '482913'],
    ['４８２９１３', '482913'],
    ['482\u00a0913', '482913'],
  ])('%j is %s', (text, digits) => {
    expect(codeDigits(text)).toBe(digits);
  });

  it.each(['', '48291', '4829130', '48291a', '482 91', '٤٨٢٩١٣'])('%j is none', (text) => {
    expect(codeDigits(text)).toBeNull();
  });
});

describe('a refusal', () => {
  it('is what one can do something about at the door', () => {
    expect(refusalOf('wrong-code')).toBe('wrong-code');
    expect(refusalOf('locked')).toBe('locked');
    expect(refusalOf('removed')).toBeNull();
    expect(refusalOf('left')).toBeNull();
  });

  it('takes a secret that did not help, and leaves it at a locked door', () => {
    expect(secretAfter('abc', 'not-admitted')).toBeNull();
    expect(secretAfter('abc', 'code-needed')).toBeNull();
    expect(secretAfter('abc', 'locked')).toBe('abc');
  });
});
