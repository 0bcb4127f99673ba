import { beforeEach, describe, expect, it } from 'vitest';

import { Connection, type ConnectionOptions } from '../connection.ts';
import type { Outgoing } from '../slots.ts';
import { decodeSignal } from '../signals.ts';
import { NativePeerConnection } from './peer-connection.ts';
import type { NEW_STATE} from './scripted-engine.ts';
import { fakeTrack, ScriptedEngine, settled, transceiver } from './scripted-engine.ts';

/** Guards that links, which know nothing of engines, work on this RTCPeerConnection as on a browser's. */

const SDP = 'v=0\r\no=- 7 1 IN IP4 0.0.0.0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=ice-ufrag:abcd\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\n';
const camera = fakeTrack('video');
const outgoing: Outgoing = { microphone: null, camera, screen: null, 'screen-audio': null };

let engine: ScriptedEngine;
let sent: { type: string; data: unknown }[];
let changes: number;

function options(): ConnectionOptions {
  return {
    peerId: 'p',
    polite: true,
    iceServers: [],
    certificates: [],
    shared: null,
    outgoing,
    addresses: () => [], links: () => 1, efficient: () => new Set(),
    send: (type, data) => sent.push({ type, data }),
    onchange: () => (changes += 1),
    onheard: () => undefined,
    ondoubt: () => undefined,
    onbroken: () => sent.push({ type: 'broken', data: null }),
  };
}

const link = (): Connection => new Connection(options());

beforeEach(() => {
  engine = new ScriptedEngine();
  sent = [];
  changes = 0;
  const { sessions } = engine;
  Object.assign(globalThis, {
    RTCPeerConnection: class extends NativePeerConnection {
      constructor(configuration: RTCConfiguration = {}) {
        super(configuration, sessions);
      }
    },
  });
});

/** Answers what is asked until nothing is: `state` to the last question of a kind, the state before to all earlier ones. */
async function answerAll(state: Partial<typeof NEW_STATE>, before: Partial<typeof NEW_STATE> = {}): Promise<void> {
  await settled();
  while (engine.asked.length > 0) {
    const [asked] = engine.asked;
    const plain = asked?.do === 'open' || asked?.do === 'close' || asked?.do === 'set-track' || asked?.do === 'set-encoding' || asked?.do === 'add-ice-candidate' || asked?.do === 'set-layers' || asked?.do === 'drop-track';
    if (plain) engine.answer({ is: 'done' });
    else engine.answerState(asked?.do === 'set-local-description' || asked?.do === 'set-remote-description' ? state : before);
    await settled();
  }
}

describe('a link on the engine', () => {
  it('offers before the socket is open, and the offer goes out with its sources', async () => {
    const made = link();
    made.offer();
    await settled();
    engine.socket.open();
    await answerAll({
      signaling: 'have-local-offer',
      pendingLocal: { type: 'offer', sdp: SDP },
      transceivers: [transceiver({ transceiver: 2, kind: 'audio', mid: '0' }), transceiver({ transceiver: 3, mid: '1' })],
    });
    const [offer] = sent;
    const signal = decodeSignal('offer', offer?.data);
    expect(signal).toMatchObject({ kind: 'description', description: { type: 'offer', sdp: SDP } });
    expect([...made.slots.sources()]).toEqual([['0', 'microphone'], ['1', 'camera']]);
    expect(engine.socket.calls.map(({ request }) => request.do)).toEqual(['open', 'add-transceiver', 'add-transceiver', 'set-track', 'create-data-channel', 'set-local-description']);
  });

  it('that is made ahead says nothing and sends no picture before it is known whose it is, and then all in one offer', async () => {
    const made = link();
    made.offerAhead();
    await settled();
    engine.socket.open();
    const offered = {
      signaling: 'have-local-offer' as const,
      pendingLocal: { type: 'offer' as const, sdp: SDP },
      transceivers: [transceiver({ transceiver: 2, kind: 'audio', mid: '0' }), transceiver({ transceiver: 3, mid: '1' })],
    };
    await answerAll(offered);
    expect(sent).toEqual([]);
    expect(made.slots.camera?.way).toBe('nothing');
    const told: string[] = [];
    made.address({ ...options(), peerId: 'q', send: (type) => told.push(type) });
    expect(told).toEqual([]);
    made.offer();
    await settled();
    expect(told).toEqual(['offer']);
    expect(sent).toEqual([]);
    // As any link from now on.
    made.restartIce();
    await answerAll(offered);
    expect(engine.socket.calls.filter(({ request }) => request.do === 'set-local-description')).toHaveLength(1);
  });

  it('that is addressed while its offer is being made sends it once it is', async () => {
    const made = link();
    made.offerAhead();
    made.address(options());
    made.offer();
    await settled();
    engine.socket.open();
    await answerAll({ signaling: 'have-local-offer', pendingLocal: { type: 'offer', sdp: SDP }, transceivers: [transceiver({ transceiver: 2, kind: 'audio', mid: '0' }), transceiver({ transceiver: 3, mid: '1' })] });
    expect(sent.map(({ type }) => type)).toEqual(['offer']);
  });

  it.each([
    ['with one', `${SDP}m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=sctp-port:5000\r\n`, 1],
    ['without one', SDP, 0],
    ['that refuses it', `${SDP}m=application 0 UDP/DTLS/SCTP webrtc-datachannel\r\n`, 0],
  ])('has a data channel where the first offer is %s, and offers none later', async (_, sdp, channels) => {
    const made = link();
    await settled();
    engine.socket.open();
    const signal = decodeSignal('offer', { type: 'offer', sdp, id: '1', link: 'theirs' });
    if (signal?.kind !== 'description') throw new Error('not a description');
    const sections = [transceiver({ transceiver: 0x8000_0000, kind: 'audio', mid: '0', receiving: true }), transceiver({ transceiver: 0x8000_0001, mid: '1', receiving: true })];
    const offered = { signaling: 'have-remote-offer' as const, pendingRemote: { type: 'offer' as const, sdp }, transceivers: sections };
    const negotiated = {
      currentRemote: { type: 'offer' as const, sdp },
      currentLocal: { type: 'answer' as const, sdp },
      transceivers: sections.map((each) => ({ ...each, currentDirection: 'sendrecv' as const })),
    };
    made.take(signal.description);
    await settled();
    engine.answer({ is: 'done' });
    engine.answerState(offered);
    await answerAll(negotiated, offered);
    made.restartIce();
    await settled();
    await answerAll({ ...negotiated, signaling: 'have-local-offer', pendingLocal: { type: 'offer', sdp } }, negotiated);
    expect(sent.map(({ type }) => type)).toEqual(['answer', 'offer']);
    expect(engine.socket.calls.filter(({ request }) => request.do === 'create-data-channel')).toHaveLength(channels);
    expect(made.line?.ready ?? null).toBe(channels === 0 ? null : false);
  });

  it('answers an offer with its own tracks, and has what comes in', async () => {
    const made = link();
    await settled();
    engine.socket.open();
    const remote = [
      transceiver({ transceiver: 0x8000_0000, kind: 'audio', mid: '0', direction: 'recvonly', receiving: true }),
      transceiver({ transceiver: 0x8000_0001, mid: '1', direction: 'recvonly', receiving: true }),
    ];
    const signal = decodeSignal('offer', { type: 'offer', sdp: SDP, id: '1', link: 'theirs' });
    if (signal?.kind !== 'description') throw new Error('not a description');
    made.take(signal.description);
    await settled();
    engine.answer({ is: 'done' });
    engine.answerState({ signaling: 'have-remote-offer', pendingRemote: { type: 'offer', sdp: SDP }, transceivers: remote });
    await answerAll(
      {
        currentRemote: { type: 'offer', sdp: SDP },
        currentLocal: { type: 'answer', sdp: SDP },
        transceivers: remote.map((each) => ({ ...each, currentDirection: 'sendrecv' as const })),
      },
      { signaling: 'have-remote-offer', pendingRemote: { type: 'offer', sdp: SDP }, transceivers: remote },
    );
    expect(sent.map(({ type }) => type)).toEqual(['answer']);
    expect(Object.keys(made.slots.incoming()).sort()).toEqual(['camera', 'microphone']);
    const asked = engine.socket.calls.map(({ request }) => request);
    expect(asked).toContainEqual({ do: 'set-track', connection: 1, transceiver: 0x8000_0001, track: 1 });
    expect(asked).toContainEqual({ do: 'set-direction', connection: 1, transceiver: 0x8000_0001, direction: 'sendrecv' });
    expect(asked).toContainEqual({ do: 'set-encoding', connection: 1, transceiver: 0x8000_0001, encoding: { active: true, maxBitrate: 2_000_000 } });
    expect(changes).toBeGreaterThan(0);
    // A way that carries little: the voice gives way too, and takes its place again.
    const voices = async (spared: boolean): Promise<unknown> => {
      const before = engine.socket.calls.length;
      made.slots.setSoundSpared(spared);
      await answerAll({});
      return engine.socket.calls.slice(before).map(({ request }) => request);
    };
    const voice = (maxBitrate: number): unknown => [{ do: 'set-encoding', connection: 1, transceiver: 0x8000_0000, encoding: { active: true, maxBitrate } }];
    expect(await voices(true)).toEqual(voice(24_000));
    expect(await voices(false)).toEqual(voice(64_000));
  });

  it('is broken when the engine is lost in the middle of an offer', async () => {
    link().offer();
    await settled();
    engine.socket.open();
    engine.socket.drop();
    await settled();
    expect(sent.map(({ type }) => type)).toEqual(['broken']);
  });

  it('tells its candidates in the form of the standard', async () => {
    link();
    await settled();
    engine.socket.open();
    engine.tell({ event: 'candidate', connection: 1, candidate: { candidate: 'candidate:1 1 udp 1 10.0.0.1 9 typ host', sdpMid: '0', sdpMLineIndex: 0, usernameFragment: 'abcd' } });
    engine.tell({ event: 'candidate', connection: 1, candidate: null });
    expect(sent).toEqual([{ type: 'ice-candidate', data: { candidate: 'candidate:1 1 udp 1 10.0.0.1 9 typ host', sdpMid: '0', sdpMLineIndex: 0, usernameFragment: 'abcd' } }]);
  });
});
