import { describe, expect, it } from 'vitest';
import { START_KBITS, withSendingTerms } from './sending-terms.ts';

const SDP = [
  'v=0',
  'a=fmtp:111 outside=1',
  'm=audio 9 UDP/TLS/RTP/SAVPF 111 0',
  'a=rtpmap:111 opus/48000/2',
  'a=fmtp:111 minptime=10;useinbandfec=1',
  'a=rtpmap:0 PCMU/8000',
  'm=video 9 UDP/TLS/RTP/SAVPF 96 97 98',
  'a=rtpmap:96 VP8/90000',
  'a=rtpmap:97 rtx/90000',
  'a=fmtp:97 apt=96',
  'a=rtpmap:98 H264/90000',
  'a=fmtp:98 profile-level-id=42e01f',
  'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
  'a=sctp-port:5000',
  '',
].join('\r\n');

describe('what encoders are told', () => {
  const told = withSendingTerms(SDP, 1).split('\r\n');

  it('video codecs begin at the rate of a LAN, with or without parameters of their own', () => {
    expect(told).toContain(`a=fmtp:96 x-google-start-bitrate=${String(START_KBITS)}`);
    expect(told).toContain(`a=fmtp:98 profile-level-id=42e01f;x-google-start-bitrate=${String(START_KBITS)}`);
    expect(told).toContain('a=fmtp:97 apt=96');
  });

  it('Opus sends nothing in silence', () => {
    expect(told).toContain('a=fmtp:111 minptime=10;useinbandfec=1;usedtx=1');
  });

  it('everything else stays as it was, and twice is once', () => {
    expect(told.filter((line) => !/^a=(fmtp|ptime):/.test(line))).toEqual(SDP.split('\r\n').filter((line) => !/^a=(fmtp|ptime):/.test(line)));
    expect(told).toContain('a=fmtp:111 outside=1');
    expect(withSendingTerms(withSendingTerms(SDP, 1), 1)).toBe(withSendingTerms(SDP, 1));
  });

  it('what the other side said itself is left alone', () => {
    const said = SDP.replace('useinbandfec=1', 'useinbandfec=1;usedtx=0');
    expect(withSendingTerms(said, 1)).toContain('usedtx=0\r\n');
    expect(withSendingTerms(said, 1)).not.toContain('usedtx=1');
  });

  it('sound comes in short packets for few, in long ones for many, whatever was wished before', () => {
    const ptime = (sdp: string): string[] => sdp.split('\r\n').filter((line) => line.startsWith('a=ptime:'));
    expect(ptime(withSendingTerms(SDP, 2))).toEqual(['a=ptime:20']);
    expect(ptime(withSendingTerms(withSendingTerms(SDP, 2), 3))).toEqual(['a=ptime:40']);
    expect(withSendingTerms(SDP, 3)).toContain('a=ptime:40\r\nm=video');
  });
});
