import { describe, expect, it } from 'vitest';
import { plainAddress, sdpWithAddresses, withAddresses } from './candidates.ts';

const local =
  'candidate:123 1 udp 2113937151 8e2f6f3c-0d3c-4a53-9d8e-0d2b8f9f3a11.local 51000 typ host generation 0 ufrag abcd network-cost 999';
const init: RTCIceCandidateInit = { candidate: local, sdpMid: '0', usernameFragment: 'abcd' };
const texts = (candidates: RTCIceCandidateInit[]): string[] => candidates.map(({ candidate }) => candidate ?? '');

describe('withAddresses', () => {
  it('puts a copy with each address behind a .local candidate', () => {
    const all = withAddresses(init, ['192.168.1.5', 'fd00::5']);
    expect(all).toHaveLength(3);
    expect(all[0]).toBe(init);
    expect(all[1]).toEqual({
      ...init,
      candidate: 'candidate:1231 1 udp 2113937151 192.168.1.5 51000 typ host generation 0 ufrag abcd network-cost 999',
    });
    expect(all[2]?.candidate).toContain(' fd00::5 51000 ');
  });

  it('leaves every other candidate alone', () => {
    for (const candidate of [
      local.replace(/\S+\.local/, '192.168.1.9'),
      local.replace('typ host', 'typ srflx raddr 0.0.0.0 rport 0'),
      local.replace(' udp ', ' tcp '),
      '',
    ]) {
      expect(texts(withAddresses({ ...init, candidate }, ['192.168.1.5']))).toEqual([candidate]);
    }
  });

  it('adds no address that is none, and none twice', () => {
    const bad = ['127.0.0.1', '::1', 'fe80::1%eth0', 'host.local', '1.2.3.4 9 typ host\r\na=x', '999.1.1.1', '', '::'];
    expect(withAddresses(init, bad)).toHaveLength(1);
    expect(withAddresses(init, ['10.0.0.1', '10.0.0.1', '::ffff:10.0.0.1'])).toHaveLength(2);
  });
});

describe('sdpWithAddresses', () => {
  it('copies candidates inside a description and keeps every other line', () => {
    const sdp = `v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=${local}\r\na=end-of-candidates\r\n`;
    const lines = sdpWithAddresses(sdp, ['10.1.2.3']).split('\r\n');
    expect(lines).toHaveLength(sdp.split('\r\n').length + 1);
    expect(lines[3]).toMatch(/^a=candidate:1231 1 udp 2113937151 10\.1\.2\.3 51000 typ host /);
    expect(lines[4]).toBe('a=end-of-candidates');
  });

  it('returns a description without such candidates as it is', () => {
    const sdp = 'v=0\r\na=candidate:1 1 udp 1 10.0.0.1 1 typ host\r\n';
    expect(sdpWithAddresses(sdp, ['10.1.2.3'])).toBe(sdp);
  });
});

describe('plainAddress', () => {
  it('reads addresses in the forms in which they come', () => {
    expect(plainAddress('10.0.0.1')).toBe('10.0.0.1');
    expect(plainAddress('[FD00::1]')).toBe('fd00::1');
    expect(plainAddress('::ffff:10.0.0.1')).toBe('10.0.0.1');
    expect(plainAddress('2001:db8:1:2:3:4:5:6')).toBe('2001:db8:1:2:3:4:5:6');
    expect(plainAddress('2001:db8:1:2:3:4:5')).toBeNull();
    expect(plainAddress('1::2::3')).toBeNull();
  });
});
