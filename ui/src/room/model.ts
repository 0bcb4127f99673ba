import type { MeetingSummary } from '../protocol/generated/MeetingSummary.ts';
import type { ParticipantKind } from '../protocol/generated/ParticipantKind.ts';
import type { Readable } from '../shared/store.ts';
import type { SeatEnd } from '../signaling/seat-model.ts';

/** The meeting as people understand it: what views show and what they may ask for. Implemented by `meeting.ts`. */

/** State of the link to one participant, in the words of the tile's `data-link-state`. */
export type LinkState = 'connecting' | 'connected' | 'reconnecting' | 'failed';

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
}

/** A meeting that we are in. Ends once; `state` then says why. */
export interface Room {
  readonly state: Readable<RoomState>;
  /** Loudness of a participant (or ourselves) by client id, 0 to 1, some ten times a second. Returns the way to stop. */
  onLevel(participantId: string, listener: (level: number) => void): () => void;
  setMicrophone(on: boolean): Promise<void>;
  setCamera(on: boolean): Promise<void>;
  /** Asks what to share and shares it, or stops. Nothing happens if the person cancels. */
  setScreen(on: boolean): Promise<void>;
  /** Sends a line to all. False if it is empty or too long. */
  say(text: string): boolean;
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
