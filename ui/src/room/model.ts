import type { Access } from '../protocol/generated/Access.ts';
import type { Knock } from '../protocol/generated/Knock.ts';
import type { LineSignature } from '../protocol/generated/LineSignature.ts';
import type { MeetingSummary } from '../protocol/generated/MeetingSummary.ts';
import type { Moderation } from '../protocol/generated/Moderation.ts';
import type { ParticipantKind } from '../protocol/generated/ParticipantKind.ts';
import type { Request } from '../protocol/generated/Request.ts';
import type { Role } from '../protocol/generated/Role.ts';
import type { Readable } from '../shared/store.ts';
import type { SeatEnd } from '../signaling/seat-model.ts';

/** The meeting as people understand it: what views show and what they may ask for. Implemented by `meeting.ts`. */

/** State of the link to one participant, in the words of the tile's `data-link-state`. */
export type LinkState = 'connecting' | 'connected' | 'reconnecting' | 'failed';

/** What is known of who somebody is. */
export type Standing =
  /** Has no key (a minimal client): nobody can say whether what is seen and heard of it comes from it. */
  | 'unproven'
  /** What it shows does not fit its key, so no link is made. */
  | 'refused'
  /** Its links are those of its key. Whether the key is that person's, comparing the code tells. */
  | 'proven'
  /** People compared the code of the meeting with this key in it, and it was the same. */
  | 'verified';

export interface Participant {
  /** The client id. */
  id: string;
  self: boolean;
  /** Empty if none was given; views then say "Guest" in their language. */
  name: string;
  kind: ParticipantKind | null;
  /** The participant's connection to the room is lost. Not counted meanwhile. */
  away: boolean;
  microphoneOn: boolean;
  cameraOn: boolean;
  screenOn: boolean;
  /** `connected` for ourselves. */
  link: LinkState;
  /** Loud enough for the ring, with hysteresis. */
  speaking: boolean;
  role: Role;
  /** Ourselves: `proven`. */
  standing: Standing;
  /** In how many meetings before this one its key was met; 0 where nothing is remembered. */
  met: number;
  /** Somebody else, with another key, was met under this name before. */
  nameOfAnother: boolean;
}

/** The code by which everybody in the meeting can be verified at once: five emoji, the same on every screen. */
export type MeetingCode =
  /** Nobody else is here who has a key. */
  | { status: 'none' }
  /** Being agreed on. `missing`: names of those who did not answer for some time, empty at first. */
  | { status: 'agreeing'; missing: string[] }
  /**
   * `code`: five numbers from 0 to 63 (`emojiOf`). `current`: it covers everybody who is here now and has a key; otherwise
   * somebody came or went since. `compared`: people said that it is the same, for these very people.
   */
  | { status: 'code'; code: readonly number[]; current: boolean; compared: boolean };

/** Something that a host or co-host asked of us, until it is dismissed. Muting and stopping were done already. */
export interface Asked {
  request: Request;
  /** The name of whoever asked. */
  by: string;
}

/** The meeting has another host than when we came, until the person has seen it. */
export interface Moved {
  /** The name of who hosts now. */
  host: string;
  /** The link by which guests come in there; null if nobody told us beforehand. */
  link: string | null;
}

/** Not every picture that could be shown is. */
export interface Spared {
  /** This computer does not keep up, there are more people than it shows at once, or its network does not carry them. */
  why: 'busy' | 'many' | 'narrow';
  /** So many faces are shown. 0: only sound is left; Infinity: all, but smaller than there is place for. */
  pictures: number;
}

/** One rectangle: a participant's camera or screen. */
export interface Tile {
  /** `<participant id>:<source>`; stable, for keyed lists and FLIP. */
  key: string;
  participant: Participant;
  source: 'camera' | 'screen';
  /** The picture to show; sound is played apart from tiles. Null as long as nothing has come. */
  stream: MediaStream | null;
  /** There is a picture to show; otherwise the tile shows the name. */
  video: boolean;
  /** The camera is on, and its picture is not asked for. */
  leftOut: boolean;
}

export interface ChatMessage {
  id: string;
  /** Client id of the sender; may be gone. */
  from: string;
  self: boolean;
  name: string;
  text: string;
  /** Milliseconds since 1970. */
  at: number;
  /** `sending` until the room has it. */
  state: 'sending' | 'sent';
  /** The key that signed it. */
  author?: string;
  signed?: LineSignature;
  /** Of a line that is not signed: it stands below this clock. */
  after?: number;
}

/** Why a device does not give what it should. Each has a sentence with the way to mend it. */
export type MediaProblem =
  /** Nothing of the kind is plugged in. */
  | 'no-device'
  /** Another program has it. */
  | 'busy'
  /** The person, or an earlier answer, said no. */
  | 'denied'
  /** The system settings keep every program from it (macOS, Windows). */
  | 'system-denied'
  /** This webview or page cannot capture. */
  | 'unsupported'
  | 'failed';

/** One of the own track sources. */
export type SourceState =
  | { status: 'off' }
  | { status: 'starting' }
  | { status: 'on' }
  | { status: 'failed'; problem: MediaProblem };

/** Why the meeting is over for this page: why its seat ended. */
export type EndReason = SeatEnd;

export type RoomStatus =
  | { status: 'joining' }
  /** We knock: somebody has to let us in. */
  | { status: 'waiting' }
  | { status: 'joined' }
  /** The connection to the host is lost; links live on. `hostLeft`: it said goodbye. */
  | { status: 'reconnecting'; hostLeft: boolean }
  /** `people`: everybody who was there, ourselves included. `durationMs`: from our join to the end. */
  | { status: 'ended'; reason: EndReason; people: string[]; durationMs: number };

export interface RoomState {
  status: RoomStatus;
  meetingId: string;
  title: string;
  /** The host's name. */
  host: string;
  /** Milliseconds since 1970. */
  startedAt: number;
  participants: Participant[];
  /** Those who are there, ourselves included; those away are not counted. */
  count: number;
  /** In a stable order: ourselves last among the cameras; screens first. */
  tiles: Tile[];
  chat: ChatMessage[];
  microphone: SourceState;
  camera: SourceState;
  screen: SourceState;
  /** Our own. */
  role: Role;
  access: Access;
  /** Who is at the door; empty unless we are host or co-host. */
  knocks: readonly Knock[];
  code: MeetingCode;
  /** Names of participants without a key, whom the code does not cover. */
  unverifiable: string[];
  /** Somebody said that the codes differ: who. The whole meeting is red from then on. Null: nobody. */
  mismatch: string | null;
  asked: Asked | null;
  moved: Moved | null;
  /** The guest link of the host of now, where it is not the one with which we came. */
  movedLink: string | null;
  /** Null while everybody is shown. */
  spared: Spared | null;
  /** Client id of who speaks, or spoke last; null while nobody else is here. */
  activeSpeaker: string | null;
}

/** A meeting that we are in. Ends once; `state` then says why. */
/** How many people are sent our camera by the encoder for all, and how many by one of their own. */
export interface Encoding {
  readonly shared: number;
  readonly own: number;
}

export interface Room {
  readonly state: Readable<RoomState>;
  /** Whoever was there when we came is answered, or that takes long. Drawing the room before would hold it up. */
  readonly entered: Promise<void>;
  /** Loudness of a participant (or ourselves) by client id, 0 to 1, some ten times a second. Returns the way to stop. */
  onLevel(participantId: string, listener: (level: number) => void): () => void;
  /** How large a tile's picture is on the screen: its whole height in device pixels; 0 while nobody can see it. */
  setShown(participantId: string, source: Tile['source'], pixels: number): void;
  /** Shows everybody, whatever that costs. */
  showAll(): void;
  /** As it is at this moment. */
  encoding(): Encoding;
  setMicrophone(on: boolean): Promise<void>;
  setCamera(on: boolean): Promise<void>;
  /** Asks what to share and shares it, or stops. Nothing happens if the person cancels. */
  setScreen(on: boolean): Promise<void>;
  /** Sends a line to all. False if it is empty or too long. */
  say(text: string): boolean;
  /** What takes a role; without it the room refuses, and nothing happens. */
  moderate(order: Moderation): void;
  /** People compare the code now, or are done with it: meanwhile it stays as it is. */
  compare(on: boolean): void;
  /** What came of comparing. The same: those whom the code covers are verified. Not the same: everybody is told. */
  judge(same: boolean): void;
  /** The person has seen what was asked. */
  dismissAsked(): void;
  /** The person has seen who hosts now. */
  dismissMoved(): void;
  leave(): void;
}

/** Before the join: the own picture, devices and level. Implemented by `media/preview.ts`. */
export interface PreviewState {
  stream: MediaStream | null;
  microphone: SourceState;
  camera: SourceState;
  microphones: Device[];
  cameras: Device[];
  speakers: Device[];
  microphoneId: string | null;
  cameraId: string | null;
}

export interface Device {
  id: string;
  label: string;
}

export interface Preview {
  readonly state: Readable<PreviewState>;
  onLevel(listener: (level: number) => void): () => void;
  setMicrophone(on: boolean): Promise<void>;
  setCamera(on: boolean): Promise<void>;
  choose(kind: 'microphone' | 'camera', deviceId: string | null): Promise<void>;
  /** Gives every device back, unless the preview was handed to a room. */
  close(): void;
}

/** What the preview screen knows of the meeting. */
export type { MeetingSummary };
