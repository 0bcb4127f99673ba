import { isBusy, newNegotiation, step, type Action, type Input, type Negotiation } from './negotiation.ts';
import { sdpWithAddresses, withAddresses } from './candidates.ts';
import { senderOf } from './generation.ts';
import { Line, lineChannel, type Heard } from './line/line.ts';
import { hasData } from './sdp.ts';
import { withSendingTerms } from './sending-terms.ts';
import { encodeDescription, type Description } from './signals.ts';
import type { SharedCamera } from './send/shared/shared-camera.ts';
import { Slots, type Outgoing } from './slots.ts';
import type { SignalType } from '../protocol/generated/SignalType.ts';
import { logFor } from '../shared/log.ts';

/**
 * One RTCPeerConnection with its negotiation and slots: the shell around negotiation.ts. All asynchronous operations
 * run in one chain, in the order in which they were asked for. `close()` is final; nothing is reported after it.
 */

export interface ConnectionOptions {
  /** For logs. */
  peerId: string;
  /** The smaller client id is. */
  polite: boolean;
  iceServers: readonly string[];
  outgoing: Outgoing;
  /** The encoder for all links; null where each has its own. */
  shared: SharedCamera | null;
  /** The one of all our links; empty where the engine has one of its own for all. */
  certificates: readonly RTCCertificate[];
  /** Where the other side's connection to the room comes from. */
  addresses: () => readonly string[];
  /** Links that we have, this one among them. */
  links: () => number;
  /** What the hardware encodes, see codec-costs.ts. */
  efficient: () => ReadonlySet<string>;
  send: (type: SignalType, data: unknown) => void;
  /** State or incoming tracks changed. */
  onchange: () => void;
  /** Something came by the line. Its end is told too, also when that is our doing. */
  onheard: (heard: Heard) => void;
  /** What was negotiated may have been meant for somebody else: see `doubt` in negotiation.ts. */
  ondoubt: () => void;
  /** Nothing can be done with this connection any more. */
  onbroken: () => void;
}


const log = logFor('link');

export class Connection {
  /** Told to the other side, so that it recognises a new connection. */
  readonly id: string = crypto.randomUUID().slice(0, 8);
  readonly peer: RTCPeerConnection;
  readonly slots: Slots;
  /** The other side's connection. */
  other: string | null = null;

  #options: ConnectionOptions;
  #negotiation: Negotiation;
  /** It is made, and not known for whom: nothing is sent. */
  #ahead = false;
  #line: Line | null = null;
  #chain: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#negotiation = newNegotiation(options.polite);
    this.peer = new RTCPeerConnection({
      bundlePolicy: 'max-bundle',
      rtcpMuxPolicy: 'require',
      // With 1 addresses are gathered before there is something to answer: measured, and slower, as the page has more to do just then.
      iceCandidatePoolSize: 0,
      ...(options.certificates.length === 0 ? {} : { certificates: [...options.certificates] }),
      iceServers: options.iceServers.length === 0 ? [] : [{ urls: [...options.iceServers] }],
    });
    this.slots = new Slots(this.peer, options.outgoing, {
      shared: options.shared,
      peerId: () => this.#options.peerId,
      links: () => this.#options.links(),
      efficient: () => this.#options.efficient(),
    });
    this.peer.onicecandidate = ({ candidate }) => {
      if (candidate !== null && candidate.candidate !== '' && !this.#ahead) this.#options.send('ice-candidate', candidate.toJSON());
    };
    this.peer.onconnectionstatechange = () => {
      log.debug(`${this.#options.peerId}: ${this.peer.connectionState}`);
      this.#options.onchange();
    };
  }

  /** The data channel; null where the other side has none. */
  get line(): Line | null {
    return this.#line;
  }

  /** An offer of ours is out, or an operation runs. */
  get negotiating(): boolean {
    return this.#negotiation.phase.is === 'offered' || isBusy(this.#negotiation.phase);
  }

  setOutgoing(outgoing: Outgoing): void {
    if (this.slots.setOutgoing(outgoing)) this.#input({ is: 'needed', restart: false });
  }

  offer(): void {
    if (this.#ahead) {
      this.#ahead = false;
      // With the addresses that were found meanwhile. One that is still being made sends itself.
      if (this.#negotiation.phase.is === 'offered') this.#sendLocal('offer', this.#negotiation.phase.id, null);
      return;
    }
    this.#input({ is: 'needed', restart: false });
  }

  /** Makes the first offer, which {@link offer} sends once it is known whose it is. */
  offerAhead(): void {
    this.#ahead = true;
    // Nobody is encoded for before there is somebody.
    this.slots.setCameraSent({ is: 'nothing' });
    this.#input({ is: 'needed', restart: false });
  }

  /** For a connection that was made ahead: now it is known whose it is. To be followed by {@link offer}. */
  address(options: ConnectionOptions): void {
    this.#options = options;
    this.#negotiation = { ...this.#negotiation, polite: options.polite };
  }

  restartIce(): void {
    this.#input({ is: 'needed', restart: true });
  }

  /** Messages may have been lost. */
  resend(): void {
    this.#input({ is: 'resend' });
  }

  /** A description that was judged to be for this connection. */
  take(description: Description): void {
    this.#input({ is: 'description', description });
  }

  addCandidate(candidate: RTCIceCandidateInit): void {
    for (const each of withAddresses(candidate, this.#options.addresses())) {
      this.#input({ is: 'candidate', candidate: each });
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#line?.close();
    this.#closed = true;
    this.peer.onicecandidate = null;
    this.peer.onconnectionstatechange = null;
    this.slots.close();
    this.peer.close();
  }

  #input(input: Input): void {
    if (this.#closed) return;
    const { state, actions } = step(this.#negotiation, input);
    this.#negotiation = state;
    for (const action of actions) this.#chain = this.#chain.then(() => this.#run(action));
  }

  async #run(action: Action): Promise<void> {
    if (this.#closed) return;
    switch (action.do) {
      case 'make-offer':
        return this.#operate('make-offer', async () => {
          this.slots.prepareOffer();
          // Only the first offer: a side that began without a line has none, and stays as it is.
          if (this.peer.remoteDescription === null) this.#openLine();
          if (action.restart) this.peer.restartIce();
          await this.peer.setLocalDescription();
          return false;
        });
      case 'take-offer':
        return this.#operate('take-offer', async () => {
          await this.#setRemote(action.offer);
          const { sending } = await this.slots.adopt(action.offer.sources);
          if (hasData(action.offer.sdp)) this.#openLine();
          await Promise.all([this.peer.setLocalDescription(), sending]);
          this.#negotiated(action.offer);
          return this.slots.unfinished();
        });
      case 'take-answer':
        return this.#operate('take-answer', async () => {
          await this.#setRemote(action.answer);
          this.#negotiated(action.answer);
          return false;
        });
      case 'send-offer':
        if (this.#ahead) return;
        this.#sendLocal('offer', action.id, null);
        return;
      case 'send-answer':
        this.#sendLocal('answer', null, action.answers);
        return;
      case 'add-candidate':
        try {
          await this.peer.addIceCandidate(action.candidate);
        } catch {
          // One candidate of many; a name that cannot be resolved, or a form that this engine does not know.
          log.debug(`${this.#options.peerId}: a candidate was refused`);
        }
        return;
      case 'doubt':
        this.#options.ondoubt();
        return;
      case 'rebuild':
        this.#options.onbroken();
        return;
    }
  }

  /** @param operation says whether something of ours is still to be negotiated */
  async #operate(name: string, operation: () => Promise<boolean>): Promise<void> {
    try {
      const unfinished = await operation();
      this.#input({ is: 'done', unfinished });
    } catch (error) {
      if (this.#closed) return;
      log.warn(`${this.#options.peerId}: ${name} failed (${error instanceof Error ? error.name : 'unknown'})`);
      this.#input({ is: 'failed', signaling: this.peer.signalingState });
    }
  }

  async #setRemote({ type, sdp }: Description): Promise<void> {
    await this.peer.setRemoteDescription({ type, sdp: withSendingTerms(sdpWithAddresses(sdp, this.#options.addresses()), this.#options.links()) });
  }

  #openLine(): void {
    if (this.#line !== null) return;
    try {
      // Whose it is may be known only later.
      this.#line = new Line(lineChannel(this.peer), () => this.#options.peerId, (heard) => {
        this.#options.onheard(heard);
      });
    } catch (error) {
      // Media do without it.
      log.warn(`${this.#options.peerId}: no data channel (${error instanceof Error ? error.name : 'unknown'})`);
    }
  }

  #negotiated(description: Description): void {
    this.other = senderOf(description);
    this.slots.tune();
    this.#options.onchange();
  }

  #sendLocal(type: 'offer' | 'answer', id: string | null, answers: string | null): void {
    const sdp = this.peer.localDescription?.sdp;
    if (sdp === undefined) return;
    const sources = this.slots.sources();
    this.#options.send(type, encodeDescription({ type, sdp, id, answers, link: this.id, linkTo: this.other, sources }));
  }
}
