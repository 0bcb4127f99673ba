import { bool, object, oneOf, u32, type Check } from '../../protocol/check.ts';
import { fromBase64url } from '../bytes.ts';
import { isSignature } from '../keys.ts';

/** What members of a round tell each other: the `data` of `verify`. As in `crates/trust/src/rounds/message.rs`. */
export type Message = Commit | Reveal;

interface Common {
  /** The roster hash R, base64url. */
  readonly roster: string;
  /** Counts the rounds over one roster, from 0. */
  readonly round: number;
  /** By the sender's key, over the statement that belongs to the kind. */
  readonly signature: string;
}

/** "I will show the nonce that this commits to." Its sender lacks something of the others. */
export interface Commit extends Common {
  readonly is: 'commit';
  readonly commitment: string;
}

/** "I hold all commitments, and this is my nonce." Good without the commit before it, which follows from it. */
export interface Reveal extends Common {
  readonly is: 'reveal';
  readonly nonce: string;
  /** Hash over all commitments that the sender holds. */
  readonly commitments: string;
  /** The sender has the code; otherwise it still lacks something. Not signed: it only asks others to send again. */
  readonly done: boolean;
}

const bytes32: Check<string> = (value) =>
  typeof value === 'string' && fromBase64url(value, 32) !== undefined ? value : undefined;
const signature: Check<string> = (value) => (typeof value === 'string' && isSignature(value) ? value : undefined);

const common = { roster: bytes32, round: u32, signature };
const kind = object({ is: oneOf('commit', 'reveal') });
const commit: Check<Commit> = object({ ...common, is: oneOf('commit'), commitment: bytes32 });
const reveal: Check<Reveal> = object({
  ...common,
  is: oneOf('reveal'),
  nonce: bytes32,
  commitments: bytes32,
  done: bool,
});

/** A message as it came; undefined if it is none of ours. */
export const message: Check<Message> = (value) => {
  switch (kind(value)?.is) {
    case 'commit':
      return commit(value);
    case 'reveal':
      return reveal(value);
    case undefined:
      return undefined;
  }
};

/** Whether the sender lacks something that others might send again. */
export function asks(sent: Message): boolean {
  return sent.is === 'commit' || !sent.done;
}
