import { describe, expect, it } from 'vitest';

import type { Role } from '../protocol/generated/Role.ts';
import type { MeetingCode, Participant } from '../room/model.ts';
import { compareMark, newcomers } from './compare-state.ts';
import { grouped } from './grouped.ts';
import { powersOver } from './powers.ts';

/** Guards that nothing is offered which the room refuses, and that nobody is called compared who was not. */

const person = (part: Partial<Participant> = {}): Participant => ({ id: 'p', self: false, name: 'Kitchen', kind: 'app', away: false, microphoneOn: true, cameraOn: true, screenOn: false, link: 'connected', speaking: false, role: 'participant', standing: 'proven', met: 0, nameOfAnother: false, ...part });

describe('what a role may do', () => {
  it('is nothing for participants, and nothing to oneself', () => {
    expect(powersOver('participant', person())).toEqual([]);
    expect(powersOver('host', person({ self: true, role: 'host' }))).toEqual([]);
  });

  it('is everything for a host', () => {
    expect(powersOver('host', person({ screenOn: true }))).toEqual(['mute', 'stop-share', 'make-co-host', 'hand-over', 'remove']);
    expect(powersOver('host', person({ role: 'co-host', microphoneOn: false }))).toEqual(['ask-unmute', 'unmake-co-host', 'hand-over', 'remove']);
  });

  it('ends for co-hosts at their own height', () => {
    expect(powersOver('co-host', person())).toEqual(['mute', 'remove']);
    expect(powersOver('co-host', person({ role: 'co-host', screenOn: true }))).toEqual(['mute', 'stop-share']);
    expect(powersOver('co-host', person({ role: 'host' }))).toEqual([]);
    expect(powersOver('co-host', person({ role: 'host', microphoneOn: false }))).toEqual(['ask-unmute']);
  });

  it('gives no role to whoever has no key, or one that does not fit', () => {
    expect(powersOver('host', person({ standing: 'unproven' }))).toEqual(['mute', 'remove']);
    expect(powersOver('host', person({ standing: 'refused' }))).toEqual(['mute', 'remove']);
  });

  it('asks nothing of a minimal client, which would not understand', () => {
    for (const role of ['co-host', 'host'] satisfies Role[]) {
      expect(powersOver(role, person({ kind: null, standing: 'unproven', screenOn: true }))).toEqual(['remove']);
    }
  });
});

describe('the mark of the code', () => {
  const code = (part: Partial<Extract<MeetingCode, { status: 'code' }>> = {}): MeetingCode => ({ status: 'code', code: [1, 2, 3, 4, 5], current: true, compared: false, ...part });
  const own = person({ id: 'me', self: true });
  const known = person({ id: 'a', standing: 'verified' });
  const fresh = person({ id: 'b', name: 'Attic' });

  it('says compared only of those who are here now', () => {
    expect(compareMark(code({ compared: true }), [own, known], false)).toBe('compared');
    expect(compareMark(code({ compared: true, current: false }), [own, known], false)).toBe('open');
    expect(compareMark(code(), [own, fresh], false)).toBe('open');
    expect(compareMark({ status: 'none' }, [own], false)).toBe('open');
  });

  it('says who is new, once others were compared, and never ourselves', () => {
    expect(newcomers([own, known, fresh])).toEqual([fresh]);
    expect(newcomers([own, fresh])).toEqual([]);
    expect(compareMark(code(), [own, known, fresh], false)).toBe('again');
    expect(compareMark({ status: 'agreeing', missing: [] }, [own, known, fresh], false)).toBe('again');
  });

  it('is red whatever else holds, once codes differed', () => {
    expect(compareMark(code({ compared: true }), [own, known], true)).toBe('mismatch');
  });
});

describe('a code', () => {
  it('is shown in two groups, and as it is if it is something else', () => {
    expect(grouped('482913')).toBe('482 913');
    expect(grouped('12345678')).toBe('12345678');
  });
});
