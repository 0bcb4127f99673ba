import { toBase64url } from '../bytes.ts';
import { generateKey } from '../keys.ts';
import { signerOf, type Signer } from '../signer.ts';
import { newRounds, step, viewOf, type Input, type Rounds, type Status } from './machine.ts';
import type { Commit, Message, Reveal } from './message.ts';
import { commitmentOf, LABEL, signedFields } from './proof.ts';
import type { Participant } from './roster.ts';

/** People of tests: a machine with its key, and a pen for messages that no honest machine would send. */
export interface Person {
  readonly id: string;
  readonly signer: Signer;
  fingerprint: string;
  state: Rounds;
}

export const MEETING = 'meeting';

export async function newPerson(id: string): Promise<Person> {
  const fingerprint = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('hex');
  return { id, signer: signerOf(await generateKey()), fingerprint, state: newRounds(MEETING) };
}

/** As others see somebody, if nobody lies. */
export function shown({ id, signer, fingerprint }: Person): Participant {
  return { clientId: id, identity: { key: signer.key, fingerprint } };
}

/** One input; what is sent for it. */
export async function put(person: Person, now: number, input: Input): Promise<readonly Message[]> {
  const { signer } = person;
  const result = await step(person.state, input, now, { signer, nonce: () => crypto.getRandomValues(new Uint8Array(32)) });
  person.state = result.state;
  return result.send;
}

export async function tick(person: Person, now: number): Promise<readonly Message[]> {
  return await put(person, now, { is: 'tick' });
}

export async function sees(person: Person, now: number, others: readonly Participant[]): Promise<readonly Message[]> {
  const me = { clientId: person.id, fingerprint: person.fingerprint };
  return await put(person, now, { is: 'roster', me, others });
}

/** Hears messages of somebody; what is sent for them. */
export async function hears(person: Person, now: number, from: Person, said: readonly Message[]): Promise<Message[]> {
  const sent: Message[] = [];
  for (const message of said) sent.push(...(await put(person, now, { is: 'message', from: from.id, message })));
  return sent;
}

export function statusOf(person: Person, now: number): Status {
  return viewOf(person.state, now).status;
}

export function codeOf(person: Person, now: number): string | null {
  const status = statusOf(person, now);
  return status.is === 'code' ? status.code.join(' ') : null;
}

/** A nonce of the test's choice. */
export function nonceOf(byte: number): string {
  return toBase64url(new Uint8Array(32).fill(byte));
}

/** A commit as this member would sign it. */
export async function commitOf(person: Person, roster: string, round: number, nonce: string): Promise<Commit> {
  const of = { meetingId: MEETING, roster, number: round };
  const member = { clientId: person.id, key: person.signer.key, fingerprint: person.fingerprint };
  const said = { is: 'commit', commitment: await commitmentOf(of, member, nonce) } as const;
  const signature = await person.signer.sign(LABEL, signedFields(of, person.id, said));
  return { ...said, roster, round, signature };
}

/** A reveal of round 0 as this member would sign it. */
export async function revealOf(person: Person, roster: string, nonce: string, commitments: string): Promise<Reveal> {
  const of = { meetingId: MEETING, roster, number: 0 };
  const said = { is: 'reveal', nonce, commitments } as const;
  const signature = await person.signer.sign(LABEL, signedFields(of, person.id, said));
  return { ...said, roster, round: 0, done: false, signature };
}

/** Ada and Bob in one room. Ada has committed, Bob has seen nobody yet. */
export async function adaCommitted(): Promise<{ ada: Person; bob: Person; first: Commit }> {
  const [ada, bob] = [await newPerson('ada'), await newPerson('bob')];
  const [first] = await sees(ada, 0, [shown(bob)]);
  if (first?.is !== 'commit') throw new Error('no commit');
  return { ada, bob, first };
}

/** Ada and Bob with a code of round 0, and the last that Bob said. */
export async function withCode(): Promise<{ ada: Person; bob: Person; last: Message }> {
  const { ada, bob, first } = await adaCommitted();
  const commit = await sees(bob, 0, [shown(ada)]);
  const nonceOfBob = await hears(bob, 0, ada, [first]);
  const nonceOfAda = await hears(ada, 0, bob, [...commit, ...nonceOfBob]);
  await hears(bob, 0, ada, nonceOfAda);
  const [last] = nonceOfBob;
  if (last === undefined || codeOf(ada, 0) === null) throw new Error('no code');
  return { ada, bob, last };
}
