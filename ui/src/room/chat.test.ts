import { describe, expect, it } from 'vitest';
import type { ChatLine } from '../protocol/generated/ChatLine.ts';
import { CHAT_LINES, CHAT_TEXT_CHARS } from '../protocol/limits.ts';
import { history, merged, overheard, received, sayable, sending, unsent, type Chat } from './chat.ts';

const line = (id: string, part: Partial<ChatLine> = {}): ChatLine => ({ id, from: 'b', name: 'Bob', text: id, at: 1, ...part });
const own = (id: string): Parameters<typeof sending>[1] => ({ id, from: 'a', name: 'Ann', text: id, at: 5 });

describe('chat', () => {
  it('shows a line once, however often it comes', () => {
    const chat = received(received([], line('1'), 'a'), line('1', { text: 'again' }), 'a');
    expect(chat.map(({ text }) => text)).toEqual(['1']);
  });

  it('takes the own line that comes back as the receipt, with the room’s time', () => {
    const waiting = sending([], own('1'));
    expect(waiting[0]).toMatchObject({ state: 'sending', self: true });
    expect(received(waiting, line('1', { from: 'a', at: 9 }), 'a')).toMatchObject([{ state: 'sent', self: true, at: 9 }]);
  });

  it('shows a line that came beside the room once, whichever copy comes first', () => {
    const said = { id: '1', from: 'b', name: 'Bob', text: '1', at: 7 };
    const before = received(overheard([], said), line('1', { at: 9 }), 'a');
    expect(before).toEqual([{ ...said, self: false, state: 'sent' }]);
    expect(overheard(received([], line('1', { at: 9 }), 'a'), said)).toMatchObject([{ id: '1', at: 9 }]);
    expect(overheard(sending([], own('1')), { ...said, from: 'b' }), 'nobody takes an own line over').toMatchObject([{ from: 'a', state: 'sending' }]);
  });

  it('takes the room’s word for who said a line', () => {
    const forged = overheard([], { id: '1', from: 'c', name: 'Eve', text: 'forged', at: 7 });
    expect(received(forged, line('1'), 'a')).toMatchObject([{ id: '1', from: 'b', text: '1' }]);
    expect(received(forged, line('1', { from: 'a' }), 'a')).toMatchObject([{ from: 'a', self: true }]);
  });

  it('merges what a joined brings with what is known, in the order of time and once each', () => {
    const known = sending(received([], line('2', { at: 2 }), 'a'), own('mine'));
    const chat = merged(known, [line('1', { at: 1 }), line('2', { at: 2 }), line('3', { at: 3 })], 'a');
    expect(chat.map(({ id }) => id)).toEqual(['1', '2', '3', 'mine']);
  });

  it('has the order of clocks, authors, runs and counts, however the lines came', () => {
    const signed = (id: string, clock: number, author: string, run = 1, sequence = 1): ChatLine =>
      line(id, { author: author.repeat(86) + 'A', signed: { clock, run, sequence, at: 1, signature: 's' } });
    const lines = [
      line('before', { at: 9 }),
      signed('one', 1, 'B'),
      signed('two', 2, 'B'),
      signed('other author', 2, 'C'),
      signed('its second run', 2, 'C', 2),
      signed('its second line', 2, 'C', 2, 2),
      line('unsigned', { after: 2, at: 3 }),
      line('later', { after: 2, at: 4 }),
      signed('three', 3, 'B'),
    ];
    const ids = lines.map(({ id }) => id);
    for (const way of [lines, [...lines].reverse(), lines.filter((_, at) => at % 2 === 0).concat(lines.filter((_, at) => at % 2 === 1))]) {
      const chat = sending(merged([], way, 'a'), own('mine'));
      expect(merged(chat, way, 'a').map(({ id }) => id)).toEqual([...ids, 'mine']);
    }
  });

  it('keeps the signature of a line for a host that does not have it', () => {
    const said = line('1', { author: 'k', signed: { clock: 1, run: 2, sequence: 3, at: 1, signature: 's' } });
    expect(history(received([], said, 'a'))).toEqual([said]);
  });

  it('gives back only what the room once had', () => {
    const chat = sending(received([], line('1'), 'a'), own('mine'));
    expect(history(chat)).toEqual([line('1')]);
    expect(unsent(chat).map(({ id }) => id)).toEqual(['mine']);
  });

  it('gives back the newest lines of a long chat, in one message', () => {
    let chat: Chat = [];
    for (let index = 0; index < 100; index += 1) chat = received(chat, line(String(index), { at: index, text: 'x'.repeat(3_000) }), 'a');
    const lines = history(chat);
    expect(JSON.stringify(lines).length).toBeLessThan(160 * 1024);
    expect(lines.length).toBeGreaterThan(40);
    expect(lines.at(-1)?.id).toBe('99');
  });

  it('keeps a bounded number of lines', () => {
    let chat: Chat = [];
    for (let index = 0; index < CHAT_LINES + 5; index += 1) chat = received(chat, line(String(index), { at: index }), 'a');
    expect(chat).toHaveLength(CHAT_LINES);
    expect(chat[0]?.id).toBe('5');
  });
});

describe('sayable', () => {
  it('trims, and refuses nothing and too much', () => {
    expect(sayable('  hi\n')).toBe('hi');
    expect(sayable(' \n ')).toBeNull();
    expect(sayable('😀'.repeat(CHAT_TEXT_CHARS))).not.toBeNull();
    expect(sayable('x'.repeat(CHAT_TEXT_CHARS + 1))).toBeNull();
  });
});
