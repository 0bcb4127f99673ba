import { describe, expect, it } from 'vitest';

import { sampleOf } from '../stats.ts';
import type { MediaStats, SentStats } from './media-engine.ts';
import { makeReport, type StatsTransceiver } from './stats-report.ts';

/** Guards that what the page counts is found where the standard puts it, and that statistics above read it. */

const video: StatsTransceiver = { mid: '1', kind: 'video', receiver: 7, receiverTrack: 'in', track: 3, senderTrack: 'camera' };
const audio: StatsTransceiver = { mid: '0', kind: 'audio', receiver: 6, receiverTrack: 'heard', track: 2, senderTrack: 'voice' };

const nothing: SentStats = {
  framesEncoded: 0,
  keyFramesEncoded: 0,
  framesDropped: 0,
  totalEncodeTime: 0,
  frameWidth: 0,
  frameHeight: 0,
  sourceFrames: 0,
  sourceWidth: 0,
  sourceHeight: 0,
  totalAudioEnergy: 0,
  totalSamplesDuration: 0,
};
const source = { sourceFrames: 305, sourceWidth: 1_280, sourceHeight: 720 };

const media: MediaStats = {
  received: new Map([
    [7, { kind: 'video', framesReceived: 90, framesDecoded: 80, framesDropped: 2, keyFramesDecoded: 1, frameWidth: 640, frameHeight: 480, freezeCount: 0, totalFreezesDuration: 0 }],
    [6, { kind: 'audio', totalSamplesReceived: 48_000, concealedSamples: 960, silentConcealedSamples: 0, concealmentEvents: 1, insertedSamplesForDeceleration: 0, removedSamplesForAcceleration: 0, jitterBufferDelay: 1, jitterBufferEmittedCount: 1, totalAudioEnergy: 0.5, totalSamplesDuration: 1, audioLevel: 0.2 }],
  ]),
  sent: new Map([
    [3, [
      { ...nothing, framesEncoded: 300, keyFramesEncoded: 3, totalEncodeTime: 1.5, frameWidth: 960, frameHeight: 540, ...source },
      { ...nothing, framesEncoded: 100, keyFramesEncoded: 2, totalEncodeTime: 0.25, frameWidth: 320, frameHeight: 180, ...source },
    ]],
    [2, [{ ...nothing, framesEncoded: 50, totalAudioEnergy: 0.25, totalSamplesDuration: 1 }]],
  ]),
};

const engine = [
  { id: 'T0', type: 'transport', timestamp: 5, bytesReceived: 9_000, selectedCandidatePairId: 'CP0' },
  { id: 'CP0', type: 'candidate-pair', timestamp: 5, nominated: true, state: 'succeeded', bytesReceived: 9_000, currentRoundTripTime: 0.01 },
  { id: 'I1', type: 'inbound-rtp', timestamp: 5, mid: '1', kind: 'video', ssrc: 11, bytesReceived: 8_000, framesReceived: 95, framesDropped: 1, frameWidth: null, transportId: 'T0' },
  { id: 'O1', type: 'outbound-rtp', timestamp: 5, mid: '1', kind: 'video', ssrc: 12, bytesSent: 7_000, framesSent: 250, remoteId: 'RI1', transportId: 'T0' },
  { id: 'RI1', type: 'remote-inbound-rtp', timestamp: 5, mid: '1', ssrc: 12, packetsLost: 4 },
  { id: 'I0', type: 'inbound-rtp', timestamp: 5, mid: '0', kind: 'audio', ssrc: 13, transportId: 'T0' },
  { id: 'O0', type: 'outbound-rtp', timestamp: 5, mid: '0', kind: 'audio', ssrc: 14, transportId: 'T0' },
];

describe('a report', () => {
  const report = makeReport(engine, media, [video, audio], { is: 'all' });

  it('has what was decoded and heard beside what came', () => {
    expect(report.get('I1')).toMatchObject({ trackIdentifier: 'in', framesReceived: 95, framesDecoded: 80, framesDropped: 3, frameWidth: 640 });
    expect(report.get('I0')).toMatchObject({ trackIdentifier: 'heard', concealedSamples: 960, totalAudioEnergy: 0.5 });
  });

  it('has what was encoded beside what was sent, and the source', () => {
    expect(report.get('O1')).toMatchObject({ framesSent: 250, framesEncoded: 400, keyFramesEncoded: 5, totalEncodeTime: 1.75, mediaSourceId: 'media-source-3' });
    expect(report.get('media-source-3')).toEqual({ id: 'media-source-3', type: 'media-source', timestamp: 5, kind: 'video', trackIdentifier: 'camera', width: 1_280, height: 720, frames: 305 });
    expect(report.get('media-source-2')).toMatchObject({ kind: 'audio', totalAudioEnergy: 0.25 });
  });

  it('says which size a link gets, which only the engine knows', () => {
    const told = engine.map((entry) => (entry.id === 'O1' ? { ...entry, frameWidth: 320, frameHeight: 180 } : entry));
    expect(makeReport(told, media, [video], { is: 'all' }).get('O1')).toMatchObject({ frameWidth: 320, frameHeight: 180, framesEncoded: 400 });
    expect(report.get('O1')).not.toHaveProperty('frameWidth');
  });

  it('of one sender has its stream and what that refers to', () => {
    const sender = makeReport(engine, media, [video, audio], { is: 'sender', mid: '1' });
    expect([...sender.keys()].sort()).toEqual(['CP0', 'O1', 'RI1', 'T0', 'media-source-3']);
    expect(makeReport(engine, media, [video], { is: 'receiver', mid: null }).size).toBe(0);
  });

  it('stands without what the page counts', () => {
    const bare = makeReport(engine, { received: new Map(), sent: new Map() }, [video, { ...audio, track: null }], { is: 'all' });
    expect(bare.get('I1')).toMatchObject({ framesReceived: 95 });
    expect(bare.get('media-source-3')).toMatchObject({ type: 'media-source' });
    expect(bare.has('media-source-2')).toBe(false);
  });

  it('is read by the statistics above', () => {
    const { sample } = sampleOf(report.entries(), new Map([['1', 'camera'], ['0', 'microphone']] as const), 1_000, null);
    expect(sample).toMatchObject({ roundTripMs: 10, bytesReceived: 9_000 });
    expect(sample.incoming.camera).toMatchObject({ frames: 80, width: 640, ssrc: 11 });
    expect(sample.outgoing.camera).toMatchObject({ frames: 250, packetsLost: 4 });
  });
});
