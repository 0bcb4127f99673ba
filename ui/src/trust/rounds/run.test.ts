import { describe, expect, it, vi } from 'vitest';
import { ManualTime } from '../../shared/manual-time.ts';
import { generateKey } from '../keys.ts';
import { signerOf } from '../signer.ts';
import type { Message } from './message.ts';
import { runRounds, type RunningRounds } from './run.ts';

interface Seat {
  id: string;
  key: string;
  rounds: RunningRounds;
  sent: Message[];
}

async function seat(id: string, time: ManualTime, sign?: () => Promise<string>): Promise<Seat> {
  const signer = signerOf(await generateKey());
  const sent: Message[] = [];
  const rounds = runRounds({
    meetingId: 'm',
    signer: sign === undefined ? signer : { ...signer, sign },
    send: (data) => sent.push(data),
    setTimer: time.setTimer,
    now: time.now,
  });
  return { id, key: signer.key, rounds, sent };
}

const fingerprint = 'ab'.repeat(32);
const tell = (seats: Seat[]): void => {
  for (const { id, rounds } of seats) {
    const others = seats.filter((other) => other.id !== id);
    rounds.roster(
      { clientId: id, fingerprint },
      others.map(({ id: clientId, key }) => ({ clientId, identity: { key, fingerprint } })),
    );
  }
};

/** WebCrypto answers from another thread: promises alone are not enough. */
const until = async (what: () => boolean): Promise<void> => {
  await vi.waitFor(() => {
    expect(what()).toBe(true);
  });
};

describe('running rounds', () => {
  it('bring two to the same code by what they send, as JSON', async () => {
    const time = new ManualTime();
    const [ada, bob] = [await seat('ada', time), await seat('bob', time)];
    tell([ada, bob]);
    const pass = (from: Seat, to: Seat): void => {
      for (const data of from.sent.splice(0)) to.rounds.receive(from.id, JSON.parse(JSON.stringify(data)) as unknown);
    };
    const status = (one: Seat): string => one.rounds.view.get().status.is;
    await until(() => {
      pass(ada, bob);
      pass(bob, ada);
      return status(ada) === 'code' && status(bob) === 'code';
    });
    expect(ada.rounds.view.get()).toMatchObject({ unverifiable: [], status: { with: ['bob'] } });
    const [a, b] = [ada.rounds.view.get().status, bob.rounds.view.get().status];
    expect(a.is === 'code' && a.code).toEqual(b.is === 'code' && b.code);
    expect(time.pending).toBe(0);
  });

  it('send again by the clock, and nothing after they were closed', async () => {
    const time = new ManualTime();
    const [ada, bob] = [await seat('ada', time), await seat('bob', time)];
    tell([ada, bob]);
    await until(() => ada.sent.length === 1 && time.pending === 2);
    await time.advance(1_000);
    await until(() => ada.sent.length === 2 && time.pending === 2);
    expect(ada.sent[0]).toEqual(ada.sent[1]);
    ada.rounds.close();
    bob.rounds.close();
    expect(time.pending).toBe(0);
    tell([ada, bob]);
    expect(ada.sent).toHaveLength(2);
  });

  it('take what is no message for nothing, and do not keep a flood', async () => {
    const time = new ManualTime();
    const [ada, bob] = [await seat('ada', time), await seat('bob', time)];
    tell([ada, bob]);
    for (const data of [null, 'x', {}, { is: 'commit' }, []]) ada.rounds.receive('bob', data);
    await until(() => bob.sent.length === 1);
    const [commit] = bob.sent;
    for (let n = 0; n < 10_000; n += 1) ada.rounds.receive(`n${n}`, { ...commit, signature: 'A'.repeat(86) });
    ada.rounds.comparing(true);
    ada.rounds.receive('bob', commit);
    await until(() => time.pending === 2);
    expect(ada.rounds.view.get().status).toEqual({ is: 'waiting', missing: ['bob'] });
  });

  it('try again when the signer rejects', async () => {
    const time = new ManualTime();
    let tries = 0;
    const ada = await seat('ada', time, () => {
      tries += 1;
      return Promise.reject(new Error('no node'));
    });
    const bob = await seat('bob', time);
    tell([ada, bob]);
    await until(() => tries === 1 && time.pending === 2);
    await time.advance(1_000);
    await until(() => tries === 2);
    expect(ada.sent).toEqual([]);
  });
});
