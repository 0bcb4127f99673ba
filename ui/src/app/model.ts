import type { Backend } from '../backend/backend.ts';
import type { AccessMode } from '../protocol/generated/AccessMode.ts';
import type { Interrupted } from '../protocol/generated/Interrupted.ts';
import type { NodeErrorCode } from '../protocol/generated/NodeErrorCode.ts';
import type { Notice } from '../protocol/generated/Notice.ts';
import type { Settings } from '../protocol/generated/Settings.ts';
import type { Target } from '../protocol/generated/Target.ts';
import type { Preview, Room } from '../room/model.ts';
import type { SettingsWriter } from '../settings/settings-writer.ts';
import type { Calls, Missing } from '../shared/calls.ts';
import type { Readable } from '../shared/store.ts';
import type { SeatBefore } from '../signaling/stored-seat.ts';
import type { Place, Screen } from './screen.ts';

/**
 * What the person does outside a meeting: hosts, chooses, looks, enters, comes back. Owns the screen and what it holds:
 * a preview is closed when its screen is left, unless a room took it; looking for meetings runs while home is shown.
 */
export interface App {
  readonly state: Readable<AppState>;
  readonly backend: Backend;
  readonly settings: SettingsWriter;
  /** Whether this window can carry calls. */
  readonly calls: boolean;
  /** What it lacks if it cannot. */
  readonly missing: readonly Missing[];

  setName(name: string): void;
  setAddress(address: string): void;
  /** Who comes into the next meeting that is hosted from this page. */
  setAccess(access: AccessMode): void;
  /** Whether lists show neither title nor name of the next meeting that is hosted from this page. */
  setPrivate(privately: boolean): void;
  /** Opens the meeting again that was interrupted, and enters it. */
  hostAgain(): Promise<void>;
  /** The interrupted meeting is not to be opened again. */
  forgetInterrupted(): void;
  /** Hosts a meeting and enters it at once. */
  host(title: string, access: AccessMode): Promise<void>;
  /** The same with a participant without a person, who gives back what one sends. */
  testCall(title: string): Promise<void>;
  endMeeting(): Promise<void>;
  /** Shows a meeting before it is entered. */
  choose(place: Place): void;
  /** Asks what is at the typed address; shows it if there is a meeting. */
  joinByAddress(): Promise<void>;
  /** Asks the host of the previewed meeting again. */
  lookAgain(): void;
  /** A hand goes to the button that enters the previewed meeting. */
  aboutToEnter(): void;
  /** Enters the previewed meeting; without a `code` where one is needed, the person asks to be let in. */
  enter(code: string | null): void;
  /** After the end: the preview of the same meeting. */
  rejoin(): void;
  goHome(): void;
  /** Does again what failed at home. */
  retry(): void;
  dismiss(): void;
  /** Opens a meeting in the browser, or the start page there. A preview or room of this window is left then: devices are needed there. */
  openInBrowser(place: Place | null): Promise<void>;
}

export interface AppState {
  screen: Screen;
  /** The address typed so far. */
  address: string;
  /** Who comes into the next meeting that is hosted from here. Kept for as long as the page. */
  access: AccessMode;
  /** Lists show neither title nor name of it. Kept for as long as the page. */
  privately: boolean;
  /** The meeting that this computer hosted when Landline crashed. */
  interrupted: Interrupted | null;
  /** Ids of meetings that we were in, and that know our key. */
  known: readonly string[];
  /** What is under way at home. */
  busy: Busy;
  problem: Problem | null;
  /** Said once, after something was mended. */
  notices: readonly Notice[];
}

export type Busy = 'nothing' | 'hosting' | 'looking' | 'ending' | 'opening-browser';

/** Something that did not work, with what to do about it. */
export interface Problem {
  code: NodeErrorCode;
  /** Whom the sentence is about: a host, or the address that was typed. */
  subject: string;
  again: Again;
}

export type Again =
  | { do: 'host'; title: string; access: AccessMode; testCall: boolean }
  | { do: 'host-again' }
  | { do: 'end' }
  | { do: 'look-at-address' }
  | { do: 'open-in-browser'; place: Place | null };

/** What a room is opened with. */
export interface RoomWish {
  place: Place;
  meetingId: string;
  name: string;
  /** Six digits, if the person typed them. */
  code: string | null;
  /** Of a guest link. */
  secret: string | null;
  preview: Preview;
}

export interface AppParts {
  backend: Backend;
  settings: SettingsWriter;
  openPreview(settings: Settings): Preview;
  openRoom(options: RoomWish): Room;
  /** Somebody is about to join there: what can be done before, is. */
  prepareRoom(target: Target, meetingId: string): void;
  /** Whether RTCPeerConnection is there, the web view's own or ours on the engine. */
  calls: Calls;
  /** A guest's page: `https://address:port`. */
  guestOrigin: string | null;
  /** Of the guest link that this page was opened with. */
  secret: string | null;
  /** The seat that this page had before it was loaded anew. Kept only for a moment, so there is no time for a preview. */
  seatBefore: SeatBefore | null;
}
