import type { Access } from '../protocol/generated/Access.ts';
import type { FoundMeeting } from '../protocol/generated/FoundMeeting.ts';
import type { HostedMeeting } from '../protocol/generated/HostedMeeting.ts';
import type { Meeting } from '../protocol/generated/Meeting.ts';
import type { GuestLink } from '../room/guest-link.ts';
import type { Place } from './screen.ts';

/** Builds the link by which guests come in, from whatever is known of the meeting. Pure. */

export interface LinkSources {
  place: Place;
  found: FoundMeeting | null;
  /** The meeting that the own node hosts. */
  hosted: HostedMeeting | null;
  meetings: readonly Meeting[];
  /** `https://address:port` of a guest's page; null elsewhere. */
  guestOrigin: string | null;
}

/** The port of a host when an address names none (`DEFAULT_PORT` of the node). */
const DEFAULT_PORT = 4717;

/** No address is known: the panel then says so. */
export const NO_LINK: GuestLink = { urls: [], fingerprint: '' };

export function guestLink(sources: LinkSources): GuestLink {
  const { place, found, hosted, meetings, guestOrigin } = sources;
  const meetingId = place.target.kind === 'meeting' ? place.target.meetingId : (found?.summary.meetingId ?? '');
  if (hosted !== null && (hosted.meetingId === meetingId || found?.own === true)) {
    return { urls: hosted.guestUrls, fingerprint: hosted.fingerprint };
  }
  const listed = meetings.find((meeting) => meeting.meetingId === meetingId);
  if (listed !== undefined) {
    const urls = listed.addresses.map((address) => url(bracketed(address), listed.port, meetingId, listed.fingerprint));
    return { urls, fingerprint: listed.fingerprint };
  }
  const fingerprint = found?.fingerprint ?? '';
  if (meetingId === '' || fingerprint === '') return NO_LINK;
  if (guestOrigin !== null) return { urls: [`${guestOrigin}/${fragment(meetingId, fingerprint)}`], fingerprint };
  if (place.target.kind === 'address') {
    const origin = originOf(place.target.text);
    if (origin !== null) return { urls: [`${origin}/${fragment(meetingId, fingerprint)}`], fingerprint };
  }
  return { urls: [], fingerprint };
}

/** The link as it opens the meeting now: with the secret if it takes one, and with no other. */
export function linkFor(link: GuestLink, access: Access): GuestLink {
  const secret = access.mode === 'code' ? access.secret : undefined;
  const urls = link.urls.map((each) => {
    const bare = each.replace(/&s=[^&]*/, '');
    return secret === undefined ? bare : `${bare}&s=${secret}`;
  });
  return { ...link, urls };
}

/** A link that a host told. */
export function toldLink(link: string): GuestLink {
  return { urls: [link], fingerprint: /[#&]fp=([0-9a-f]+)/.exec(link)?.[1] ?? '' };
}

/** `https://host:port` of what a person typed. */
function originOf(text: string): string | null {
  const trimmed = text.trim();
  try {
    const parsed = new URL(trimmed.includes('://') ? trimmed : `https://${trimmed}`);
    return `https://${parsed.hostname}:${parsed.port === '' ? DEFAULT_PORT : parsed.port}`;
  } catch {
    return null;
  }
}

function url(address: string, port: number, meetingId: string, fingerprint: string): string {
  return `https://${address}:${port}/${fragment(meetingId, fingerprint)}`;
}

function fragment(meetingId: string, fingerprint: string): string {
  return `#m=${meetingId}&fp=${fingerprint}`;
}

function bracketed(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}
