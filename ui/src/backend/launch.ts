import type { Target } from '../protocol/generated/Target.ts';

/** What may drive the own node. A token lasts as long as the node; a ticket opens one session. */
export type Credential = { kind: 'token' | 'ticket'; value: string };

/** What stands after `#` in the address of a page. */
export interface Launch {
  credential: Credential | null;
  meetingId: string | null;
  /** Fingerprint of the host's certificate. */
  fingerprint: string | null;
  /** `s`: what opens a meeting that needs a code. */
  secret: string | null;
  /** `m` or `a`: the meeting to open at once. */
  open: Target | null;
}

/** A subprotocol of a WebSocket is a token of RFC 7230; everything a node makes is plainer than that. */
const CREDENTIAL = /^[A-Za-z0-9_-]{1,256}$/;
const MEETING_ID = /^[\x21-\x7e]{1,64}$/;
const ADDRESS_CHARS = 2_048;
/** 128 bits in base64url are 22 characters; longer ones may come with a later version. */
const SECRET = /^[A-Za-z0-9_-]{1,64}$/;

/** Reads `#token=..&m=..&a=..`, `#ticket=..&m=..` or `#m=..&fp=..&s=..`. What does not fit is as if it were not there. */
export function readLaunch(hash: string): Launch {
  const fields = new URLSearchParams(hash.replace(/^#/, ''));
  const matching = (key: string, pattern: RegExp): string | null => {
    const value = fields.get(key);
    return value !== null && pattern.test(value) ? value : null;
  };
  const token = matching('token', CREDENTIAL);
  const ticket = matching('ticket', CREDENTIAL);
  const meetingId = matching('m', MEETING_ID);
  const address = fields.get('a')?.slice(0, ADDRESS_CHARS) ?? '';
  return {
    credential:
      token !== null ? { kind: 'token', value: token } : ticket !== null ? { kind: 'ticket', value: ticket } : null,
    meetingId,
    fingerprint: matching('fp', /^[0-9a-f]{64}$/),
    secret: matching('s', SECRET),
    open:
      address !== ''
        ? { kind: 'address', text: address }
        : meetingId !== null
          ? { kind: 'meeting', meetingId }
          : null,
  };
}

/** The secret in a guest link that somebody pasted; null for a plain address. */
export function secretOfLink(text: string): string | null {
  const at = text.length > ADDRESS_CHARS ? -1 : text.indexOf('#');
  return at < 0 ? null : readLaunch(text.slice(at).trim()).secret;
}

/** The hash without what is secret: the meeting may stay in the address bar, so that a reload opens it again. */
export function hashWithoutSecrets(hash: string): string {
  const fields = new URLSearchParams(hash.replace(/^#/, ''));
  fields.delete('token');
  fields.delete('ticket');
  fields.delete('s');
  const rest = fields.toString();
  return rest === '' ? '' : `#${rest}`;
}
