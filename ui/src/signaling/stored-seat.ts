import type { Check } from '../protocol/check.ts';
import { bool, object, parse, text, u32 } from '../protocol/check.ts';
import { target } from '../protocol/decode-node.ts';
import type { MediaState } from '../protocol/generated/MediaState.ts';
import type { Target } from '../protocol/generated/Target.ts';
import { ROOM_ID_CHARS, SHORT_TEXT_CHARS } from '../protocol/limits.ts';

/**
 * A seat across a reload of its page. It stands in `sessionStorage` only between the closing of the page and its next
 * load, so that a tab which is duplicated meanwhile finds nothing and is a participant of its own.
 */

/** What opens a seat again. */
export interface StoredSeat {
  clientId: string;
  /** Secret. */
  token: string;
  /** The name over which the token was made. */
  name: string;
  /** The last `seq` that came from the room. */
  seq: number;
}

/** What a page that was loaded anew needs to go straight back. */
export interface SeatBefore {
  meetingId: string;
  target: Target;
  name: string;
  /** Which sources were on: nobody who was muted comes back with an open microphone. */
  media: MediaState;
}

export type SeatShelf = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

const KEY = 'landline.seat';

type Entry = SeatBefore & StoredSeat;

const entry: Check<Entry> = object({
  meetingId: text(ROOM_ID_CHARS),
  target,
  media: object({ microphone: bool, camera: bool, screen: bool }),
  clientId: text(ROOM_ID_CHARS),
  token: text(SHORT_TEXT_CHARS),
  name: text(SHORT_TEXT_CHARS),
  seq: u32,
});

/** The meeting that this page was in before it was loaded anew. Left where it is: opening the seat takes it. */
export function peekSeat(shelf: SeatShelf | null): SeatBefore | null {
  const found = read(shelf);
  if (found === null) return null;
  const { meetingId, target: to, name, media } = found;
  return { meetingId, target: to, name, media };
}

/** Removes the seat, and returns it if it is one in this meeting. */
export function takeSeat(shelf: SeatShelf | null, meetingId: string): StoredSeat | null {
  const found = read(shelf);
  dropSeat(shelf);
  if (found?.meetingId !== meetingId) return null;
  const { clientId, token, name, seq } = found;
  return { clientId, token, name, seq };
}

export function keepSeat(shelf: SeatShelf | null, before: SeatBefore, stored: StoredSeat): void {
  quietly(() => {
    shelf?.setItem(KEY, JSON.stringify({ ...before, ...stored }));
    return null;
  });
}

export function dropSeat(shelf: SeatShelf | null): void {
  quietly(() => {
    shelf?.removeItem(KEY);
    return null;
  });
}

function read(shelf: SeatShelf | null): Entry | null {
  const json = quietly(() => shelf?.getItem(KEY) ?? null);
  return json === null ? null : (entry(parse(json)) ?? null);
}

/** A browser may forbid storage; then a reload is a new participant. */
function quietly(act: () => string | null): string | null {
  try {
    return act();
  } catch {
    return null;
  }
}
