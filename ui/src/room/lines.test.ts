import { expect, test, vi } from 'vitest';
import type { ChatLine } from '../protocol/generated/ChatLine.ts';
import type { MeshPeer } from '../rtc/member.ts';
import { makeIdentity } from '../trust/identity.ts';
import { generateKey } from '../trust/keys.ts';
import { chatFields, signLine } from '../trust/chat.ts';
import { signerOf, type Signer } from '../trust/signer.ts';
import { Lines, type LinesParts } from './lines.ts';

/** Guards that nobody says anything under somebody else's name, and that all pages show the same chat. */

const MEETING = 'ab'.repeat(16);
const PRINT = 'cd'.repeat(32);
type Sent = Parameters<LinesParts['send']>[0];

async function page(id: string, meetingId = MEETING): Promise<{ lines: Lines; sent: Sent[]; signer: Signer; peer: MeshPeer }> {
  const signer = signerOf(await generateKey());
  const sent: Sent[] = [];
  const lines = new Lines({ meetingId, signer: Promise.resolve(signer), send: (message) => sent.push(message), onchange: () => undefined });
  const identity = await makeIdentity(signer, meetingId, PRINT);
  const peer: MeshPeer = {
    id,
    name: id.toUpperCase(),
    kind: null,
    away: false,
    media: null,
    link: 'connected',
    gone: false,
    identity,
    refused: false,
    role: 'participant',
    incoming: {},
  };
  lines.joined(id, [], 'new');
  return { lines, sent, signer, peer };
}

/** The line as the room tells it. */
function told(sent: Sent | undefined, from: string, author: string): ChatLine {
  if (sent?.action !== 'chat' || sent.signed === undefined) throw new Error('not signed');
  const { id, text, signed } = sent;
  return { id, from, name: from, text, at: signed.at, author, signed };
}

async function said(who: Awaited<ReturnType<typeof page>>, text: string): Promise<ChatLine> {
  const before = who.sent.length;
  who.lines.say(text, who.peer.name);
  await vi.waitFor(() => {
    expect(who.sent).toHaveLength(before + 1);
  });
  return told(who.sent.at(-1), who.peer.id, who.signer.key);
}

const shown = (lines: Lines): string[] => lines.chat.map(({ text }) => text);

test('own lines go out signed, in the order in which they were said, and come back as their receipt', async () => {
  const [ada, ben] = await Promise.all([page('ada'), page('ben')]);
  ben.lines.people([ada.peer]);
  ada.lines.say('one', 'Ada');
  ada.lines.say('two', 'Ada');
  expect(shown(ada.lines)).toEqual(['one', 'two']);
  await vi.waitFor(() => {
    expect(ada.sent).toHaveLength(2);
  });
  const lines = ada.sent.map((sent) => told(sent, 'ada', ada.signer.key));
  expect(lines.map(({ text }) => text)).toEqual(['one', 'two']);
  for (const line of lines) {
    ada.lines.receive(line);
    ben.lines.receive(line);
  }
  await vi.waitFor(() => {
    expect(ada.lines.chat.map(({ state }) => state)).toEqual(['sent', 'sent']);
    expect(ben.lines.chat.map(({ text, name }) => [text, name])).toEqual([['one', 'ADA'], ['two', 'ADA']]);
  });
  expect((await said(ben, 'answer')).signed?.clock).toBe(3);
});

test('a line in the name of somebody with a key is dropped unless that key signed it, and its text is not logged', async () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
  const [ada, ben, eve] = await Promise.all([page('ada'), page('ben'), page('eve')]);
  ben.lines.people([ada.peer, eve.peer]);
  const good = await said(ada, 'good');
  const eves = await said(eve, 'secret-words');
  const forged = await signLine(eve.signer, MEETING, { clock: 1, run: 1, sequence: 1, at: 1, text: 'secret-words' });
  for (const bad of [
    { id: 'unsigned-line', from: 'ada', name: 'Ada', text: 'secret-words', at: 1 },
    { ...eves, from: 'ada' },
    { ...good, text: 'secret-words' },
    { ...good, id: '0'.repeat(32) },
    { ...good, id: forged?.id ?? '', text: 'secret-words', author: ada.signer.key, signed: forged?.signed ?? good.signed },
  ] as ChatLine[])
    ben.lines.receive(bad);
  ben.lines.receive(good);
  await vi.waitFor(() => {
    expect(shown(ben.lines)).toEqual(['good']);
  });
  expect(warn).toHaveBeenCalledTimes(5);
  expect(JSON.stringify(warn.mock.calls)).not.toContain('secret-words');
  warn.mockRestore();
});

test('a line of somebody without a key is taken as it is', async () => {
  const ben = await page('ben');
  ben.lines.people([{ ...ben.peer, id: 'old', identity: null }]);
  ben.lines.receive({ id: 'line-0001', from: 'old', text: 'hi', at: 1 });
  await vi.waitFor(() => {
    expect(shown(ben.lines)).toEqual(['hi']);
  });
});

test('two halves of a meeting show the same chat in the same order when they are one', async () => {
  const [ada, ben] = await Promise.all([page('ada'), page('ben')]);
  ada.lines.people([ben.peer]);
  ben.lines.people([ada.peer]);
  const lefts = [await said(ada, 'left 1'), await said(ada, 'left 2')];
  const rights = [await said(ben, 'right 1'), await said(ben, 'right 2')];
  ada.lines.joined('ada', [...lefts, ...rights], 'resumed');
  for (const line of rights) ben.lines.receive(line);
  ben.lines.joined('ben', [...lefts, ...rights], 'restored');
  await vi.waitFor(() => {
    expect(ada.lines.chat).toHaveLength(4);
    expect(ada.lines.chat.map(({ state }) => state)).not.toContain('sending');
    expect(shown(ben.lines)).toEqual(shown(ada.lines));
  });
  expect(ben.sent.filter(({ action }) => action === 'chat-history')).toHaveLength(0);
});

test('a host that was restarted gets the lines back with their signatures', async () => {
  const [ada, ben] = await Promise.all([page('ada'), page('ben')]);
  ben.lines.people([ada.peer]);
  const line = await said(ada, 'one');
  ben.lines.receive(line);
  await vi.waitFor(() => {
    expect(shown(ben.lines)).toEqual(['one']);
  });
  ben.lines.joined('ben', [], 'restored');
  expect(ben.sent.at(-1)).toEqual({ action: 'chat-history', lines: [{ ...line, name: 'ADA' }] });
});

test('where nothing can be signed a line goes out unsigned', async () => {
  const sent: Sent[] = [];
  const lines = new Lines({ meetingId: MEETING, signer: Promise.reject(new Error('no key')), send: (message) => sent.push(message), onchange: () => undefined });
  lines.joined('a', [], 'new');
  lines.say('hi', 'A');
  await vi.waitFor(() => {
    expect(sent).toMatchObject([{ action: 'chat', text: 'hi' }]);
  });
  expect(sent[0]).not.toHaveProperty('signed');
});

test('a line that came beside the room is believed if its author signed it, and is there once when the room has it too', async () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
  const [ada, ben] = await Promise.all([page('ada'), page('ben')]);
  ben.lines.people([ada.peer]);
  const line = await said(ada, 'beside');
  expect(ada.lines.unsent().map(({ id, signed }) => [id, signed])).toEqual([[line.id, line.signed]]);
  const { id, text, signed } = line;
  if (signed === undefined) throw new Error('not signed');
  ben.lines.overheard({ id: 'made-up-0001', from: 'ada', name: 'Ada', text: 'unsigned' });
  ben.lines.overheard({ id: 'made-up-0002', from: 'ada', name: 'Ada', text, signed });
  ben.lines.overheard({ id, from: 'ada', name: 'Ada', text, signed });
  ben.lines.receive(line);
  await vi.waitFor(() => {
    expect(ben.lines.chat.map((one) => [one.text, one.name, one.state])).toEqual([['beside', 'ADA', 'sent']]);
  });
  expect(warn).toHaveBeenCalledTimes(2);
  warn.mockRestore();
});

test('lines of a meeting whose id somebody chose are signed like all others', async () => {
  const [ada, ben] = await Promise.all([page('ada', 'stand-up'), page('ben', 'stand-up')]);
  ben.lines.people([ada.peer]);
  ben.lines.receive(await said(ada, 'good morning'));
  await vi.waitFor(() => {
    expect(shown(ben.lines)).toEqual(['good morning']);
  });
  const fields = chatFields('stand-up', ada.signer.key, { clock: 1, run: 1, sequence: 1, at: 1, text: '' });
  expect(new TextDecoder().decode(fields?.[0])).toBe('landline meeting stand-up');
});
