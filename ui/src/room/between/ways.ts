/**
 * How a message gets to a participant: by the room as long as that reaches them, else by our own data channel, else by somebody
 * who has one to both of us. Pure.
 */

export interface Facts {
  /** We have a seat that is connected. */
  readonly room: boolean;
  /** The participant's connection to the room is lost, as far as the room says. */
  readonly away: boolean;
  /** Our link to them lives, and has a line. */
  readonly line: boolean;
  /** Who says that they have a line to them, and has one to us, in the order of the roster. */
  readonly neighbours: readonly string[];
}

export type Way =
  | { by: 'room' }
  | { by: 'line' }
  | { by: 'neighbour'; id: string };

/** Where nothing else reaches, the room: messages wait there, or in our seat. */
export function wayTo({ room, away, line, neighbours }: Facts): Way {
  if (room && !away) return { by: 'room' };
  if (line) return { by: 'line' };
  const [id] = neighbours;
  return id === undefined ? { by: 'room' } : { by: 'neighbour', id };
}

/** Whom a line or a neighbour reaches. */
export function reachable({ line, neighbours }: Pick<Facts, 'line' | 'neighbours'>): boolean {
  return line || neighbours.length > 0;
}
