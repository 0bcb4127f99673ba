import { expect, test } from 'vitest';
import type { Channel } from '../backend/backend.ts';
import type { ChannelClosed } from '../protocol/generated/ChannelClosed.ts';
import type { Target } from '../protocol/generated/Target.ts';
import { ManualTime } from '../shared/manual-time.ts';
import { writable } from '../shared/store.ts';
import type { Signer } from '../trust/signer.ts';
import { ChannelAhead } from './channel-ahead.ts';
import { introducer } from './introduce.ts';
import { Papers } from './papers.ts';

/** Guards that a join finds an open connection if a hand went to the button, and never a dead one. */

class HostChannel implements Channel {
  readonly hostFingerprint = 'ab'.repeat(32);
  readonly sent: string[] = [];
  onframe: Channel['onframe'] = null;
  onclose: ((reason: ChannelClosed) => void) | null = null;
  closed = false;

  send(frame: string): void {
    this.sent.push(frame);
    if (frame.includes('challenge')) queueMicrotask(() => this.onframe?.(JSON.stringify({ action: 'challenge', nonce: NONCE, fingerprint: 'ef'.repeat(32) })));
  }

  close(): void {
    this.closed = true;
  }
}

const NONCE = 'A'.repeat(43);
const HOST: Target = { kind: 'meeting', meetingId: 'm' };
const OTHER: Target = { kind: 'meeting', meetingId: 'o' };

function scene(): { ahead: ChannelAhead; channels: HostChannel[]; time: ManualTime; papers: Papers; signed: string[] } {
  const channels: HostChannel[] = [];
  const time = new ManualTime();
  const signed: string[] = [];
  const signer: Signer = { key: 'k', sign: (label) => Promise.resolve(`${label} ${String(signed.push(label))}`) };
  const papers = new Papers('m', Promise.resolve(signer), Promise.resolve({ certificates: [], fingerprint: 'cd'.repeat(32), release: () => undefined }));
  const ahead = new ChannelAhead(
    {
      node: writable<'connected' | 'lost'>('connected'),
      openChannel: () => {
        const channel = new HostChannel();
        channels.push(channel);
        return Promise.resolve(channel);
      },
    },
    time.setTimer,
  );
  return { ahead, channels, time, papers, signed };
}

test('whoever joins in time takes the one that is ready, and the host was asked before', async () => {
  const { ahead, channels, time, papers } = scene();
  ahead.prepare(HOST, papers);
  ahead.prepare(HOST, papers);
  await time.advance(3_000);
  const channel = await ahead.openChannel(HOST, null);
  expect(channels).toEqual([channel]);
  expect(channels[0]?.sent).toHaveLength(1);
  expect(channel.onclose).toBeNull();
  await time.advance(60_000);
  expect(channels[0]?.closed).toBe(false);
});

test('it is used once', async () => {
  const { ahead, channels, papers } = scene();
  ahead.prepare(HOST, papers);
  await ahead.openChannel(HOST, null);
  await ahead.openChannel(HOST, null);
  expect(channels).toHaveLength(2);
});

test('it is let go of before the host does so, and another one can be made', async () => {
  const { ahead, channels, time, papers } = scene();
  ahead.prepare(HOST, papers);
  await time.advance(4_000);
  expect(channels[0]?.closed).toBe(true);
  expect(time.pending).toBe(0);
  ahead.prepare(HOST, papers);
  await time.settle();
  expect(await ahead.openChannel(HOST, null)).toBe(channels[1]);
});

test('for another meeting, or with a code, a new one is opened', async () => {
  const { ahead, channels, time, papers } = scene();
  ahead.prepare(HOST, papers);
  expect(await ahead.openChannel(OTHER, null)).toBe(channels[1]);
  expect(await ahead.openChannel(HOST, '123456')).toBe(channels[2]);
  ahead.prepare(OTHER, papers);
  await time.settle();
  expect(channels[0]?.closed).toBe(true);
});

test('one that closed meanwhile is not given to anybody', async () => {
  const { ahead, channels, time, papers } = scene();
  ahead.prepare(HOST, papers);
  await time.settle();
  channels[0]?.onclose?.('lost');
  expect(await ahead.openChannel(HOST, null)).toBe(channels[1]);
  expect(time.pending).toBe(0);
});

test('what is shown at the door was signed before, and is not signed again', async () => {
  const { ahead, time, papers, signed } = scene();
  ahead.prepare(HOST, papers);
  await time.settle();
  expect(signed).toEqual(['dtls', 'join']);
  const channel = await ahead.openChannel(HOST, null);
  const shown = await introducer({ papers, secret: 's', code: null, setTimer: time.setTimer })(channel, false);
  expect(shown).toMatchObject({ identity: { key: 'k', signature: 'dtls 1' }, proof: 'join 2', secret: 's', knock: true });
  expect(signed).toHaveLength(2);
});

test('who has other papers by then signs with those', async () => {
  const { ahead, time, papers } = scene();
  ahead.prepare(HOST, papers);
  await time.settle();
  const channel = await ahead.openChannel(HOST, null);
  const other = new Papers('m', Promise.resolve({ key: 'other', sign: (label: string) => Promise.resolve(label) }), papers.certificate);
  const shown = await introducer({ papers: other, secret: null, code: null, setTimer: time.setTimer })(channel, false);
  expect(shown).toMatchObject({ identity: { key: 'other', signature: 'dtls' }, proof: 'join' });
});
