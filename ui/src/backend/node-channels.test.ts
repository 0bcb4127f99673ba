import { expect, test } from 'vitest';

import type { NodeReply } from '../protocol/generated/NodeReply.ts';
import type { NodeRequest } from '../protocol/generated/NodeRequest.ts';
import { NodeChannels } from './node-channels.ts';

/** A node that answers when it is told to, as the app's commands may finish in any order. */
class SlowNode {
  readonly asked: NodeRequest[] = [];
  readonly #answers: (() => void)[] = [];

  readonly ask = (request: NodeRequest): Promise<NodeReply> => {
    this.asked.push(request);
    if (request.do === 'open-channel') return Promise.resolve({ is: 'channel', channel: 1, fingerprint: 'f'.repeat(64) });
    return new Promise((resolve) => {
      this.#answers.push(() => {
        resolve({ is: 'done' });
      });
    });
  };

  async answer(): Promise<void> {
    this.#answers.shift()?.();
    for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
  }

  get frames(): string[] {
    return this.asked.flatMap((request) => (request.do === 'send-frame' ? [request.frame] : [request.do]));
  }
}

test('where commands may overtake each other, each frame waits for the one before', async () => {
  const node = new SlowNode();
  const channel = await new NodeChannels(node.ask, 'by-answer').open({ kind: 'meeting', meetingId: 'm' }, null);
  for (const frame of ['a', 'b', 'c']) channel.send(frame);
  expect(node.frames).toEqual(['open-channel', 'a']);
  await node.answer();
  expect(node.frames).toEqual(['open-channel', 'a', 'b']);
  await node.answer();
  await node.answer();
  expect(node.frames).toEqual(['open-channel', 'a', 'b', 'c']);
});

test('a goodbye that was sent before closing still goes first', async () => {
  const node = new SlowNode();
  const channel = await new NodeChannels(node.ask, 'by-answer').open({ kind: 'meeting', meetingId: 'm' }, null);
  channel.send('a');
  channel.send('leave');
  channel.close();
  await node.answer();
  await node.answer();
  expect(node.frames).toEqual(['open-channel', 'a', 'leave', 'close-channel']);
});

test('where order is kept, frames go out at once and the close right behind them', async () => {
  const node = new SlowNode();
  const channel = await new NodeChannels(node.ask, 'kept').open({ kind: 'meeting', meetingId: 'm' }, null);
  channel.send('a');
  channel.send('leave');
  channel.close();
  expect(node.frames).toEqual(['open-channel', 'a', 'leave', 'close-channel']);
});
