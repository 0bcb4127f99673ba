import type { AccessMode } from '../protocol/generated/AccessMode.ts';
import type { Acquaintance } from '../protocol/generated/Acquaintance.ts';
import type { ChannelClosed } from '../protocol/generated/ChannelClosed.ts';
import type { DiscoveryState } from '../protocol/generated/DiscoveryState.ts';
import type { EngineDoor } from '../protocol/generated/EngineDoor.ts';
import type { FoundMeeting } from '../protocol/generated/FoundMeeting.ts';
import type { HostedMeeting } from '../protocol/generated/HostedMeeting.ts';
import type { Meeting } from '../protocol/generated/Meeting.ts';
import type { NodeErrorCode } from '../protocol/generated/NodeErrorCode.ts';
import type { Person } from '../protocol/generated/Person.ts';
import type { Settings } from '../protocol/generated/Settings.ts';
import type { Target } from '../protocol/generated/Target.ts';
import type { Welcome } from '../protocol/generated/Welcome.ts';
import type { Readable } from '../shared/store.ts';
import type { Signer } from '../trust/signer.ts';

/**
 * The node as the UI sees it. Three implementations: `tauri.ts` (the app), `loopback.ts` (browser mode: the own node on
 * 127.0.0.1), `guest.ts` (a page served by somebody else's host, which can only be in that host's meeting).
 */
export interface Backend {
  readonly kind: 'app' | 'browser' | 'guest';
  /** Whether this page can look for meetings and host them; a guest's cannot. */
  readonly canHost: boolean;
  /** What this page started from. Settings change with {@link Backend.settings}. */
  readonly welcome: Welcome;
  readonly settings: Readable<Settings>;
  /** Meetings on the network; empty until {@link Backend.watch} was called. */
  readonly meetings: Readable<Meeting[]>;
  readonly discovery: Readable<DiscoveryState>;
  /** The meeting that this node hosts. */
  readonly hosted: Readable<HostedMeeting | null>;
  /** Whether the page still has its node (browser mode: the process may have ended). */
  readonly node: Readable<'connected' | 'lost'>;
  /** Counts how often this computer got other addresses: links may need other ways then. */
  readonly networks: Readable<number>;
  /** A meeting to show, for example because the app was started again with a link. Null when there is none. */
  readonly open: Readable<Target | null>;

  saveSettings(settings: Settings): Promise<void>;
  /** Starts looking for meetings. Returns the way to stop. */
  watch(): () => void;
  /** `privately`: lists show neither title nor name. @throws BackendError */
  host(title: string, name: string, access: AccessMode, privately: boolean): Promise<HostedMeeting>;
  /** Opens the meeting again that this node hosted when it crashed. @throws BackendError `already-hosting` if it goes on elsewhere */
  hostAgain(): Promise<HostedMeeting>;
  /** That meeting is not to be opened again. */
  forgetMeeting(): Promise<void>;
  /** Ends the hosted meeting for all. */
  endMeeting(): Promise<void>;
  /** Asks a host what it has, without joining. @throws BackendError */
  look(target: Target): Promise<FoundMeeting>;
  /**
   * Opens one connection to the room of a meeting. Rejoining is the caller's business. A node proves the `code` without
   * sending it; a guest's page cannot, and leaves that to the caller. @throws BackendError
   */
  openChannel(target: Target, code: string | null): Promise<Channel>;
  /** Signs for the person: with the installation's key, or a guest's own of this visit. */
  signer(): Promise<Signer>;
  /** What is remembered of people with these keys, who are in this meeting. Empty for a guest, which remembers nobody. */
  meet(meetingId: string, people: readonly Person[]): Promise<readonly Acquaintance[]>;
  /** Shows the meeting in browser mode in the default browser. @throws BackendError */
  openInBrowser(target: Target | null): Promise<void>;
  /** A session of the app's engine, for a web view without RTCPeerConnection. @throws BackendError `not-supported` outside the app */
  openEngine(): Promise<EngineDoor>;
  /** Brings a participant without a person into the hosted meeting, or sends it away. @throws BackendError */
  testCall(on: boolean): Promise<void>;
  /** Keeps the machine awake until the returned function is called. */
  keepAwake(): () => void;
}

/** One connection to a room: text frames both ways, in order, until it is closed. */
export interface Channel {
  /** SHA-256 of the host's certificate as the node saw it; null where nobody of ours sees it (a guest's page). */
  readonly hostFingerprint: string | null;
  /** Sends one frame; dropped silently once closed. */
  send(frame: string): void;
  /** Called for each frame, from the first on. Set it in the task in which the channel was opened. */
  onframe: ((frame: string) => void) | null;
  /** Called once. No frame follows. */
  onclose: ((reason: ChannelClosed) => void) | null;
  close(): void;
}

/** A failed request to the node. Branch on `code`; `message` is for logs. */
export class BackendError extends Error {
  constructor(
    readonly code: NodeErrorCode,
    message: string,
  ) {
    super(message);
    this.name = 'BackendError';
  }
}
