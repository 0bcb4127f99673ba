import { expect, test } from 'vitest';
import type { Channel } from '../backend/backend.ts';
import type { ChannelClosed } from '../protocol/generated/ChannelClosed.ts';
import type { Target } from '../protocol/generated/Target.ts';
import { ManualTime } from '../shared/manual-time.ts';
import { writable } from '../shared/store.ts';
import { ChannelAhead } from './channel-ahead.ts';

/** Guards that a join finds an open connection if a hand went to the button, and never a dead one. */

class HostChannel implements Channel {
  readonly hostFingerprint = 'ab'.repeat(32);
  readonly sent: string[] = [];
  onframe: Channel['onframe'] = null;
  onclose: ((reason: ChannelClosed) => void) | null = null;
  closed = false;

  send(frame: string): void {
    this.sent.push(frame);
    if (frame.includes('challenge')) queueMicrotask(() => this.onframe?.(JSON.stringify({ action: 'challenge', nonce: 'n', fingerprint: 'f' })));
  }

  close(): void {
    this.closed = true;
  }
}

const HOST: Target = { kind: 'meeting', meetingId: 'm' };
const OTHER: Target = { kind: 'meeting', meetingId: 'o' };

function scene(): { ahead: ChannelAhead; channels: HostChannel[]; time: ManualTime } {
  const channels: HostChannel[] = [];
  const time = new ManualTime();
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
  return { ahead, channels, time };
}

test('whoever joins in time takes the one that is ready, and the host was asked before', async () => {
  const { ahead, channels, time } = scene();
  ahead.prepare(HOST);
  ahead.prepare(HOST);
  await time.advance(3_000);
  const channel = await ahead.openChannel(HOST, null);
  expect(channels).toEqual([channel]);
  expect(channels[0]?.sent).toHaveLength(1);
  expect(channel.onclose).toBeNull();
  await time.advance(60_000);
  expect(channels[0]?.closed).toBe(false);
});

test('it is used once', async () => {
  const { ahead, channels } = scene();
  ahead.prepare(HOST);
  await ahead.openChannel(HOST, null);
  await ahead.openChannel(HOST, null);
  expect(channels).toHaveLength(2);
});

test('it is let go of before the host does so, and another one can be made', async () => {
  const { ahead, channels, time } = scene();
  ahead.prepare(HOST);
  await time.advance(4_000);
  expect(channels[0]?.closed).toBe(true);
  expect(time.pending).toBe(0);
  ahead.prepare(HOST);
  await time.settle();
  expect(await ahead.openChannel(HOST, null)).toBe(channels[1]);
});

test('for another meeting, or with a code, a new one is opened', async () => {
  const { ahead, channels, time } = scene();
  ahead.prepare(HOST);
  expect(await ahead.openChannel(OTHER, null)).toBe(channels[1]);
  expect(await ahead.openChannel(HOST, '123456')).toBe(channels[2]);
  ahead.prepare(OTHER);
  await time.settle();
  expect(channels[0]?.closed).toBe(true);
});

test('one that closed meanwhile is not given to anybody', async () => {
  const { ahead, channels, time } = scene();
  ahead.prepare(HOST);
  await time.settle();
  channels[0]?.onclose?.('lost');
  expect(await ahead.openChannel(HOST, null)).toBe(channels[1]);
  expect(time.pending).toBe(0);
});
