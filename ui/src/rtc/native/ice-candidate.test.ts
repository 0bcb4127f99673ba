import { describe, expect, it } from 'vitest';

import { candidateForEngine, NativeIceCandidate } from './ice-candidate.ts';

describe('a candidate', () => {
  it('says what its line says', () => {
    const line = 'candidate:7 1 UDP 2122260223 192.168.1.9 50123 typ srflx raddr 10.0.0.1 rport 9 ufrag AbCd network-cost 10';
    expect(new NativeIceCandidate({ candidate: line, sdpMid: '0' })).toMatchObject({
      foundation: '7',
      component: 'rtp',
      protocol: 'udp',
      priority: 2_122_260_223,
      address: '192.168.1.9',
      port: 50_123,
      type: 'srflx',
      relatedAddress: '10.0.0.1',
      relatedPort: 9,
      usernameFragment: 'AbCd',
      tcpType: null,
    });
  });

  it('travels as it came', () => {
    const init = { candidate: 'candidate:1 1 tcp 1 fe80::1 9 typ host tcptype active', sdpMid: null, sdpMLineIndex: 2, usernameFragment: 'u' };
    const candidate = new NativeIceCandidate(init);
    expect(candidate.toJSON()).toEqual(init);
    expect(candidate.tcpType).toBe('active');
  });

  it('that cannot be read says nothing of itself', () => {
    expect(new NativeIceCandidate({ candidate: 'nonsense', sdpMid: '0' })).toMatchObject({ address: null, type: null });
  });

  it('belongs to a section', () => {
    expect(() => new NativeIceCandidate({ candidate: 'candidate:1' })).toThrow(TypeError);
    expect(candidateForEngine({ candidate: 'candidate:1' })).toBeNull();
    expect(candidateForEngine({})).toEqual({ candidate: '' });
    expect(candidateForEngine({ candidate: 'candidate:1', sdpMid: null, sdpMLineIndex: 0, usernameFragment: null })).toEqual({ candidate: 'candidate:1', sdpMLineIndex: 0 });
  });
});
