import { beforeEach, expect, test, vi } from 'vitest';

import type { Identity } from '../protocol/generated/Identity.ts';
import type { Joined } from '../protocol/generated/Joined.ts';
import type { RoomMessage } from '../signaling/seat-model.ts';
import { Mesh } from './mesh.ts';

/** Guards that no link outlives the identity under which it was made: the code says something about links only because of that. */

const { made } = vi.hoisted(() => ({ made: [] as { id: string; closed: boolean; said: string[] }[] }));

vi.mock('./peer-link.ts', () => ({
  PeerLink: class {
    readonly state = 'connected';
    readonly live = true;
    readonly refused = false;
    readonly note: (typeof made)[0];
    constructor({ peerId }: { peerId: string }) {
      this.note = { id: peerId, closed: false, said: [] };
      made.push(this.note);
    }
    offer(): void {
      this.note.said.push('offer');
    }
    awaitOffer(): void {
      this.note.said.push('await');
    }
    rebuild(): void {
      this.note.said.push('rebuild');
    }
    resend(): void {
      this.note.said.push('resend');
    }
    close(): void {
      this.note.closed = true;
    }
    setReachable(): void {
      return;
    }
    setSilent(): void {
      return;
    }
    incoming(): object {
      return {};
    }
  },
}));

const identity = (key: string): Identity => ({ key, fingerprint: 'ab'.repeat(32), signature: 's' });
const joined = (outcome: 'new' | 'restored', key: string): Joined =>
  ({ outcome, clientId: 'a', peers: [{ clientId: 'b', identity: identity(key) }], rosterGraceMs: 0 }) as unknown as Joined;
const mesh = (): Mesh => {
  const made = new Mesh({ meetingId: 'm', iceServers: [], certificates: () => [], shared: null, efficient: () => new Set(), onundecided: () => undefined, send: () => undefined, onheard: () => undefined });
  made.joined(joined('new', 'ben'));
  return made;
};
const back = (key: string): RoomMessage =>
  ({ action: 'peer-back', clientId: 'b', fresh: false, identity: identity(key) }) as unknown as RoomMessage;
const again = (key: string): RoomMessage =>
  ({ action: 'peer-joined', peer: { clientId: 'b', identity: identity(key) }, restored: true }) as unknown as RoomMessage;

beforeEach(() => {
  made.length = 0;
});

test('the same identity keeps the link, however it is shown again', () => {
  const room = mesh();
  room.receive(back('ben'));
  room.receive(again('ben'));
  room.joined(joined('restored', 'ben'));
  expect(made.map(({ closed }) => closed)).toEqual([false]);
});

test.each([
  ['peer-back', (room: Mesh) => { room.receive(back('eve')); }],
  ['peer-joined', (room: Mesh) => { room.receive(again('eve')); }],
  ['joined', (room: Mesh) => { room.joined(joined('restored', 'eve')); }],
])('another identity in %s ends the link, and a new one is offered', (_, show) => {
  const room = mesh();
  show(room);
  expect(made).toMatchObject([{ closed: true }, { id: 'b', closed: false, said: ['offer'] }]);
  expect(room.peers.get()).toMatchObject([{ id: 'b', identity: { key: 'eve' } }]);
});
