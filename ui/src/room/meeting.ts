import { AudioSink } from '../media/audio-sink.ts';
import { Levels } from '../media/levels.ts';
import type { LocalTracks } from '../media/local-tracks.ts';
import { ScreenShare } from '../media/screen.ts';
import type { Access } from '../protocol/generated/Access.ts';
import type { Joined } from '../protocol/generated/Joined.ts';
import type { Knock } from '../protocol/generated/Knock.ts';
import type { Moderation } from '../protocol/generated/Moderation.ts';
import type { ParticipantKind } from '../protocol/generated/ParticipantKind.ts';
import type { Request } from '../protocol/generated/Request.ts';
import type { Role } from '../protocol/generated/Role.ts';
import type { MeshPeer } from '../rtc/member.ts';
import type { Mesh } from '../rtc/mesh.ts';
import type { Sending } from '../rtc/send/sending.ts';
import { writable, type Readable } from '../shared/store.ts';
import type { RoomMessage, Seat, SeatState } from '../signaling/seat-model.ts';
import type { Assurance } from './assurance.ts';
import type { Between } from './between/between.ts';
import { sayable } from './chat.ts';
import type { Lines } from './lines.ts';
import { Moves } from './moves.ts';
import type { Asked, Encoding, Room, RoomState, RoomStatus } from './model.ts';
import { mediaStateOf, shownPeer, shownSelf } from './people.ts';
import { tilesOf } from './tiles.ts';
import type { Viewing } from './viewing/viewing.ts';

/**
 * A meeting that we are in: seat, links and own devices brought together into what views show. Owns all of them, and
 * gives everything back when the seat ends, for whatever reason.
 */
export interface MeetingParts {
  meetingId: string;
  name: string;
  kind: ParticipantKind;
  seat: Seat;
  mesh: Mesh;
  between: Between;
  assurance: (onchange: () => void) => Assurance;
  lines: (onchange: () => void) => Lines;
  viewing: (onchange: () => void) => Viewing;
  sending: Pick<Sending, 'changed'>;
  encoding: () => Encoding;
  entered: Promise<void>;
  tracks: LocalTracks;
  speakerId: string | null;
  /** Called once, when everything was given back. */
  onended: () => void;
}

/** Names told at the end. */
const MAX_PEOPLE = 500;

export class Meeting implements Room {
  readonly #parts: MeetingParts;
  readonly #state;
  readonly #screen = new ScreenShare();
  readonly #sink: AudioSink;
  readonly #levels: Levels;
  readonly #assurance: Assurance;
  readonly #lines: Lines;
  readonly #viewing: Viewing;
  readonly #speaking = new Set<string>();
  /** Everybody who was ever here, by client id. */
  readonly #people = new Map<string, string>();
  readonly #stops: (() => void)[] = [];
  #status: RoomStatus = { status: 'joining' };
  #clientId = '';
  #facts = { title: '', host: '', startedAt: 0 };
  #joinedAt: number | null = null;
  #role: Role = 'participant';
  #access: Access = { mode: 'open' };
  #knocks: readonly Knock[] = [];
  #asked: Asked | null = null;
  #moves = new Moves();
  #captured = false;

  constructor(parts: MeetingParts) {
    this.#parts = parts;
    this.#sink = new AudioSink(parts.speakerId);
    this.#levels = new Levels((id, speaking) => {
      if (speaking) this.#speaking.add(id);
      else this.#speaking.delete(id);
      this.#viewing.speaks(id, speaking);
      this.#publish();
    });
    this.#assurance = parts.assurance(() => {
      this.#publish();
    });
    const changed = (): void => {
      if (!this.#ended) this.#publish();
    };
    this.#lines = parts.lines(changed);
    this.#viewing = parts.viewing(changed);
    this.#state = writable(this.#describe());
    const { seat, mesh, tracks, between } = parts;
    seat.onjoined = (joined, host) => {
      this.#joined(joined);
      between.joined(joined, host);
    };
    between.unsent = () => this.#lines.unsent();
    between.onchat = this.#lines.overheard.bind(this.#lines);
    seat.onmessage = this.#message.bind(this);
    this.#stops.push(
      mesh.peers.subscribe((peers) => {
        this.#peersChanged(peers);
      }),
      tracks.state.subscribe(() => {
        this.#ownChanged();
      }),
      this.#screen.state.subscribe(() => {
        this.#ownChanged();
      }),
      seat.state.subscribe((state) => {
        this.#seatChanged(state);
      }),
    );
  }

  get state(): Readable<RoomState> {
    return this.#state;
  }

  get entered(): Promise<void> {
    return this.#parts.entered;
  }

  onLevel(participantId: string, listener: (level: number) => void): () => void {
    return this.#levels.listen(participantId, listener);
  }

  setShown(participantId: string, source: 'camera' | 'screen', pixels: number): void {
    this.#viewing.setShown(participantId, source, pixels);
  }

  showAll(): void {
    this.#viewing.showAll(true);
  }

  encoding = (): Encoding => this.#parts.encoding();

  async setMicrophone(on: boolean): Promise<void> {
    if (this.#ended) return;
    this.#levels.resume();
    await this.#parts.tracks.setMicrophone(on);
  }

  async setCamera(on: boolean): Promise<void> {
    if (!this.#ended) await this.#parts.tracks.setCamera(on);
  }

  async setScreen(on: boolean): Promise<void> {
    if (this.#ended) return;
    if (on) await this.#screen.start();
    else this.#screen.stop();
  }

  setSpeaker(speakerId: string | null): void {
    this.#sink.setSpeaker(speakerId);
  }

  say(text: string): boolean {
    const line = sayable(text);
    if (line === null || this.#ended || this.#joinedAt === null) return false;
    this.#lines.say(line, this.#parts.name);
    return true;
  }

  moderate(order: Moderation): void {
    if (!this.#ended) this.#parts.seat.send({ action: 'moderate', order });
  }

  compare(on: boolean): void {
    this.#assurance.compare(on);
  }

  judge(same: boolean): void {
    this.#assurance.judge(same);
  }

  dismissAsked(): void {
    this.#asked = null;
    this.#publish();
  }

  dismissMoved(): void {
    this.#moves.dismiss();
    this.#publish();
  }

  leave(): void {
    if (!this.#ended) this.#parts.seat.leave();
  }

  /** The page is going away; it may come back from the browser's cache, with a new seat. */
  pageHidden(): void {
    this.#parts.mesh.close();
  }

  get #ended(): boolean {
    return this.#status.status === 'ended';
  }

  #joined(joined: Joined): void {
    const { mesh, name } = this.#parts;
    this.#clientId = joined.clientId;
    this.#facts = { title: joined.title, host: joined.host, startedAt: joined.startedAt };
    this.#moves.joined(joined);
    this.#role = joined.role;
    this.#access = joined.access;
    this.#knocks = joined.knocks ?? [];
    this.#joinedAt ??= Date.now();
    this.#people.set(joined.clientId, name);
    // First: whose lines they are follows from who is there.
    mesh.joined(joined);
    this.#lines.joined(joined.clientId, joined.chat, joined.outcome);
    this.#assurance.joined(joined.clientId);
    this.#ownChanged();
  }

  #message(message: RoomMessage): void {
    switch (message.action) {
      case 'chat':
        this.#lines.receive(message.line);
        return;
      case 'access':
        this.#access = message.access;
        break;
      case 'successor':
        this.#moves.told(message.link);
        break;
      case 'knock':
        this.#knocks = [...this.#knocks.filter(({ id }) => id !== message.knock.id), message.knock];
        break;
      case 'knock-ended':
        this.#knocks = this.#knocks.filter(({ id }) => id !== message.id);
        break;
      case 'asked':
        this.#doAsked(message.by, message.request);
        break;
      case 'verify':
        this.#assurance.receive(message.from, message.data);
        return;
      case 'peer-role':
        if (message.clientId === this.#clientId) this.#role = message.role;
        if (this.#role === 'participant') this.#knocks = [];
        this.#parts.mesh.receive(message);
        break;
      default:
        this.#parts.mesh.receive(message);
        return;
    }
    this.#publish();
  }

  /** What the room took for done is done here too; nothing is turned on but by the person. */
  #doAsked(by: string, request: Request): void {
    const { tracks, mesh } = this.#parts;
    this.#asked = { request, by: mesh.peers.get().find(({ id }) => id === by)?.name ?? '' };
    if (request === 'mute') void tracks.setMicrophone(false);
    if (request === 'stop-share') this.#screen.stop();
  }

  #peersChanged(peers: readonly MeshPeer[]): void {
    const sounds = new Set<string>();
    for (const { id, name, gone, incoming, media } of peers) {
      if (this.#people.has(id) || this.#people.size < MAX_PEOPLE) this.#people.set(id, name);
      // Whoever was muted is not heard, even if it goes on sending.
      const microphone = gone || media?.microphone === false ? null : (incoming.microphone ?? null);
      this.#levels.set(id, microphone, () => this.#parts.mesh.loudness(id));
      for (const [source, track] of [['microphone', microphone], ['screen-audio', gone ? null : (incoming['screen-audio'] ?? null)]] as const) {
        const key = `${id}:${source}`;
        this.#sink.set(key, track);
        if (track !== null) sounds.add(key);
      }
    }
    for (const key of this.#sink.keys()) {
      if (sounds.has(key)) continue;
      this.#sink.set(key, null);
      const id = key.slice(0, key.lastIndexOf(':'));
      if (!peers.some((peer) => peer.id === id)) this.#levels.set(id, null);
    }
    this.#assurance.peers(peers);
    this.#lines.people(peers);
    this.#publish();
  }

  #ownChanged(): void {
    if (this.#ended) return;
    const { tracks, mesh, seat } = this.#parts;
    const state = tracks.state.get();
    const screen = this.#screen.state.get();
    const media = mediaStateOf(state, screen);
    mesh.setTracks({
      microphone: state.microphoneTrack,
      camera: state.cameraTrack,
      screen: screen.video,
      'screen-audio': screen.audio,
    });
    this.#parts.sending.changed();
    mesh.setSilent(!media.microphone);
    seat.setMediaState(media);
    this.#parts.between.setMediaState(media);
    if (this.#clientId !== '') this.#levels.set(this.#clientId, media.microphone ? state.microphoneTrack : null);
    const capturing = state.microphoneTrack !== null || state.cameraTrack !== null;
    if (capturing && !this.#captured) {
      this.#captured = true;
      mesh.captureGranted();
    }
    this.#publish();
  }

  #seatChanged(state: SeatState): void {
    if (this.#ended) return;
    switch (state.status) {
      case 'joining':
        this.#status = { status: 'joining' };
        break;
      case 'waiting':
        this.#status = { status: 'waiting' };
        break;
      case 'joined':
        this.#status = { status: 'joined' };
        this.#clientId = state.clientId;
        break;
      case 'reconnecting':
        this.#status = { status: 'reconnecting', hostLeft: state.hostLeft };
        this.#parts.mesh.setReachable(false);
        break;
      case 'ended':
        this.#end({
          status: 'ended',
          reason: state.reason,
          people: [...this.#people.values()],
          durationMs: this.#joinedAt === null ? 0 : Date.now() - this.#joinedAt,
        });
        return;
    }
    this.#publish();
  }

  #end(status: RoomStatus): void {
    this.#status = status;
    this.#publish();
    // `subscribe` may call before it has returned the way to stop.
    queueMicrotask(() => {
      for (const stop of this.#stops.splice(0)) stop();
    });
    const { seat, mesh, between, tracks, onended } = this.#parts;
    seat.onjoined = null;
    seat.onmessage = null;
    between.close();
    mesh.close();
    this.#viewing.close();
    this.#assurance.close();
    this.#screen.stop();
    tracks.close();
    this.#levels.close();
    this.#sink.close();
    onended();
  }

  #publish(): void {
    this.#state.set(this.#describe());
  }

  #describe(): RoomState {
    const { meetingId, name, kind, mesh, tracks } = this.#parts;
    const own = tracks.state.get();
    const screen = this.#screen.state.get();
    const id = this.#clientId;
    const self = shownSelf({ id, name, kind, tracks: own, screen, speaking: this.#speaking.has(id), role: this.#role });
    const others = mesh.peers
      .get()
      .filter(({ gone }) => !gone)
      .map((peer) => shownPeer(peer, this.#speaking.has(peer.id), this.#assurance.standing(peer), this.#assurance.acquaintance(peer)));
    const shown = [self, ...others];
    return {
      status: this.#status,
      meetingId,
      ...this.#facts,
      participants: shown.map(({ participant }) => participant),
      count: shown.filter(({ participant }) => !participant.away).length,
      tiles: tilesOf(shown, this.#viewing.leftOut),
      chat: [...this.#lines.chat],
      microphone: own.microphone,
      camera: own.camera,
      screen: screen.screen,
      role: this.#role,
      access: this.#access,
      knocks: this.#knocks,
      code: this.#assurance.code(),
      unverifiable: this.#assurance.unverifiable(),
      mismatch: this.#assurance.mismatch,
      asked: this.#asked,
      ...this.#moves.shown(),
      spared: this.#viewing.spared,
      activeSpeaker: this.#viewing.activeSpeaker,
    };
  }
}
