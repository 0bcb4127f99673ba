import { describe, expect, it } from 'vitest';

import { decodeEngineMessage } from './decode-engine.ts';
import { NEW_STATE, transceiver } from './scripted-engine.ts';

describe('a message of the engine', () => {
  it('is read whole', () => {
    const state = { ...NEW_STATE, transceivers: [transceiver({ transceiver: 1, remoteStreams: ['a'] })], currentLocal: { type: 'offer' as const, sdp: 'v=0' } };
    const message = { frame: 'reply', id: 3, reply: { is: 'state', state } } as const;
    expect(decodeEngineMessage(JSON.stringify(message))).toEqual(message);
  });

  it('may have null where something is not there', () => {
    const candidate = { candidate: 'candidate:1', sdpMid: '0', sdpMLineIndex: null, usernameFragment: null };
    expect(decodeEngineMessage(JSON.stringify({ frame: 'event', event: { event: 'candidate', connection: 1, candidate } }))).toEqual({
      frame: 'event',
      event: { event: 'candidate', connection: 1, candidate: { candidate: 'candidate:1', sdpMid: '0' } },
    });
  });

  it('that answers a call is an answer even if it makes no sense', () => {
    const frame = JSON.stringify({ frame: 'reply', id: 3, reply: { is: 'state', state: { ...NEW_STATE, signaling: 'odd' } } });
    expect(decodeEngineMessage(frame)).toMatchObject({ frame: 'failed', id: 3, error: { name: 'OperationError' } });
  });

  it('that is none is null', () => {
    for (const frame of ['', 'null', '[]', '{"frame":"event"}', '{"frame":"event","event":{"event":"state","connection":1}}', '{"frame":"reply"}', ' '.repeat(3_000_000)]) {
      expect(decodeEngineMessage(frame)).toBeNull();
    }
  });
});
