import { describe, expect, it } from 'vitest';

import { iceServerList } from './ice-servers.ts';

describe('iceServerList', () => {
  it('takes one server a line, or with commas between', () => {
    expect(iceServerList(' stun:10.0.0.1:3478\n\nturns:relay.local, turn:10.0.0.2 ')).toEqual(['stun:10.0.0.1:3478', 'turns:relay.local', 'turn:10.0.0.2']);
    expect(iceServerList('')).toEqual([]);
  });

  it('refuses what is no server', () => {
    expect(iceServerList('stun:10.0.0.1\nhttps://10.0.0.1')).toBeNull();
  });
});
