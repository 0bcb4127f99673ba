import { describe, expect, it } from 'vitest';
import { decodeSignal, encodeDescription } from './signals.ts';
import { MAX_SECTIONS } from './sdp.ts';
import { guessSources } from './source.ts';

const sdp = 'v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\n';

describe('decodeSignal', () => {
  it('takes a description with nothing but type and sdp', () => {
    const signal = decodeSignal('offer', { type: 'offer', sdp });
    expect(signal).toEqual({
      kind: 'description',
      description: { type: 'offer', sdp, id: null, answers: null, link: null, linkTo: null, sources: new Map() },
    });
  });

  it('reads back what it writes', () => {
    const description = {
      type: 'answer' as const,
      sdp,
      id: null,
      answers: '3',
      link: 'b',
      linkTo: 'a',
      sources: new Map([['0', 'microphone' as const]]),
    };
    const data: unknown = JSON.parse(JSON.stringify(encodeDescription(description)));
    expect(decodeSignal('answer', data)).toEqual({ kind: 'description', description });
  });

  it('refuses what is no description, or one with more sections than anybody needs', () => {
    for (const data of [null, 7, 'v=0', [], {}, { type: 'offer' }, { type: 'answer', sdp }, { type: 'offer', sdp: 'x' }]) {
      expect(decodeSignal('offer', data)).toBeNull();
    }
    expect(decodeSignal('offer', { type: 'offer', sdp: sdp + 'm=audio\r\n'.repeat(MAX_SECTIONS + 1) })).toBeNull();
  });

  it('passes over sources that it does not know', () => {
    const signal = decodeSignal('offer', { type: 'offer', sdp, sources: { 0: 'camera', 1: 'smell', 2: 5 } });
    expect(signal?.kind === 'description' && [...signal.description.sources]).toEqual([['0', 'camera']]);
  });

  it('takes candidates in their forms, and refuses nonsense', () => {
    const candidate = 'candidate:1 1 udp 1 10.0.0.1 5 typ host generation 0 ufrag qrst';
    expect(decodeSignal('ice-candidate', null)).toEqual({ kind: 'candidate', candidate: null });
    expect(decodeSignal('ice-candidate', { candidate, sdpMLineIndex: 0, sdpMid: null, usernameFragment: null })).toEqual({
      kind: 'candidate',
      candidate: { candidate, sdpMLineIndex: 0, usernameFragment: 'qrst' },
    });
    for (const data of ['x', {}, { candidate: 5 }, { candidate }, { candidate: 'c'.repeat(5_000), sdpMid: '0' }]) {
      expect(decodeSignal('ice-candidate', data)).toBeNull();
    }
  });
});

describe('guessSources', () => {
  it('takes the first sound for the microphone, the first picture for the camera, the second for the screen', () => {
    const sections = [
      { mid: 'a', kind: 'video' },
      { mid: 'b', kind: 'audio' },
      { mid: 'c', kind: 'video' },
      { mid: 'd', kind: 'video' },
    ];
    expect([...guessSources(sections, new Map())]).toEqual([
      ['a', 'camera'],
      ['b', 'microphone'],
      ['c', 'screen'],
    ]);
  });

  it('keeps what was told', () => {
    const told = new Map([['a', 'screen' as const]]);
    const sections = [
      { mid: 'a', kind: 'video' },
      { mid: 'b', kind: 'video' },
    ];
    expect(guessSources(sections, told).get('b')).toBe('camera');
  });
});
