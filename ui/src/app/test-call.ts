import type { Backend } from '../backend/backend.ts';
import type { HostedMeeting } from '../protocol/generated/HostedMeeting.ts';
import { logFor } from '../shared/log.ts';

/**
 * A test call: a meeting of one's own with a participant without a person in it, who gives back what one sends. It is hosted as any
 * other, so whoever comes in by chance is welcome; it ends when the person who wanted it leaves and nobody else is there.
 */

const log = logFor('test-call');

/** People in a meeting whose host is alone in it, the participant without a person included. */
export function countAlone(testCall: boolean): number {
  return testCall ? 2 : 1;
}

/** @throws BackendError; then no meeting is left behind */
export async function hostTestCall(backend: Backend, title: string, name: string): Promise<HostedMeeting> {
  const hosted = await backend.host(title, name, 'open', false);
  try {
    await backend.testCall(true);
    return hosted;
  } catch (error) {
    await backend.endMeeting().catch(() => {
      log.warn('the meeting of a test call that failed stays open');
    });
    throw error;
  }
}

/** Sends the participant without a person away, also if others are there. */
export function endTestCall(backend: Backend): void {
  backend.testCall(false).catch(() => {
    // It leaves by itself when it has been left alone.
    log.warn('the test call did not end in order');
  });
}
