import type { ChatLine } from '../protocol/generated/ChatLine.ts';
import { CHAT_LINES, CHAT_TEXT_CHARS } from '../protocol/limits.ts';
import { inOrder } from '../trust/chat.ts';
import type { ChatMessage } from './model.ts';

/**
 * The chat of one meeting, pure. Each id stands in it once, in the order that all pages have; own lines stand as `sending` below
 * all others until the room has sent them round. Bounded: the first go first.
 */
export type Chat = readonly ChatMessage[];

/** Bytes of lines given back to a restarted host: what a room keeps (`CHAT_BYTES` of the wire), in one message. */
const HISTORY_BYTES = 150 * 1024;

/** The text as it is sent; null if there is nothing to say, or too much. */
export function sayable(text: string): string | null {
  const trimmed = text.trim();
  return trimmed === '' || [...trimmed].length > CHAT_TEXT_CHARS ? null : trimmed;
}

/** An own line that was just sent off. */
export function sending(chat: Chat, message: Omit<ChatMessage, 'state' | 'self'>): Chat {
  return bounded([...chat, { ...message, self: true, state: 'sending' }]);
}

/** The own line that was `draft` is signed, and has its id by that. */
export function signedNow(chat: Chat, draft: string, made: Required<Pick<ChatMessage, 'id' | 'author' | 'signed'>>): Chat {
  return chat.map((message) => (message.id === draft ? { ...message, ...made } : message));
}

/** A line from the room; of our own lines it is the receipt, and brings the room's time. */
export function received(chat: Chat, line: ChatLine, selfId: string): Chat {
  const own = chat.find(({ id }) => id === line.id);
  // Under another name than the room's it was not its author's, and its place may not have been known: the room's counts.
  if (own?.state === 'sent' && own.from === line.from && (own.after !== undefined || line.after === undefined)) return chat;
  const message: ChatMessage = {
    id: line.id,
    from: line.from,
    self: own?.from === line.from ? own.self : line.from === selfId,
    name: line.name ?? '',
    text: line.text,
    at: line.at,
    state: 'sent',
    ...(line.author === undefined ? {} : { author: line.author }),
    ...(line.signed === undefined ? {} : { signed: line.signed }),
    ...(line.after === undefined ? {} : { after: line.after }),
  };
  return ordered([...chat.filter(({ id }) => id !== line.id), message]);
}

/** A line that somebody else said to us while the room could not be reached. The room's own copy may come before or after it. */
export function overheard(chat: Chat, message: Omit<ChatMessage, 'self' | 'state'>): Chat {
  if (chat.some(({ id }) => id === message.id)) return chat;
  return ordered([...chat, { ...message, self: false, state: 'sent' }]);
}

/** What a `joined` brings, merged with what is known. */
export function merged(chat: Chat, lines: readonly ChatLine[], selfId: string): Chat {
  return lines.reduce((before, line) => received(before, line, selfId), chat);
}

/** The newest lines that the room once had, oldest first, for a host that was restarted. */
export function history(chat: Chat): ChatLine[] {
  const lines: ChatLine[] = [];
  let bytes = 0;
  for (const { id, from, name, text, at, state, author, signed, after } of [...chat].reverse()) {
    if (state !== 'sent') continue;
    const line: ChatLine = {
      id,
      from,
      text,
      at,
      ...(name === '' ? {} : { name }),
      ...(author === undefined || signed === undefined ? {} : { author, signed }),
      ...(after === undefined ? {} : { after }),
    };
    bytes += new TextEncoder().encode(JSON.stringify(line)).length + 1;
    if (bytes > HISTORY_BYTES) break;
    lines.unshift(line);
  }
  return lines;
}

/** Own lines that nobody has acknowledged. */
export function unsent(chat: Chat): Chat {
  return chat.filter(({ state }) => state === 'sending');
}

function ordered(chat: Chat): Chat {
  const sent = chat.filter(({ state }) => state === 'sent').sort(inOrder);
  return bounded([...sent, ...chat.filter(({ state }) => state === 'sending')]);
}

function bounded(chat: Chat): Chat {
  return chat.length > CHAT_LINES ? chat.slice(-CHAT_LINES) : chat;
}
