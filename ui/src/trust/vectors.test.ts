import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fromBase64url, type Bytes } from './bytes.ts';
import { chatFields, isSigned, lineId, signLine, type Words } from './chat.ts';
import { dtlsFields, joinFields, makeIdentity, verifyIdentity, type Identity } from './identity.ts';
import { generateKey, verify, type SigningKey } from './keys.ts';
import { newRounds, step, viewOf, type Tools } from './rounds/machine.ts';
import type { Message } from './rounds/message.ts';
import { message } from './rounds/message.ts';
import { signerOf } from './signer.ts';
import { hashOf, statement } from './statement.ts';

/*
 * The golden values of the crate `trust`, which its tests read too. After a change on purpose: first that crate's
 * `vectors -- --ignored`, then this file with LANDLINE_WRITE_FIXTURES=1.
 */

interface Stated {
  label: string;
  fields: string[];
  bytes: string;
  hash: string;
}
interface Signed {
  by: string;
  key: string;
  label: string;
  fields: string[];
  signature: string;
}
interface Identities {
  meetingId: string;
  identities: [string, Identity][];
  join: { hostFingerprint: string; nonce: string; dtlsFingerprint: string; bytes: string };
}
interface Line extends Words {
  by: string;
  meetingId: string;
  author: string;
  bytes: string;
  id: string;
  signature: string;
}
interface Person {
  clientId: string;
  privateKey: string;
  key: string;
  fingerprint: string;
  nonce: string;
  commitment: string;
}
interface Case {
  meetingId: string;
  round: number;
  people: Person[];
  roster: string;
  commitments: string;
  code: number[];
  messages: { by: string; from: string; data: Message }[];
}

const folder = new URL('../../../src-tauri/crates/trust/fixtures/', import.meta.url);
const read = (name: string): unknown => JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as unknown;
const write = (name: string, value: unknown): void => {
  writeFileSync(new URL(name, folder), `${JSON.stringify(value, null, 2)}\n`);
};
const bytes = (hex: string): Bytes => Uint8Array.from(Buffer.from(hex, 'hex'));
const hex = (value: Uint8Array): string => Buffer.from(value).toString('hex');

async function keyOf(person: Person): Promise<SigningKey> {
  const pkcs8 = Uint8Array.from(Buffer.from(person.privateKey, 'base64url'));
  const key = await crypto.subtle.importKey('pkcs8', pkcs8, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign']);
  return { public: person.key, private: key };
}

/** One of the people, with the messages of the others as written. */
async function play(example: Case, me: Person): Promise<{ said: readonly Message[]; code: readonly number[] }> {
  const nonce = fromBase64url(me.nonce, 32);
  if (nonce === undefined) throw new Error('no nonce');
  const tools: Tools = { signer: signerOf(await keyOf(me)), nonce: () => nonce };
  let state = newRounds(example.meetingId);
  for (const { from, data } of example.messages) {
    const checked = message(data);
    if (checked === undefined) throw new Error('no message');
    if (from !== me.clientId) state = (await step(state, { is: 'message', from, message: checked }, 0, tools)).state;
  }
  const others = example.people
    .filter((person) => person !== me)
    .map(({ clientId, key, fingerprint }) => ({ clientId, identity: { key, fingerprint } }));
  const last = await step(state, { is: 'roster', me, others }, 0, tools);
  const { status } = viewOf(last.state, 0);
  return { said: last.send, code: status.is === 'code' ? status.code : [] };
}

describe('golden values', () => {
  // Not a test: it makes what the tests of both languages read.
  if (process.env['LANDLINE_WRITE_FIXTURES'] !== undefined) it('are written for the other side', async () => {
    const key = await generateKey();
    const signer = signerOf(key);
    const signed = (read('statements.json') as Stated[]).map(async ({ label, fields }) => ({
      by: 'page',
      key: key.public,
      label,
      fields,
      signature: await signer.sign(label, fields.map(bytes)),
    }));
    write('signed-by-page.json', await Promise.all(signed));
    const identities = read('identities.json') as Identities;
    const made = await makeIdentity(signer, identities.meetingId, 'CD'.repeat(32));
    write('identities-of-page.json', { ...identities, identities: [['page', made]] });
    const rounds = (read('rounds.json') as Case[]).map(async (example) => {
      const said = example.people.map(async (me) =>
        (await play(example, me)).said.map((data) => ({ by: 'page', from: me.clientId, data })),
      );
      return { ...example, messages: (await Promise.all(said)).flat() };
    });
    write('rounds-of-page.json', await Promise.all(rounds));
    const lines = (read('chat.json') as Line[]).map(async (line) => {
      const made = await signLine(signer, line.meetingId, line);
      const bytes = hex(statement('chat', chatFields(line.meetingId, key.public, line) ?? []));
      return { ...line, by: 'page', author: key.public, bytes, id: made?.id, signature: made?.signed.signature };
    });
    write('chat-of-page.json', await Promise.all(lines));
  });

  it('of statements: bytes and hashes', async () => {
    for (const { label, fields, bytes: made, hash } of read('statements.json') as Stated[]) {
      expect(hex(statement(label, fields.map(bytes)))).toBe(made);
      expect(hex(await hashOf(label, fields.map(bytes)))).toBe(hash);
    }
  });

  it.each(['signed-by-node.json', 'signed-by-page.json'])('of signatures: %s', async (name) => {
    for (const { key, label, fields, signature } of read(name) as Signed[]) {
      const made = statement(label, fields.map(bytes));
      expect(await verify(key, made, signature)).toBe(true);
      expect(await verify(key, statement('other', fields.map(bytes)), signature)).toBe(false);
    }
  });

  it.each(['identities.json', 'identities-of-page.json'])('of identities: %s', async (name) => {
    const { meetingId, identities, join } = read(name) as Identities;
    for (const [, shown] of identities) {
      expect(await verifyIdentity(shown, meetingId)).toEqual({ key: shown.key, fingerprint: shown.fingerprint });
      expect(await verifyIdentity(shown, 'another')).toBeUndefined();
      expect(statement('dtls', dtlsFields(meetingId, shown.fingerprint))).not.toHaveLength(0);
    }
    const fields = joinFields(meetingId, join.hostFingerprint, bytes(join.nonce), join.dtlsFingerprint);
    expect(hex(statement('join', fields))).toBe(join.bytes);
  });

  it.each(['chat.json', 'chat-of-page.json'])('of lines of chat: %s', async (name) => {
    for (const { meetingId, bytes: made, id, author, text, signature, clock, run, sequence, at } of read(name) as Line[]) {
      const fields = chatFields(meetingId, author, { clock, run, sequence, at, text }) ?? [];
      expect(hex(statement('chat', fields))).toBe(made);
      expect(await lineId(fields)).toBe(id);
      const line = { id, from: 'a', text, at, author, signed: { clock, run, sequence, at, signature } };
      expect(await isSigned(line, meetingId)).toBe(true);
      expect(await isSigned(line, '0'.repeat(32))).toBe(false);
      expect(await isSigned({ ...line, text: `${text}.` }, meetingId)).toBe(false);
      expect(await isSigned({ ...line, id: '0'.repeat(32) }, meetingId)).toBe(false);
    }
  });

  it.each(['rounds.json', 'rounds-of-page.json'])('of rounds, for each of their people: %s', async (name) => {
    for (const example of read(name) as Case[]) {
      for (const me of example.people) {
        const { said, code } = await play(example, me);
        expect(code).toEqual(example.code);
        expect(said).toMatchObject([
          { is: 'commit', roster: example.roster, round: example.round, commitment: me.commitment },
          { is: 'reveal', roster: example.roster, round: example.round, nonce: me.nonce, commitments: example.commitments },
        ]);
      }
    }
  });
});
