import type { Channel } from '../backend/backend.ts';
import { BackendError } from '../backend/backend.ts';
import { decodeServerFrame } from '../protocol/decode.ts';
import type { SetTimer } from '../shared/timer.ts';
import type { Introduction } from '../signaling/seat-model.ts';
import { fromBase64url } from '../trust/bytes.ts';
import type { Papers, Proven } from './papers.ts';

/**
 * What this page shows at the door: its identity, the proof that the key is its own on this very connection, and what opens
 * the door. The proof names the host's certificate, so that somebody in between cannot pass it on.
 */
export interface IntroducerParts {
  papers: Papers;
  /** Of a guest link. */
  secret: string | null;
  /** Where no node proves it: a guest's page sends it. */
  code: string | null;
  setTimer: SetTimer;
}

/** The host answers at once. */
const ANSWER_MS = 4_000;
const NONCE_BYTES = 32;

export type Introduce = (channel: Channel, before: boolean) => Promise<Introduction>;

export function introducer({ papers, secret, code, setTimer }: IntroducerParts): Introduce {
  return async (channel, before) => {
    const asked = ahead.get(channel);
    ahead.delete(channel);
    const proven = asked?.papers === papers ? await asked.proven : await proofAt(channel, asked?.challenge ?? (await challengeOf(channel, setTimer)), papers);
    // Whoever is in already is known by key. Code and secret may have changed since.
    const door: Introduction = before ? {} : { ...(secret === null ? {} : { secret }), ...(code === null ? {} : { code }) };
    // With a wrong code one is told so, and does not wait at the door instead.
    if (code === null) door.knock = true;
    return proven === null ? door : { ...door, ...proven };
  };
}

interface Challenge {
  nonce: string;
  fingerprint: string;
}

/** Asked and proven before anybody joined. */
interface Asked {
  /** Null: an older host, which knows no identities. */
  challenge: Challenge | null;
  papers: Papers;
  proven: Promise<Proven | null>;
}

const ahead = new WeakMap<Channel, Asked>();

/** Asks the host on a channel that is kept for a join, and signs what it is to be shown. False if it hung up; it is closed then. */
export async function askAhead(channel: Channel, papers: Papers, setTimer: SetTimer): Promise<boolean> {
  try {
    const challenge = await challengeOf(channel, setTimer);
    const proven = proofAt(channel, challenge, papers);
    // Whoever joins is told.
    proven.catch(() => undefined);
    ahead.set(channel, { challenge, papers, proven });
    return true;
  } catch {
    channel.close();
    return false;
  }
}

async function proofAt(channel: Channel, challenge: Challenge | null, papers: Papers): Promise<Proven | null> {
  const nonce = challenge === null ? undefined : fromBase64url(challenge.nonce, NONCE_BYTES);
  if (nonce === undefined || challenge === null) return null;
  return papers.prove(channel.hostFingerprint ?? challenge.fingerprint, nonce);
}

/** What the host answers to `challenge`; null if it does not know it. Leaves the channel as it was. */
function challengeOf(channel: Channel, setTimer: SetTimer): Promise<Challenge | null> {
  return new Promise((resolve, reject) => {
    const done = (): void => {
      stopTimer();
      channel.onframe = null;
      channel.onclose = null;
    };
    const failed = (why: string): void => {
      done();
      reject(new BackendError('unreachable', why));
    };
    const stopTimer = setTimer(() => {
      failed('the host did not answer the challenge');
    }, ANSWER_MS);
    channel.onframe = (frame) => {
      const message = decodeServerFrame(frame)?.message;
      if (message?.action === 'challenge') {
        done();
        resolve({ nonce: message.nonce, fingerprint: message.fingerprint });
      } else if (message?.action === 'error') {
        done();
        resolve(null);
      }
    };
    channel.onclose = () => {
      failed('the host hung up before it knew us');
    };
    channel.send(JSON.stringify({ action: 'challenge' }));
  });
}
