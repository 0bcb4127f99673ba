import type { Backend } from '../backend/backend.ts';
import type { FoundMeeting } from '../protocol/generated/FoundMeeting.ts';
import type { HostedMeeting } from '../protocol/generated/HostedMeeting.ts';
import type { Meeting } from '../protocol/generated/Meeting.ts';
import type { Target } from '../protocol/generated/Target.ts';
import type { Place } from './screen.ts';

/** Places made of what one knows of a meeting. */

export function placeOf(meeting: Meeting): Place {
  return { target: { kind: 'meeting', meetingId: meeting.meetingId }, title: meeting.title, host: meeting.host };
}

export function placeOfHosted(hosted: HostedMeeting): Place {
  return { target: { kind: 'meeting', meetingId: hosted.meetingId }, title: hosted.title, host: hosted.host };
}

export function placeOfTarget(target: Target, backend: Backend): Place {
  const hosted = backend.hosted.get() ?? backend.welcome.hosted;
  if (target.kind === 'meeting' && hosted?.meetingId === target.meetingId) return placeOfHosted(hosted);
  return { target, title: '', host: target.kind === 'address' ? shortened(target.text) : '' };
}

/** The same place, by the names that its host gave: until we are let in the room tells none. */
export function placeFound(place: Place, { summary }: FoundMeeting): Place {
  return { ...place, title: summary.title || place.title, host: summary.host || place.host };
}

export function sameTarget(a: Target, b: Target | null): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** A link names its fingerprint after `#`: too long for a sentence. */
export function shortened(address: string): string {
  return address.replace(/^https?:\/\//, '').replace(/\/?#.*$/, '');
}
