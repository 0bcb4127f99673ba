import { compare, fromHex32, toBase64url, utf8 } from '../bytes.ts';
import type { Verified } from '../identity.ts';
import { keyBytes } from '../keys.ts';
import { hashOf } from '../statement.ts';

/** Most members of one round. A room has 32 seats; a hostile server may name more, and those are unverifiable. */
export const MAX_MEMBERS = 64;
/** Longest client id in bytes. Ours have 12. */
export const CLIENT_ID_BYTES = 64;

/** Our own place in the room. From ourselves, never from the server's roster. */
export interface Me {
  readonly clientId: string;
  /** SHA-256 of the DTLS certificate of our links, 64 hexadecimal digits in lower case. */
  readonly fingerprint: string;
}

/** Somebody in the room, as the caller knows them. */
export interface Participant {
  /** Stamped by the server. */
  readonly clientId: string;
  /** What `verifyIdentity` gave; null for a client without an identity or with a bad one. */
  readonly identity: Verified | null;
}

/** Somebody who can take part. */
export interface Member extends Verified {
  readonly clientId: string;
}

/** The members of a round, sorted by key, fingerprint and client id, and the hash over them. */
export interface Roster {
  readonly members: readonly Member[];
  /** R, base64url. */
  readonly hash: string;
  /** Our place among the members. */
  readonly me: number;
}

/**
 * The roster of `me` and `others`, and the client ids of those who are in no roster. Of two with one client id the first
 * counts, and ourselves before all: what the server says about us counts for nothing.
 */
export async function newRoster(
  meetingId: string,
  me: Member,
  others: readonly Participant[],
): Promise<{ roster: Roster; unverifiable: string[] }> {
  const known = new Map<string, Verified | null>();
  for (const { clientId, identity } of others) {
    if (clientId === me.clientId || known.has(clientId) || utf8(clientId).length > CLIENT_ID_BYTES) continue;
    known.set(clientId, identity);
  }
  const unverifiable: string[] = [];
  const verified: Member[] = [];
  for (const [clientId, identity] of [...known].sort(([a], [b]) => compare(utf8(a), utf8(b)))) {
    if (identity === null || verified.length + 1 >= MAX_MEMBERS) unverifiable.push(clientId);
    else verified.push({ clientId, key: identity.key, fingerprint: identity.fingerprint });
  }
  const members = [...verified, me].sort(order);
  const fields = members.flatMap((member) => [keyBytes(member.key), fingerprint(member), utf8(member.clientId)]);
  const hash = toBase64url(await hashOf('roster', [utf8(meetingId), ...fields]));
  return { roster: { members, hash, me: members.indexOf(me) }, unverifiable };
}

/** Where somebody other than ourselves stands; undefined for strangers. */
export function placeOf(roster: Roster, clientId: string): number | undefined {
  const place = roster.members.findIndex((member) => member.clientId === clientId);
  return place < 0 || place === roster.me ? undefined : place;
}

/** The client ids of all but ourselves. */
export function othersOf(roster: Roster): string[] {
  return roster.members.filter((_, place) => place !== roster.me).map((member) => member.clientId);
}

/** Their keys. */
export function keysOf(roster: Roster): string[] {
  return roster.members.filter((_, place) => place !== roster.me).map((member) => member.key);
}

function order(a: Member, b: Member): number {
  return (
    compare(keyBytes(a.key), keyBytes(b.key)) ||
    compare(fingerprint(a), fingerprint(b)) ||
    compare(utf8(a.clientId), utf8(b.clientId))
  );
}

function fingerprint(member: Member): Uint8Array {
  return fromHex32(member.fingerprint) ?? new Uint8Array();
}
