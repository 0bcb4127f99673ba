import { describe, expect, it } from 'vitest';

import type { NativePeerConnection } from './peer-connection.ts';
import { fakeTrack, heard, ScriptedEngine, settled } from './scripted-engine.ts';

/** Guards when `negotiationneeded` is told, and the ways in which connections and sessions end. */

const OFFER = { type: 'offer', sdp: 'v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\n' } as const;
const ANSWER = { type: 'answer', sdp: 'v=0\r\no=- 2 1 IN IP4 0.0.0.0\r\n' } as const;

async function connect(): Promise<{ engine: ScriptedEngine; peer: NativePeerConnection }> {
  const engine = new ScriptedEngine();
  return { engine, peer: await engine.connect() };
}

describe('negotiationneeded', () => {
  it('comes once for several changes, and again for what came after the offer', async () => {
    const { engine, peer } = await connect();
    const log = heard(peer, 'negotiationneeded');
    peer.addTransceiver('audio');
    peer.addTransceiver('video');
    engine.answerState({ negotiationNeeded: true });
    engine.answerState({ negotiationNeeded: true });
    await settled();
    expect(log).toHaveLength(1);
    void peer.setLocalDescription();
    engine.answerState({ signaling: 'have-local-offer', pendingLocal: OFFER });
    await settled();
    void peer.setRemoteDescription(ANSWER);
    engine.answerState({ currentLocal: OFFER, currentRemote: ANSWER, negotiationNeeded: true });
    await settled();
    expect(log).toHaveLength(2);
  });

  it('waits for the operations that run', async () => {
    const { engine, peer } = await connect();
    const log = heard(peer, 'negotiationneeded');
    peer.addTransceiver('audio');
    const offered = peer.createOffer();
    engine.answerState({ negotiationNeeded: true });
    await settled();
    expect(log).toHaveLength(0);
    engine.answer({ is: 'description', description: OFFER });
    await offered;
    await settled();
    expect(log).toHaveLength(1);
  });
});

describe('the end', () => {
  it('of a connection says nothing, and refuses what follows', async () => {
    const { engine, peer } = await connect();
    const log = heard(peer, 'connectionstatechange', 'iceconnectionstatechange', 'signalingstatechange', 'icecandidate');
    const { sender, receiver } = peer.addTransceiver(fakeTrack('video'));
    let settledAfter = false;
    void peer.setLocalDescription().finally(() => (settledAfter = true));
    peer.close();
    engine.tellState({ ice: 'connected', connection: 'connected' });
    engine.tell({ event: 'candidate', connection: 1, candidate: null });
    await settled();
    expect(log).toEqual([]);
    expect(settledAfter).toBe(false);
    expect([peer.signalingState, peer.iceConnectionState, peer.connectionState]).toEqual(['closed', 'closed', 'closed']);
    expect(engine.media.log).toContain(`end ${receiver.track.id}`);
    expect(engine.asked.at(-1)).toEqual({ do: 'close', connection: 1 });
    expect(() => peer.addTransceiver('audio')).toThrow('closed');
    await expect(sender.replaceTrack(null)).rejects.toMatchObject({ name: 'InvalidStateError' });
    expect((await peer.getStats()).size).toBe(0);
  });

  it('of the engine fails its connections, and the next one gets a new session', async () => {
    const { engine, peer } = await connect();
    const log = heard(peer, 'connectionstatechange', 'iceconnectionstatechange');
    peer.addTransceiver(fakeTrack('video'));
    const offered = peer.setLocalDescription();
    engine.socket.drop();
    await expect(offered).rejects.toMatchObject({ name: 'OperationError' });
    expect(log).toEqual(['iceconnectionstatechange', 'connectionstatechange']);
    expect(peer.connectionState).toBe('failed');
    await expect(peer.getStats()).rejects.toMatchObject({ name: 'OperationError' });
    peer.close();
    const next = await engine.connect();
    expect(engine.sockets).toHaveLength(2);
    expect(engine.medias.map(({ log: said }) => said.includes('closed'))).toEqual([true, false]);
    expect(engine.socket.protocols).toEqual(['landline.engine.1', 'token.c2']);
    expect(next.connectionState).toBe('new');
  });

  it('of the media side is the end of the session too', async () => {
    const { engine, peer } = await connect();
    engine.media.events.onlost();
    expect(peer.connectionState).toBe('failed');
    expect(engine.socket.closed).toBe(true);
  });

  it('of the last connection closes the session after a while, unless another comes', async () => {
    const { engine, peer } = await connect();
    peer.close();
    const other = await engine.connect();
    await engine.time.advance(60_000);
    expect(engine.socket.closed).toBe(false);
    other.close();
    await engine.time.advance(60_000);
    expect(engine.socket.closed).toBe(true);
    expect(engine.doors).toBe(1);
  });
});
