import type { Channel } from '../backend/backend.ts';
import { BackendError } from '../backend/backend.ts';
import { decodeServerFrame } from '../protocol/decode.ts';
import type { Identity } from '../protocol/generated/Identity.ts';
import type { PageCertificate } from '../rtc/certificate.ts';
import type { SetTimer } from '../shared/timer.ts';
import type { Introduction } from '../signaling/seat-model.ts';
import { fromBase64url } from '../trust/bytes.ts';
import { joinFields, makeIdentity } from '../trust/identity.ts';
import type { Signer } from '../trust/signer.ts';

/**
 * What this page shows at the door: its identity, the proof that the key is its own on this very connection, and what opens
 * the door. The proof names the host's certificate, so that somebody in between cannot pass it on.
 */
export interface IntroducerParts {
  meetingId: string;
  signer: Promise<Signer>;
  certificate: Promise<PageCertificate>;
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

export function introducer(parts: IntroducerParts): Introduce {
  const { meetingId, secret, code } = parts;
  let identity: Promise<Identity> | null = null;
  const ownIdentity = async (): Promise<Identity> => makeIdentity(await parts.signer, meetingId, (await parts.certificate).fingerprint);

  return async (channel, before) => {
    identity ??= ownIdentity();
    const asked = ahead.get(channel);
    ahead.delete(channel);
    const [shown, challenge, signer] = await Promise.all([identity, asked ?? challengeOf(channel, parts.setTimer), parts.signer]);
    const nonce = challenge === null ? undefined : fromBase64url(challenge.nonce, NONCE_BYTES);
    // Whoever is in already is known by key. Code and secret may have changed since.
    const door: Introduction = before ? {} : { ...(secret === null ? {} : { secret }), ...(code === null ? {} : { code }) };
    // With a wrong code one is told so, and does not wait at the door instead.
    if (code === null) door.knock = true;
    // An older host knows no identities.
    if (nonce === undefined || challenge === null) return door;
    const host = channel.hostFingerprint ?? challenge.fingerprint;
    const proof = await signer.sign('join', joinFields(meetingId, host, nonce, shown.fingerprint));
    return { ...door, identity: shown, proof };
  };
}

interface Challenge {
  nonce: string;
  fingerprint: string;
}

/** What hosts answered before anybody joined. */
const ahead = new WeakMap<Channel, Challenge | null>();

/** Asks the host on a channel that is kept for a join. False if it hung up; it is closed then. */
export async function askAhead(channel: Channel, setTimer: SetTimer): Promise<boolean> {
  try {
    ahead.set(channel, await challengeOf(channel, setTimer));
    return true;
  } catch {
    channel.close();
    return false;
  }
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
