import type { FoundMeeting } from '../protocol/generated/FoundMeeting.ts';
import type { NodeErrorCode } from '../protocol/generated/NodeErrorCode.ts';
import type { Target } from '../protocol/generated/Target.ts';
import type { GuestLink } from '../room/guest-link.ts';
import type { EndReason, Preview, Room } from '../room/model.ts';
import type { Refusal } from './door.ts';

/**
 * Which screen is shown, and how one leads to another. Pure: what a screen holds (preview, room) is opened and closed
 * by `app.ts`. An event that does not fit the screen changes nothing, so that late answers do no harm.
 *
 *     starting ─ started ──> home | preview | handoff         starting ─ no-backend ─> stuck
 *     home ─ chosen ─> preview ─ entered ─> room ─ ended ─> ended ─ went-home ─> home
 *     home ─ hosted ─> room ─ refused ─> preview              anywhere but in a room ─ handed-off ─> handoff
 */
export type Screen =
  | { at: 'starting' }
  /** There is no node to work with. */
  | { at: 'stuck'; why: StuckReason }
  | { at: 'home' }
  /** `secret`: of the guest link that led here. `refusal`: what came of the last try to go in. */
  | { at: 'preview'; place: Place; lookup: Lookup; preview: Preview; secret: string | null; refusal: Refusal | null }
  /** `testCall`: with a participant without a person, who gives back what one sends. */
  | { at: 'room'; place: Place; link: GuestLink; room: Room; testCall: boolean }
  | { at: 'ended'; place: Place; end: MeetingEnd }
  /** This window cannot carry calls; the meeting opens in a browser. */
  | { at: 'handoff'; place: Place };

/**
 * `no-token`: browser mode opened by hand. `token-refused`: the node was started again, or the ticket was used.
 * `node-unreachable`: the program behind this page has ended. `app-broken`: the app does not answer its own window.
 */
export type StuckReason = 'no-token' | 'token-refused' | 'node-unreachable' | 'app-broken';

/** A meeting as far as it is known before its host was asked. */
export interface Place {
  readonly target: Target;
  /** Empty if not known yet. */
  readonly title: string;
  /** The host's name, or the address that was typed: what a sentence about trouble names. */
  readonly host: string;
}

export type Lookup =
  | { status: 'looking' }
  | { status: 'found'; found: FoundMeeting }
  | { status: 'failed'; code: NodeErrorCode };

export interface MeetingEnd {
  readonly reason: EndReason;
  /** Everybody who was there, ourselves included. */
  readonly people: readonly string[];
  readonly durationMs: number;
  readonly title: string;
  readonly host: string;
  /** It was our own meeting. */
  readonly own: boolean;
}

export type ScreenEvent =
  | { type: 'no-backend'; why: StuckReason }
  | { type: 'went-home' }
  | { type: 'chosen'; place: Place; preview: Preview; lookup: Lookup; secret: string | null }
  | { type: 'lookup'; place: Place; lookup: Lookup }
  | { type: 'entered'; place: Place; link: GuestLink; room: Room; testCall: boolean }
  | { type: 'ended'; room: Room; end: MeetingEnd }
  /** The room that was entered never let us in: back to the preview, which is a new one. */
  | { type: 'refused'; room: Room; preview: Preview; secret: string | null; refusal: Refusal }
  | { type: 'handed-off'; place: Place };

/** The screen after `event`. The same object if nothing changed. */
export function next(screen: Screen, event: ScreenEvent): Screen {
  switch (event.type) {
    case 'no-backend':
      return screen.at === 'starting' ? { at: 'stuck', why: event.why } : screen;
    case 'went-home':
      return leavable(screen) ? { at: 'home' } : screen;
    case 'chosen':
      return leavable(screen) ? { at: 'preview', place: event.place, lookup: event.lookup, preview: event.preview, secret: event.secret, refusal: null } : screen;
    case 'lookup':
      // An answer counts only for the meeting that is still shown.
      return screen.at === 'preview' && screen.place === event.place ? { ...screen, lookup: event.lookup } : screen;
    case 'entered':
      return leavable(screen) ? { at: 'room', place: event.place, link: event.link, room: event.room, testCall: event.testCall } : screen;
    case 'ended':
      return screen.at === 'room' && screen.room === event.room
        ? { at: 'ended', place: screen.place, end: event.end }
        : screen;
    case 'refused':
      return screen.at === 'room' && screen.room === event.room
        ? { at: 'preview', place: screen.place, lookup: { status: 'looking' }, preview: event.preview, secret: event.secret, refusal: event.refusal }
        : screen;
    case 'handed-off':
      return leavable(screen) ? { at: 'handoff', place: event.place } : screen;
  }
}

/** A meeting is left only by its own end, and a page without a node leads nowhere. */
function leavable(screen: Screen): boolean {
  return screen.at !== 'room' && screen.at !== 'stuck';
}
