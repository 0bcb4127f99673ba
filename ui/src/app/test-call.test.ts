import { describe, expect, it } from 'vitest';

import { BackendError, type Backend } from '../backend/backend.ts';
import type { HostedMeeting } from '../protocol/generated/HostedMeeting.ts';
import { countAlone, endTestCall, hostTestCall } from './test-call.ts';

/** Guards that a test call which does not come about leaves no open meeting behind. */

const hosted: HostedMeeting = { meetingId: 'm', title: 'Test call', host: 'Ana', guestUrls: [], fingerprint: '', port: 1, participants: 0, portChanged: false, startedAt: 0, access: { mode: 'open' }, private: false };

function backend(testCall: (on: boolean) => Promise<void>): { backend: Backend; log: string[] } {
  const log: string[] = [];
  const parts: Partial<Backend> = {
    host: (title, name) => {
      log.push(`host ${title} as ${name}`);
      return Promise.resolve(hosted);
    },
    testCall: (on) => {
      log.push(`test call ${String(on)}`);
      return testCall(on);
    },
    endMeeting: () => {
      log.push('end');
      return Promise.resolve();
    },
  };
  return { backend: parts as Backend, log };
}

describe('a test call', () => {
  it('is a meeting with somebody in it', async () => {
    const { backend: node, log } = backend(() => Promise.resolve());
    await expect(hostTestCall(node, 'Test call', 'Ana')).resolves.toBe(hosted);
    expect(log).toEqual(['host Test call as Ana', 'test call true']);
    expect([countAlone(true), countAlone(false)]).toEqual([2, 1]);
  });

  it('that nobody comes to is ended, and the reason is told', async () => {
    const { backend: node, log } = backend(() => Promise.reject(new BackendError('internal', 'no engine')));
    await expect(hostTestCall(node, 'Test call', 'Ana')).rejects.toMatchObject({ code: 'internal' });
    expect(log.at(-1)).toBe('end');
  });

  it('that is over already can be ended', () => {
    const { backend: node, log } = backend(() => Promise.reject(new BackendError('unreachable', '')));
    endTestCall(node);
    expect(log).toEqual(['test call false']);
  });
});
