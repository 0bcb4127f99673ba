import { describe, expect, it } from 'vitest';

import type { FoundMeeting } from '../protocol/generated/FoundMeeting.ts';
import type { HostedMeeting } from '../protocol/generated/HostedMeeting.ts';
import type { Meeting } from '../protocol/generated/Meeting.ts';
import { addressOf, fingerprintGroups } from '../room/guest-link.ts';
import { guestLink, linkFor, type LinkSources } from './guest-link.ts';

/** Guards the link that people send to each other: it must open the meeting and carry the fingerprint. */

const fp = 'ab'.repeat(32);
const listed: Meeting = {
  meetingId: 'm1',
  title: 'Morning',
  host: 'Studio',
  participants: 1,
  locked: false,
  addresses: ['192.168.1.5', 'fd00::5'],
  port: 4717,
  fingerprint: fp,
  startedAt: 0,
  own: false,
};
const found: FoundMeeting = {
  summary: { v: 1, meetingId: 'm1', title: 'Morning', host: 'Studio', participants: 1, names: [], locked: false, access: 'open', full: false, startedAt: 0 },
  trust: 'first-use',
  fingerprint: fp,
  own: false,
};
const nothing: LinkSources = {
  place: { target: { kind: 'meeting', meetingId: 'm1' }, title: '', host: '' },
  found: null,
  hosted: null,
  meetings: [],
  guestOrigin: null,
};
const typed = (text: string): LinkSources => ({ ...nothing, found, place: { target: { kind: 'address', text }, title: '', host: '' } });

describe('guestLink', () => {
  it('takes the links of the own meeting from the node', () => {
    const hosted: HostedMeeting = { meetingId: 'm1', title: '', host: '', guestUrls: ['https://a/#m=m1'], fingerprint: fp, port: 1, participants: 0, portChanged: false, startedAt: 0, access: { mode: 'open' }, private: false };
    expect(guestLink({ ...nothing, hosted, meetings: [listed] })).toEqual({ urls: hosted.guestUrls, fingerprint: fp });
  });

  it('makes one for each address of a listed meeting, IPv6 in brackets', () => {
    expect(guestLink({ ...nothing, meetings: [listed] }).urls).toEqual([
      `https://192.168.1.5:4717/#m=m1&fp=${fp}`,
      `https://[fd00::5]:4717/#m=m1&fp=${fp}`,
    ]);
  });

  it.each([
    ['192.168.1.9:5000', 'https://192.168.1.9:5000'],
    ['192.168.1.9', 'https://192.168.1.9:4717'],
    [`https://192.168.1.9:5000/#m=m1&fp=${fp}`, 'https://192.168.1.9:5000'],
    ['[fd00::9]:5000', 'https://[fd00::9]:5000'],
  ])('makes one from the typed address %s', (text, origin) => {
    expect(guestLink(typed(text)).urls).toEqual([`${origin}/#m=m1&fp=${fp}`]);
  });

  it('passes on the address of a guest page', () => {
    expect(guestLink({ ...nothing, found, guestOrigin: 'https://10.0.0.1:4717' }).urls).toEqual([`https://10.0.0.1:4717/#m=m1&fp=${fp}`]);
  });

  it('makes none if nothing is known', () => {
    expect(guestLink(nothing).urls).toEqual([]);
  });
});

describe('linkFor', () => {
  const link = { urls: [`https://10.0.0.1:4717/#m=m1&fp=${fp}`], fingerprint: fp };

  it('brings the secret along where the meeting takes a code, and the newest only', () => {
    const first = linkFor(link, { mode: 'code', code: '482913', secret: 'old' });
    expect(first.urls).toEqual([`https://10.0.0.1:4717/#m=m1&fp=${fp}&s=old`]);
    expect(linkFor(first, { mode: 'code', code: '111111', secret: 'new' }).urls).toEqual([`https://10.0.0.1:4717/#m=m1&fp=${fp}&s=new`]);
  });

  it('has none where it would not help', () => {
    const old = { ...link, urls: [`${link.urls[0] ?? ''}&s=old`] };
    for (const mode of ['open', 'lobby', 'locked'] as const) expect(linkFor(old, { mode }).urls).toEqual(link.urls);
  });
});

describe('what people read to each other', () => {
  it('is the fingerprint in sixteen groups', () => {
    expect(fingerprintGroups(fp)).toHaveLength(16);
    expect(fingerprintGroups(fp)[0]).toBe('ABAB');
  });

  it('is the address of a link without the rest', () => {
    expect(addressOf(`https://192.168.1.9:5000/#m=m1&fp=${fp}`)).toBe('192.168.1.9:5000');
  });
});
