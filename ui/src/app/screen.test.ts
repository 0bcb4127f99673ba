import { describe, expect, it } from 'vitest';

import type { Preview, Room } from '../room/model.ts';
import { writable } from '../shared/store.ts';
import { NO_LINK } from './guest-link.ts';
import { next, type Place, type Screen } from './screen.ts';

/** Guards against answers that come late and screens that lead where they should not. */

const place: Place = { target: { kind: 'meeting', meetingId: 'm' }, title: 'Morning', host: 'Studio' };
const other: Place = { ...place, title: 'Evening' };
// Screens carry previews and rooms without looking into them.
const preview = { state: writable(null) } as unknown as Preview;
const room = { state: writable(null) } as unknown as Room;
const end = { reason: 'left', people: [], durationMs: 0, title: '', host: '', own: false } as const;
const inPreview: Screen = { at: 'preview', place, lookup: { status: 'looking' }, preview, secret: null, refusal: null };
const inRoom: Screen = { at: 'room', place, link: NO_LINK, room, testCall: false };

describe('next', () => {
  it('leads from home over the preview into the room and out again', () => {
    let screen: Screen = next({ at: 'starting' }, { type: 'went-home' });
    expect(screen.at).toBe('home');
    screen = next(screen, { type: 'chosen', place, preview, lookup: { status: 'looking' }, secret: null });
    screen = next(screen, { type: 'entered', place, link: NO_LINK, room, testCall: false });
    expect(screen).toEqual(inRoom);
    screen = next(screen, { type: 'ended', room, end });
    expect(screen).toEqual({ at: 'ended', place, end });
    expect(next(screen, { type: 'went-home' }).at).toBe('home');
  });

  it('ignores the answer of a meeting that is no longer shown', () => {
    expect(next(inPreview, { type: 'lookup', place: other, lookup: { status: 'failed', code: 'unreachable' } })).toBe(inPreview);
    const home: Screen = { at: 'home' };
    expect(next(home, { type: 'lookup', place, lookup: { status: 'looking' } })).toBe(home);
  });

  it('leaves a room only by the end of that room', () => {
    expect(next(inRoom, { type: 'went-home' })).toBe(inRoom);
    expect(next(inRoom, { type: 'handed-off', place })).toBe(inRoom);
    expect(next(inRoom, { type: 'chosen', place: other, preview, lookup: { status: 'looking' }, secret: null })).toBe(inRoom);
    const another = { state: writable(null) } as unknown as Room;
    expect(next(inRoom, { type: 'ended', room: another, end })).toBe(inRoom);
  });

  it('leads back to a new preview of the meeting whose room refused us, and of no other', () => {
    const anew = { state: writable(null) } as unknown as Preview;
    const refused = { type: 'refused', room, preview: anew, secret: null, refusal: 'wrong-code' } as const;
    expect(next(inRoom, refused)).toEqual({ at: 'preview', place, lookup: { status: 'looking' }, preview: anew, secret: null, refusal: 'wrong-code' });
    const home: Screen = { at: 'home' };
    expect(next(home, refused)).toBe(home);
  });

  it('leads nowhere without a node', () => {
    const stuck = next({ at: 'starting' }, { type: 'no-backend', why: 'no-token' });
    expect(stuck).toEqual({ at: 'stuck', why: 'no-token' });
    expect(next(stuck, { type: 'went-home' })).toBe(stuck);
  });
});
