import type { ConnectionState } from '../../protocol/generated/ConnectionState.ts';
import type { EngineReply } from '../../protocol/generated/EngineReply.ts';
import type { EngineRequest } from '../../protocol/generated/EngineRequest.ts';
import { logFor } from '../../shared/log.ts';
import { Channels } from './channels.ts';
import { changeConfiguration, checkConfiguration } from './configuration.ts';
import type { NativeDataChannel } from './data-channel.ts';
import { toEncoding } from './encoding.ts';
import { NativeDataChannelEvent, NativeIceEvent } from './events.ts';
import { defineHandlers, type Handler } from './handlers.ts';
import type { Host } from './host.ts';
import { candidateForEngine, NativeIceCandidate } from './ice-candidate.ts';
import type { MediaStats } from './media-engine.ts';
import { closed, eventsOf, learn, lost, NEW, type Mirror, type Scope } from './mirror.ts';
import { Operations } from './operations.ts';
import type { NativeReceiver } from './receiver.ts';
import type { NativeSender } from './sender.ts';
import type { ConnectionEvent, EngineSession, EngineSessions } from './session.ts';
import { canTrickle, localDescription, type NativeSessionDescription, remoteDescription } from './session-description.ts';
import { makeReport, NativeStatsReport, type StatsSelector } from './stats-report.ts';
import type { NativeTransceiver } from './transceiver.ts';
import { kindOf, Transceivers } from './transceivers.ts';

/**
 * RTCPeerConnection (W3C webrtc §4.4) on an engine behind a socket. What the standard gives at once is kept here: made here
 * (transceivers, directions, tracks), or mirrored from what the engine says, in the order in which it says it. Asynchronous
 * operations go through the operations chain and settle after the events that they bring.
 *
 * open → (the engine is lost) failed → closed
 */

const NO_MEDIA: MediaStats = { received: new Map(), sent: new Map() };
const log = logFor('connection');

export class NativePeerConnection extends EventTarget {
  declare onnegotiationneeded: Handler;
  declare onicecandidate: Handler;
  declare onicecandidateerror: Handler;
  declare onsignalingstatechange: Handler;
  declare oniceconnectionstatechange: Handler;
  declare onicegatheringstatechange: Handler;
  declare onconnectionstatechange: Handler;
  declare ontrack: Handler;
  declare ondatachannel: Handler;

  readonly #session: EngineSession;
  readonly #host: Host;
  readonly #operations: Operations;
  readonly #transceivers: Transceivers;
  readonly #channels: Channels;
  #configuration: RTCConfiguration;
  #mirror: Mirror = NEW;
  /** States that were told by events. */
  #states = 0;
  #closed = false;

  constructor(configuration: RTCConfiguration, sessions: EngineSessions) {
    super();
    this.#configuration = checkConfiguration(configuration);
    this.#operations = new Operations(() => {
      this.#checkNegotiation();
    });
    this.#session = sessions.current();
    const connection = this.#session.attach({
      onengine: (event) => {
        this.#event(event);
      },
      onchannel: (frame) => {
        this.#channels.message(frame);
      },
      onlost: () => {
        this.#lose();
      },
    });
    const isClosed = (): boolean => this.#closed;
    this.#host = {
      session: this.#session,
      connection,
      operations: this.#operations,
      get closed() {
        return isClosed();
      },
      change: (request, onrefused) => {
        this.#change(request, onrefused);
      },
      getStats: (selector) => this.#stats(selector),
    };
    this.#transceivers = new Transceivers(this.#host);
    this.#channels = new Channels(
      this.#host,
      () => this.#mirror.maxMessageSize,
      (channel) => {
        this.dispatchEvent(new NativeDataChannelEvent('datachannel', { channel }));
      },
    );
  }

  get signalingState(): RTCSignalingState {
    return this.#mirror.signaling;
  }

  get iceGatheringState(): RTCIceGatheringState {
    return this.#mirror.gathering;
  }

  get iceConnectionState(): RTCIceConnectionState {
    return this.#mirror.ice;
  }

  get connectionState(): RTCPeerConnectionState {
    return this.#mirror.connection;
  }

  get localDescription(): NativeSessionDescription | null {
    return this.#mirror.pendingLocal ?? this.#mirror.currentLocal;
  }

  get currentLocalDescription(): NativeSessionDescription | null {
    return this.#mirror.currentLocal;
  }

  get pendingLocalDescription(): NativeSessionDescription | null {
    return this.#mirror.pendingLocal;
  }

  get remoteDescription(): NativeSessionDescription | null {
    return this.#mirror.pendingRemote ?? this.#mirror.currentRemote;
  }

  get currentRemoteDescription(): NativeSessionDescription | null {
    return this.#mirror.currentRemote;
  }

  get pendingRemoteDescription(): NativeSessionDescription | null {
    return this.#mirror.pendingRemote;
  }

  get canTrickleIceCandidates(): boolean | null {
    return this.remoteDescription === null ? null : canTrickle(this.remoteDescription.sdp);
  }

  /** Null before data channels were negotiated. */
  get sctp(): { readonly maxMessageSize: number; readonly state: RTCSctpTransportState } | null {
    const { maxMessageSize, connection } = this.#mirror;
    if (maxMessageSize === null) return null;
    const over = connection === 'closed' || connection === 'failed';
    const state = over ? 'closed' : connection === 'connected' ? 'connected' : 'connecting';
    return { maxMessageSize: maxMessageSize === 0 ? Number.POSITIVE_INFINITY : maxMessageSize, state };
  }

  getConfiguration(): RTCConfiguration {
    return structuredClone(this.#configuration);
  }

  setConfiguration(configuration: RTCConfiguration = {}): void {
    this.#check();
    this.#configuration = changeConfiguration(this.#configuration, configuration);
  }

  addTransceiver(trackOrKind: MediaStreamTrack | string, init: RTCRtpTransceiverInit = {}): NativeTransceiver {
    const track = typeof trackOrKind === 'string' ? null : trackOrKind;
    const kind = kindOf(typeof trackOrKind === 'string' ? { kind: trackOrKind } : trackOrKind);
    const { direction = 'sendrecv', streams = [], sendEncodings = [] } = init;
    if (direction === 'stopped') throw new TypeError('a transceiver cannot be made stopped');
    this.#check();
    // One encoding: more are cut off, as the standard allows.
    const [encoding] = sendEncodings;
    return this.#transceivers.add({
      kind,
      track,
      direction,
      streams,
      encoding: toEncoding(kind, encoding ?? {}),
    });
  }

  addTrack(track: MediaStreamTrack, ...streams: MediaStream[]): NativeSender {
    this.#check();
    return this.#transceivers.addTrack(track, streams);
  }

  removeTrack(sender: NativeSender): void {
    this.#check();
    this.#transceivers.removeTrack(sender);
  }

  getTransceivers(): NativeTransceiver[] {
    return this.#transceivers.faces;
  }

  getSenders(): NativeSender[] {
    return this.#transceivers.live.map(({ sender }) => sender);
  }

  getReceivers(): NativeReceiver[] {
    return this.#transceivers.live.map(({ receiver }) => receiver);
  }

  createOffer(options: RTCOfferOptions = {}): Promise<RTCSessionDescriptionInit> {
    return this.#operations.run(async () => {
      for (const [kind, wanted] of [['audio', options.offerToReceiveAudio], ['video', options.offerToReceiveVideo]] as const) {
        if (wanted === true) this.#receive(kind);
      }
      const { connection } = this.#host;
      return descriptionOf(await this.#session.call({ do: 'create-offer', connection, iceRestart: options.iceRestart ?? false }));
    });
  }

  createAnswer(): Promise<RTCSessionDescriptionInit> {
    return this.#operations.run(async () =>
      descriptionOf(await this.#session.call({ do: 'create-answer', connection: this.#host.connection })),
    );
  }

  setLocalDescription(init?: RTCLocalSessionDescriptionInit): Promise<void> {
    return this.#operations.run(() => {
      const description = localDescription(init, this.#mirror.signaling);
      const { connection } = this.#host;
      return this.#ask({ do: 'set-local-description', connection, ...(description === null ? {} : { description }) });
    });
  }

  setRemoteDescription(init: RTCSessionDescriptionInit): Promise<void> {
    return this.#operations.run(() => {
      const { connection } = this.#host;
      return this.#ask({ do: 'set-remote-description', connection, description: remoteDescription(init) });
    });
  }

  addIceCandidate(init?: RTCIceCandidateInit | null): Promise<void> {
    const candidate = candidateForEngine(init ?? {});
    if (candidate === null) return Promise.reject(new TypeError('sdpMid and sdpMLineIndex are both null'));
    return this.#operations.run(() => {
      if (this.remoteDescription === null) {
        return Promise.reject(new DOMException('there is no remote description', 'InvalidStateError'));
      }
      return this.#ask({ do: 'add-ice-candidate', connection: this.#host.connection, candidate });
    });
  }

  restartIce(): void {
    if (!this.#closed) this.#change({ do: 'restart-ice', connection: this.#host.connection });
  }

  createDataChannel(label: string, init: RTCDataChannelInit = {}): NativeDataChannel {
    this.#check();
    return this.#channels.create(label, init);
  }

  async getStats(track?: MediaStreamTrack | null): Promise<NativeStatsReport> {
    return this.#stats(track == null ? { is: 'all' } : this.#transceivers.owner(track));
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#mirror = closed(this.#mirror);
    this.#operations.close();
    this.#transceivers.end('closed');
    this.#channels.end('quietly');
    this.#session.detach(this.#host.connection);
  }

  /** An operation whose answer is `State` or `Done`. */
  async #ask(request: EngineRequest): Promise<void> {
    const events = this.#states;
    await this.#session.call(request, (reply) => {
      if (reply.is === 'state' && !this.#closed) this.#learn(reply.state, this.#states === events ? 'all' : 'signaling');
    });
  }

  /** What the standard does at once, and the engine a moment later. */
  #change(request: EngineRequest, onrefused?: () => void): void {
    this.#ask(request).catch((error: unknown) => {
      if (this.#closed) return;
      if (!this.#session.over) log.warn(`${request.do} was refused (${error instanceof Error ? error.name : 'unknown'})`);
      onrefused?.();
    });
  }

  #event(event: ConnectionEvent): void {
    if (this.#closed) return;
    switch (event.event) {
      case 'state':
        this.#states += 1;
        this.#learn(event.state, 'transport');
        return;
      case 'candidate': {
        const candidate = event.candidate === null ? null : new NativeIceCandidate(event.candidate);
        this.dispatchEvent(new NativeIceEvent('icecandidate', { candidate }));
        return;
      }
      case 'channel-created':
      case 'channel-state':
      case 'channel-buffered':
        this.#channels.learn(event);
    }
  }

  #learn(state: ConnectionState, scope: Scope): void {
    const before = this.#mirror;
    this.#mirror = learn(before, state, scope);
    const tracks = scope === 'transport' ? [] : this.#transceivers.learn(state.transceivers);
    const { first, last } = eventsOf(before, this.#mirror);
    this.#tell([...first.map((type) => new Event(type)), ...tracks, ...last.map((type) => new Event(type))]);
    this.#checkNegotiation();
  }

  /** Handlers may close the connection; nothing is told after that. */
  #tell(events: readonly Event[]): void {
    for (const event of events) if (!this.#closed) this.dispatchEvent(event);
  }

  /** W3C webrtc §4.7.3: told in a task of its own, when nothing is under way and everything is stable. */
  #checkNegotiation(): void {
    if (!this.#negotiationIsDue()) return;
    setTimeout(() => {
      if (!this.#negotiationIsDue()) return;
      this.#mirror = { ...this.#mirror, negotiation: 'told' };
      this.dispatchEvent(new Event('negotiationneeded'));
    }, 0);
  }

  #negotiationIsDue(): boolean {
    const { negotiation, signaling } = this.#mirror;
    return !this.#closed && negotiation === 'needed' && signaling === 'stable' && this.#operations.empty;
  }

  #lose(): void {
    if (this.#closed) return;
    const before = this.#mirror;
    this.#mirror = lost(before);
    this.#transceivers.end('lost');
    this.#channels.end('lost');
    this.#tell(eventsOf(before, this.#mirror).last.map((type) => new Event(type)));
  }

  async #stats(selector: StatsSelector): Promise<NativeStatsReport> {
    // A closed connection has counted nothing that is still known.
    if (this.#closed) return new NativeStatsReport();
    const [reply, media] = await Promise.all([
      this.#session.call({ do: 'get-stats', connection: this.#host.connection }),
      this.#session.media.stats().catch(() => NO_MEDIA),
    ]);
    return makeReport(reply.is === 'stats' ? reply.entries : [], media, this.#transceivers.forStats(), selector);
  }

  /** What `offerToReceiveAudio` and `offerToReceiveVideo` ask for (W3C webrtc §4.4.3). */
  #receive(kind: 'audio' | 'video'): void {
    const receives = this.#transceivers.live.some(
      ({ receiver, direction }) => receiver.track.kind === kind && (direction === 'sendrecv' || direction === 'recvonly'),
    );
    if (!receives) this.addTransceiver(kind, { direction: 'recvonly' });
  }

  #check(): void {
    if (this.#closed) throw new DOMException('the connection is closed', 'InvalidStateError');
  }
}

defineHandlers(NativePeerConnection.prototype, [
  'negotiationneeded',
  'icecandidate',
  'icecandidateerror',
  'signalingstatechange',
  'iceconnectionstatechange',
  'icegatheringstatechange',
  'connectionstatechange',
  'track',
  'datachannel',
]);

function descriptionOf(reply: EngineReply): RTCSessionDescriptionInit {
  if (reply.is === 'description') return { type: reply.description.type, sdp: reply.description.sdp };
  throw new DOMException('the engine gave no description', 'OperationError');
}
