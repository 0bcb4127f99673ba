import { describe, expect, it } from 'vitest';
import { sampleOf } from './stats.ts';

const sources = new Map([
  ['0', 'microphone' as const],
  ['1', 'camera' as const],
]);
const report = (bytes: number): [string, object][] => [
  ['p', { type: 'candidate-pair', nominated: true, state: 'succeeded', currentRoundTripTime: 0.004, bytesReceived: bytes, availableOutgoingBitrate: 2e6 }],
  ['q', { type: 'candidate-pair', nominated: false, state: 'succeeded', currentRoundTripTime: 9, bytesReceived: 9e9, availableOutgoingBitrate: 9e9 }],
  ['i', { type: 'inbound-rtp', mid: '1', ssrc: 7, bytesReceived: bytes, packetsReceived: 10, packetsLost: 2, framesDecoded: 30 }],
  ['o', { type: 'outbound-rtp', mid: '1', ssrc: 8, bytesSent: bytes, framesSent: 31, totalPacketSendDelay: 0.5, remoteId: 'r' }],
  ['r', { type: 'remote-inbound-rtp', ssrc: 8, packetsLost: 5 }],
  ['x', { type: 'inbound-rtp', mid: '9', ssrc: 3, bytesReceived: 1 }],
];

describe('sampleOf', () => {
  it('tells sources apart and reads the chosen path only', () => {
    const { sample } = sampleOf(report(1_000), sources, 0, null);
    expect(sample.roundTripMs).toBe(4);
    expect(sample.incoming).toEqual({
      camera: { bitrate: 0, packets: 10, packetsLost: 2, frames: 30, sendDelaySeconds: 0, width: 0, height: 0, ssrc: 7 },
    });
    expect(sample.outgoing.camera).toMatchObject({ frames: 31, packetsLost: 5, sendDelaySeconds: 0.5, ssrc: 8 });
    expect(sample.available).toBe(2e6);
  });

  it('makes bitrates of two readings', () => {
    const first = sampleOf(report(1_000), sources, 0, null);
    const second = sampleOf(report(3_000), sources, 2_000, { at: 0, bytes: first.bytes });
    expect(second.sample.incoming.camera?.bitrate).toBe(8_000);
  });
});
