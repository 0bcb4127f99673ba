import { describe, expect, it } from 'vitest';

import { en } from '../i18n/en.ts';
import type { Participant, RoomState } from '../room/model.ts';
import { announcements } from './announcements.ts';

/** Guards what a screen reader says: everything that changed, and nothing that was there before. */

const person = (id: string, part: Partial<Participant> = {}): Participant => ({ id, self: id === 'me', name: id, kind: 'app', away: false, microphoneOn: true, cameraOn: true, screenOn: false, link: 'connected', speaking: false, role: 'participant', standing: 'proven', met: 0, nameOfAnother: false, ...part });
const state = (part: Partial<RoomState>): RoomState => ({ status: { status: 'joined' }, meetingId: 'm', title: '', host: '', startedAt: 0, participants: [person('me')], count: 1, tiles: [], chat: [], microphone: { status: 'on' }, camera: { status: 'on' }, screen: { status: 'off' }, role: 'participant', access: { mode: 'open' }, knocks: [], code: { status: 'none' }, unverifiable: [], mismatch: null, asked: null, moved: null, movedLink: null, spared: null, activeSpeaker: null, ...part });

describe('announcements', () => {
  it('say who came, went and shares, and what was written', () => {
    const before = state({ participants: [person('me'), person('Kitchen'), person('Attic')] });
    const now = state({
      participants: [person('me', { screenOn: true }), person('Kitchen', { screenOn: true }), person('', { name: '' })],
      chat: [
        { id: '1', from: 'Kitchen', self: false, name: 'Kitchen', text: 'Hello', at: 0, state: 'sent' },
        { id: '2', from: 'me', self: true, name: 'me', text: 'Hi', at: 0, state: 'sent' },
      ],
    });
    expect(announcements(before, now, en)).toEqual(['Guest came in', 'Attic left', 'Kitchen shares a screen', 'Kitchen: Hello']);
  });

  it('say who knocks, once', () => {
    const sena = { id: 7, name: 'Sena', key: 'k' };
    const one = state({ knocks: [sena] });
    expect(announcements(state({}), one, en)).toEqual(['Sena asks to come in']);
    expect(announcements(one, state({ knocks: [sena, { id: 8 }] }), en)).toEqual(['Guest asks to come in']);
    expect(announcements(one, one, en)).toEqual([]);
  });

  it('say nothing of what we found when we came in, or when nothing changed', () => {
    const full = state({ participants: [person('me'), person('Kitchen')] });
    expect(announcements(state({ status: { status: 'joining' } }), full, en)).toEqual([]);
    expect(announcements(state({ status: { status: 'waiting' } }), full, en)).toEqual([]);
    expect(announcements(full, full, en)).toEqual([]);
  });
});
