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

  it('gives back only what the room once had', () => {
    const chat = sending(received([], line('1'), 'a'), own('mine'));
    expect(history(chat)).toEqual([line('1')]);
    expect(unsent(chat).map(({ id }) => id)).toEqual(['mine']);
  });

  it('gives back the newest lines of a long chat, in one message', () => {
    let chat: Chat = [];
    for (let index = 0; index < 100; index += 1) chat = received(chat, line(String(index), { text: 'x'.repeat(3_000) }), 'a');
    const lines = history(chat);
    expect(JSON.stringify(lines).length).toBeLessThan(160 * 1024);
    expect(lines.length).toBeGreaterThan(40);
    expect(lines.at(-1)?.id).toBe('99');
  });

  it('keeps a bounded number of lines', () => {
    let chat: Chat = [];
    for (let index = 0; index < CHAT_LINES + 5; index += 1) chat = received(chat, line(String(index)), 'a');
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
