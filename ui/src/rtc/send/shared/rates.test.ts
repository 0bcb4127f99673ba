import { expect, test } from 'vitest';

import { withRate } from './rates.ts';

const SDP = ['m=video 9 UDP/TLS/RTP/SAVPF 96 97 98', 'a=rtpmap:96 VP8/90000', 'a=rtcp-fb:96 nack pli', 'a=rtpmap:97 rtx/90000', 'a=fmtp:97 apt=96', 'a=rtpmap:98 VP9/90000', ''].join('\r\n');

test('every VP8 gets the rate with which to begin, and nothing else changes', () => {
  expect(withRate(SDP, { startKbps: 2_500 })).toBe(SDP.replace('VP8/90000\r\n', 'VP8/90000\r\na=fmtp:96 x-google-start-bitrate=2500\r\n'));
  expect(withRate(SDP, { startKbps: 8_000, leastKbps: 8_000 })).toContain('a=fmtp:96 x-google-start-bitrate=8000;x-google-min-bitrate=8000\r\n');
});

test('a VP8 with parameters of its own keeps those, in one line with ours', () => {
  const own = SDP.replace('a=rtcp-fb:96', 'a=fmtp:96 max-fr=30\r\na=rtcp-fb:96');
  expect(withRate(own, { startKbps: 2_500 })).toBe(own.replace('max-fr=30', 'max-fr=30;x-google-start-bitrate=2500'));
});
