import { describe, expect, it } from 'vitest';

import { NativeTrackEvent } from './events.ts';
import type { NativePeerConnection } from './peer-connection.ts';
import { fakeStream, fakeTrack, ScriptedEngine, settled, transceiver } from './scripted-engine.ts';

/** Guards what the standard promises of a connection whatever the engine's answers take: order, the chain, what is known at once. */

const OFFER = { type: 'offer', sdp: 'v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\n' } as const;
const ANSWER = { type: 'answer', sdp: 'v=0\r\no=- 2 1 IN IP4 0.0.0.0\r\na=ice-options:trickle ice2\r\n' } as const;

async function connect(): Promise<{ engine: ScriptedEngine; peer: NativePeerConnection }> {
  const engine = new ScriptedEngine();
  return { engine, peer: await engine.connect() };
}

describe('transceivers', () => {
  it('are there at once, and told to the engine with track and limit', async () => {
    const { engine, peer } = await connect();
    const track = fakeTrack('video');
    const stream = fakeStream();
    const made = peer.addTransceiver(track, { direction: 'sendonly', streams: [stream], sendEncodings: [{ maxBitrate: 5_000 }] });
    expect(peer.getTransceivers()).toEqual([made]);
    expect(made.direction).toBe('sendonly');
    expect(made.mid).toBeNull();
    expect(made.sender.track).toBe(track);
    expect(made.receiver.track.kind).toBe('video');
    expect(engine.asked).toEqual([
      { do: 'add-transceiver', connection: 1, transceiver: 2, kind: 'video', direction: 'sendonly', streams: [stream.id] },
      { do: 'set-encoding', connection: 1, transceiver: 2, encoding: { active: true, maxBitrate: 5_000 } },
      { do: 'set-track', connection: 1, transceiver: 2, track: 1 },
    ]);
  });

  it('stay when an answer comes that was given before they were made', async () => {
    const { engine, peer } = await connect();
    const audio = peer.addTransceiver('audio');
    const video = peer.addTransceiver('video');
    engine.answerState({ transceivers: [transceiver({ transceiver: 2, kind: 'audio' })] });
    expect(peer.getTransceivers()).toEqual([audio, video]);
  });

  it('keep the direction that was set last, whatever older news says', async () => {
    const { engine, peer } = await connect();
    const made = peer.addTransceiver('audio');
    made.direction = 'inactive';
    engine.answerState({ transceivers: [transceiver({ transceiver: 2, kind: 'audio', direction: 'sendrecv' })] });
    expect(made.direction).toBe('inactive');
    expect(engine.asked).toEqual([{ do: 'set-direction', connection: 1, transceiver: 2, direction: 'inactive' }]);
  });

  it('are in the engine’s order once it has told it', async () => {
    const { engine, peer } = await connect();
    const own = peer.addTransceiver('audio');
    void peer.setRemoteDescription(OFFER);
    const remote = transceiver({ transceiver: 0x8000_0000, mid: '0', direction: 'recvonly', receiving: true });
    engine.answerState({ transceivers: [transceiver({ transceiver: 2, kind: 'audio' })] });
    engine.answerState({ signaling: 'have-remote-offer', transceivers: [remote, transceiver({ transceiver: 2, kind: 'audio' })] });
    const [first, second] = peer.getTransceivers();
    expect(second).toBe(own);
    expect(first?.direction).toBe('recvonly');
    expect(first?.mid).toBe('0');
  });

  it('of a refused wish are stopped and gone', async () => {
    const { engine, peer } = await connect();
    const made = peer.addTransceiver('audio');
    engine.refuse('QuotaExceededError');
    await settled();
    expect(peer.getTransceivers()).toEqual([]);
    expect(made.direction).toBe('stopped');
  });

  it('stop at once, and lose their mid when that is negotiated', async () => {
    const { engine, peer } = await connect();
    const made = peer.addTransceiver('video');
    const known = transceiver({ transceiver: 2, mid: '0', currentDirection: 'sendrecv' });
    engine.answerState({ transceivers: [known] });
    made.stop();
    expect(made.direction).toBe('stopped');
    expect(made.currentDirection).toBe('sendrecv');
    expect(engine.media.log).toEqual([`end ${made.receiver.track.id}`]);
    expect(() => (made.direction = 'sendrecv')).toThrow('stopped');
    engine.answerState({ transceivers: [{ ...known, stopped: true }] });
    expect(made.mid).toBe('0');
    void peer.setRemoteDescription(ANSWER);
    engine.answerState({ transceivers: [] });
    expect(made.mid).toBeNull();
    expect(made.currentDirection).toBe('stopped');
    expect(peer.getTransceivers()).toEqual([]);
  });
});

describe('tracks that are sent', () => {
  it('have one id on all connections, and are dropped with the last sender', async () => {
    const { engine, peer } = await connect();
    const other = await engine.connect();
    const camera = fakeTrack('video');
    const first = peer.addTransceiver(camera).sender;
    const second = other.addTransceiver(camera).sender;
    expect(engine.asked.flatMap((asked) => (asked.do === 'set-track' ? [asked.track] : []))).toEqual([1, 1]);
    await first.replaceTrack(null);
    expect(engine.asked.some((asked) => asked.do === 'drop-track')).toBe(false);
    await second.replaceTrack(null);
    expect(engine.asked.at(-1)).toEqual({ do: 'drop-track', track: 1 });
  });

  it('are replaced at once when nothing else runs', async () => {
    const { peer } = await connect();
    const sender = peer.addTransceiver('video').sender;
    const camera = fakeTrack('video');
    const replaced = sender.replaceTrack(camera);
    expect(sender.track).toBe(camera);
    await expect(replaced).resolves.toBeUndefined();
    await expect(sender.replaceTrack(fakeTrack('audio'))).rejects.toThrow(TypeError);
  });

  it('are replaced after the operations that were asked for before', async () => {
    const { engine, peer } = await connect();
    const sender = peer.addTransceiver('video').sender;
    engine.answerState({ transceivers: [transceiver({ transceiver: 2 })] });
    const offered = peer.setLocalDescription();
    const camera = fakeTrack('video');
    const replaced = sender.replaceTrack(camera);
    expect(sender.track).toBeNull();
    engine.answerState({ signaling: 'have-local-offer', pendingLocal: OFFER, transceivers: [transceiver({ transceiver: 2, mid: '0' })] });
    await offered;
    await replaced;
    expect(sender.track).toBe(camera);
  });

  it('take a free transceiver with addTrack, and leave it with removeTrack', async () => {
    const { engine, peer } = await connect();
    const free = peer.addTransceiver('video', { direction: 'recvonly' });
    const track = fakeTrack('video');
    const sender = peer.addTrack(track, fakeStream());
    expect(sender).toBe(free.sender);
    expect(free.direction).toBe('sendrecv');
    expect(() => peer.addTrack(track)).toThrow('already');
    expect(peer.addTrack(fakeTrack('video'))).not.toBe(sender);
    peer.removeTrack(sender);
    expect(sender.track).toBeNull();
    expect(free.direction).toBe('recvonly');
    expect(engine.asked.at(-1)).toEqual({ do: 'set-direction', connection: 1, transceiver: 2, direction: 'recvonly' });
  });

  it('have their rate limited by parameters that were read before', async () => {
    const { engine, peer } = await connect();
    const { sender } = peer.addTransceiver('video');
    const stale = sender.getParameters();
    const parameters = sender.getParameters();
    expect(parameters.encodings).toEqual([{ active: true, scaleResolutionDownBy: 1 }]);
    await sender.setParameters({ ...parameters, encodings: [{ active: true, maxBitrate: 2_000_000 }] });
    expect(engine.asked.at(-1)).toEqual({ do: 'set-encoding', connection: 1, transceiver: 2, encoding: { active: true, maxBitrate: 2_000_000 } });
    expect(sender.getParameters().encodings[0]?.maxBitrate).toBe(2_000_000);
    await expect(sender.setParameters(stale)).rejects.toMatchObject({ name: 'InvalidModificationError' });
  });

  it('send smaller, slower or nothing as parameters say, and refuse what the standard refuses', async () => {
    const { engine, peer } = await connect();
    const { sender } = peer.addTransceiver('video');
    const set = (encoding: RTCRtpEncodingParameters): Promise<void> => sender.setParameters({ ...sender.getParameters(), encodings: [encoding] });
    await set({ scaleResolutionDownBy: 2.5, maxFramerate: 7.5 });
    const told = { do: 'set-encoding', connection: 1, transceiver: 2 };
    expect(engine.asked.at(-1)).toEqual({ ...told, encoding: { active: true, scaleResolutionDownBy: 2.5, maxFramerate: 8 } });
    expect(sender.getParameters().encodings).toEqual([{ active: true, scaleResolutionDownBy: 2.5, maxFramerate: 8 }]);
    await set({ active: false });
    expect(engine.asked.at(-1)).toEqual({ ...told, encoding: { active: false } });
    const asked = engine.asked.length;
    await set({ active: false, scaleResolutionDownBy: 1 });
    expect(engine.asked).toHaveLength(asked);
    await expect(set({ scaleResolutionDownBy: 0.5 })).rejects.toThrow(RangeError);
    await expect(set({ maxFramerate: -1 })).rejects.toThrow(RangeError);
    expect(() => peer.addTransceiver('video', { sendEncodings: [{ scaleResolutionDownBy: 0 }] })).toThrow(RangeError);
    expect(engine.asked).toHaveLength(asked);

    const sound = peer.addTransceiver('audio').sender;
    await sound.setParameters({ ...sound.getParameters(), encodings: [{ scaleResolutionDownBy: 4, maxFramerate: 1 }] });
    expect(sound.getParameters().encodings, 'what is about pictures').toEqual([{ active: true }]);
  });

  it('follow what the engine says of encoding', async () => {
    const { engine, peer } = await connect();
    peer.addTransceiver(fakeTrack('video'));
    engine.media.events.onlayers(1, [{ width: 640, height: 480, minBitrate: 1, maxBitrate: 2, fixed: false }]);
    expect(engine.asked.at(-1)).toMatchObject({ do: 'set-layers', track: 1 });
    engine.tell({ event: 'encode', track: 1, layer: 0, target: { bitrate: 100, framerate: 30, height: 480 } });
    engine.tell({ event: 'key-frame', track: 1, layer: 0 });
    expect(engine.media.log).toEqual(['encode 1/0', 'key-frame 1/0']);
  });
});

describe('descriptions', () => {
  it('are set after their events, and known before them', async () => {
    const { engine, peer } = await connect();
    const log: string[] = [];
    peer.onsignalingstatechange = () => log.push(`signaling ${peer.signalingState} ${peer.getTransceivers()[0]?.mid ?? 'none'}`);
    peer.ontrack = () => log.push('track');
    peer.onconnectionstatechange = () => log.push(`connection ${peer.connectionState}`);
    const set = peer.setRemoteDescription(OFFER).then(() => log.push('resolved'));
    engine.answerState({
      signaling: 'have-remote-offer',
      pendingRemote: OFFER,
      ice: 'checking',
      connection: 'connecting',
      transceivers: [transceiver({ transceiver: 0x8000_0000, mid: '0', direction: 'recvonly', receiving: true })],
    });
    await set;
    expect(log).toEqual(['signaling have-remote-offer 0', 'track', 'connection connecting', 'resolved']);
    expect(peer.remoteDescription?.toJSON()).toEqual(OFFER);
    expect(peer.currentRemoteDescription).toBeNull();
  });

  it('wait for each other, in the order in which they were asked for', async () => {
    const { engine, peer } = await connect();
    const order: string[] = [];
    const remote = peer.setRemoteDescription(OFFER).then(() => order.push('remote'));
    const answer = peer.createAnswer().then(() => order.push('answer'));
    const candidate = peer.addIceCandidate({ candidate: 'candidate:1', sdpMid: '0' }).then(() => order.push('candidate'));
    expect(engine.asked.map((asked) => asked.do)).toEqual(['set-remote-description']);
    engine.answerState({ signaling: 'have-remote-offer', pendingRemote: OFFER });
    await settled();
    expect(engine.asked.map((asked) => asked.do)).toEqual(['create-answer']);
    engine.answer({ is: 'description', description: ANSWER });
    await settled();
    engine.answer({ is: 'done' });
    await Promise.all([remote, answer, candidate]);
    expect(order).toEqual(['remote', 'answer', 'candidate']);
  });

  it('that are refused fail under the engine’s name, and the next operation runs', async () => {
    const { engine, peer } = await connect();
    const refused = peer.setRemoteDescription(ANSWER);
    const offered = peer.createOffer({ iceRestart: true });
    engine.refuse('InvalidStateError');
    await expect(refused).rejects.toMatchObject({ name: 'InvalidStateError' });
    expect(engine.asked).toEqual([{ do: 'create-offer', connection: 1, iceRestart: true }]);
    engine.answer({ is: 'description', description: OFFER });
    await expect(offered).resolves.toEqual(OFFER);
  });

  it('are the same objects until they change', async () => {
    const { engine, peer } = await connect();
    void peer.setLocalDescription();
    engine.answerState({ signaling: 'have-local-offer', pendingLocal: OFFER });
    const before = peer.localDescription;
    engine.tellState({ signaling: 'have-local-offer', pendingLocal: OFFER, gathering: 'gathering' });
    expect(peer.localDescription).toBe(before);
    void peer.setRemoteDescription(ANSWER);
    await settled();
    engine.answerState({ currentLocal: OFFER, currentRemote: ANSWER });
    expect(peer.currentLocalDescription).toBe(before);
    expect(peer.pendingLocalDescription).toBeNull();
    expect(peer.canTrickleIceCandidates).toBe(true);
  });

  it('take no candidate before there is a remote one, nor one without a section', async () => {
    const { peer } = await connect();
    await expect(peer.addIceCandidate({ candidate: 'candidate:1', sdpMid: '0' })).rejects.toMatchObject({ name: 'InvalidStateError' });
    await expect(peer.addIceCandidate({ candidate: 'candidate:1' })).rejects.toThrow(TypeError);
  });
});

describe('events that overtake answers', () => {
  it('change nothing of what was negotiated', async () => {
    const { engine, peer } = await connect();
    void peer.setRemoteDescription(OFFER);
    const receiving = transceiver({ transceiver: 0x8000_0000, mid: '0', direction: 'recvonly', receiving: true });
    engine.answerState({ signaling: 'have-remote-offer', pendingRemote: OFFER, transceivers: [receiving] });
    const { track } = peer.getTransceivers()[0]?.receiver ?? { track: null };
    // Written before the offer was set, and sent after it.
    engine.tellState({ ice: 'checking' });
    expect(peer.signalingState).toBe('have-remote-offer');
    expect(peer.iceConnectionState).toBe('checking');
    expect(track !== null && engine.media.bound.get(track)).toBe(receiving.receiver);
  });

  it('are not undone by an answer that was given before them', async () => {
    const { engine, peer } = await connect();
    void peer.setLocalDescription();
    engine.tellState({ gathering: 'complete', ice: 'checking' });
    engine.answerState({ signaling: 'have-local-offer', pendingLocal: OFFER, gathering: 'gathering' });
    expect(peer.iceGatheringState).toBe('complete');
    expect(peer.iceConnectionState).toBe('checking');
    expect(peer.signalingState).toBe('have-local-offer');
  });

  it('bring candidates into the local description that they belong to, and no other', async () => {
    const { engine, peer } = await connect();
    void peer.setLocalDescription();
    engine.answerState({ signaling: 'have-local-offer', pendingLocal: OFFER });
    const sdp = `${OFFER.sdp}a=candidate:1\r\n`;
    engine.tellState({ pendingLocal: { type: 'offer', sdp } });
    expect(peer.localDescription?.sdp).toBe(sdp);
    engine.tellState({ pendingLocal: { type: 'offer', sdp: sdp.replace('- 1 1', '- 1 0') } });
    expect(peer.localDescription?.sdp).toBe(sdp);
  });
});

describe('incoming tracks', () => {
  const first = transceiver({ transceiver: 0x8000_0000, mid: '0', kind: 'audio', direction: 'recvonly', receiving: true, remoteStreams: ['person'] });
  const second = transceiver({ transceiver: 0x8000_0001, mid: '1', direction: 'recvonly', receiving: true, remoteStreams: ['person'] });

  async function receive(): Promise<{ engine: ScriptedEngine; peer: NativePeerConnection; events: NativeTrackEvent[] }> {
    const { engine, peer } = await connect();
    const events: NativeTrackEvent[] = [];
    peer.addEventListener('track', (event) => {
      if (event instanceof NativeTrackEvent) events.push(event);
    });
    void peer.setRemoteDescription(OFFER);
    engine.answerState({ signaling: 'have-remote-offer', pendingRemote: OFFER, transceivers: [first, second] });
    await settled();
    return { engine, peer, events };
  }

  it('share the stream that they came in, and are bound to their receivers', async () => {
    const { engine, events } = await receive();
    expect(events).toHaveLength(2);
    expect(events[0]?.streams[0]).toBe(events[1]?.streams[0]);
    expect(events[0]?.streams[0]?.getTracks()).toEqual(events.map(({ track }) => track));
    expect(events.map(({ track }) => engine.media.bound.get(track))).toEqual([first.receiver, second.receiver]);
    expect(events[1]?.transceiver.receiver).toBe(events[1]?.receiver);
  });

  it('leave their stream and fall silent when the other side stops sending, and come again', async () => {
    const { engine, peer, events } = await receive();
    const track = events[1]?.track;
    const stream = events[1]?.streams[0];
    if (track === undefined || stream === undefined) throw new Error('no track came');
    void peer.setRemoteDescription(OFFER);
    engine.answerState({ signaling: 'have-remote-offer', pendingRemote: OFFER, transceivers: [first, { ...second, receiving: false }] });
    await settled();
    expect(stream.getTracks()).toEqual([events[0]?.track]);
    expect(engine.media.bound.get(track)).toBeNull();
    void peer.setRemoteDescription(OFFER);
    engine.answerState({ signaling: 'have-remote-offer', pendingRemote: OFFER, transceivers: [first, second] });
    expect(events).toHaveLength(3);
    expect(events[2]?.track).toBe(track);
    expect(events[2]?.streams[0]).toBe(stream);
  });

  it('of an offer that is rolled back end with their transceivers', async () => {
    const { engine, peer, events } = await receive();
    const gone = peer.getTransceivers();
    void peer.setRemoteDescription({ type: 'rollback' });
    engine.answerState({});
    expect(peer.signalingState).toBe('stable');
    expect(peer.getTransceivers()).toEqual([]);
    expect(gone.map(({ currentDirection }) => currentDirection)).toEqual(['stopped', 'stopped']);
    expect(engine.media.log).toEqual(events.map(({ track }) => `end ${track.id}`));
  });
});
