import type { AccessMode } from '../protocol/generated/AccessMode.ts';
import type { Role } from '../protocol/generated/Role.ts';

/** The English text of who comes in, who may do what, and who is who. */

const list = (names: readonly string[]): string => new Intl.ListFormat('en', { type: 'conjunction' }).format(names);

export const door = {
  heading: 'Who comes in',
  /** Chosen by whoever hosts, before there is a meeting. */
  host: {
    open: 'Everyone on this network',
    code: 'With a code',
    lobby: 'I let people in',
  },
  /** In the meeting, where co-hosts choose as well. */
  room: {
    open: 'Everyone on this network',
    code: 'With a code',
    lobby: 'Whoever is let in',
    locked: 'Nobody new',
  } satisfies Record<AccessMode, string>,
  code: 'Code',
  codeCopy: 'Copy the code',
  codeOf: (host: string) => `Six digits from ${host === '' ? 'the host' : host}`,
  sixDigits: 'The code has six digits.',
  askIn: 'Ask to be let in',
  askToJoin: 'Ask to join',
  lobby: (host: string) => `${host === '' ? 'The host' : host} lets people in.`,
  shut: (host: string) => `Nobody new comes into this meeting at the moment. Ask ${host === '' ? 'the host' : host}.`,
  /** What a code that is typed in a browser does and does not do. */
  guestCode: (host: string) => `The code keeps others out, but your browser cannot check that it really goes to ${host === '' ? 'the host' : host}’s computer.`,
  wrongCode: (host: string) => `That is not the code. Ask ${host === '' ? 'the host' : host} for it again; it may have changed.`,
  tooManyTries: 'Too many wrong codes were tried. Wait a little, or ask to be let in.',
  codeNeeded: (host: string) => `This meeting takes a code now. Ask ${host === '' ? 'the host' : host} for it.`,
  knockNeeded: 'In this meeting people are let in. Ask to join.',
  notAdmitted: 'You were not let in. You can ask again.',
  waiting: (host: string) => `Waiting for ${host === '' ? 'the host' : host} to let you in`,
  waitingHint: 'Nobody sees or hears you yet.',
};

export const people = {
  heading: 'People',
  close: 'Close people',
  atDoor: (count: number) => (count === 1 ? '1 person at the door' : `${count} people at the door`),
  doorHeading: 'At the door',
  asksIn: (name: string) => `${name} asks to come in`,
  asks: 'asks to come in',
  andMore: (count: number) => `and ${count} more`,
  admit: 'Let in',
  admitName: (name: string) => `Let ${name} in`,
  refuse: 'Refuse',
  refuseName: (name: string) => `Refuse ${name}`,
  admitAll: 'Let all in',
  here: (count: number) => `In the meeting (${count})`,
  roles: { 'co-host': 'Co-host', host: 'Host' } satisfies Record<Exclude<Role, 'participant'>, string>,
  met: (times: number) => (times === 1 ? 'Met once' : `Met ${times} times`),
  verified: 'Compared',
  unproven: 'No key: cannot be verified',
  refused: 'Does not fit its key: no link',
  nameOfAnother: 'Somebody else used this name before',
  microphoneOn: 'Microphone on',
  microphoneOff: 'Microphone off',
  cameraOn: 'Camera on',
  cameraOff: 'Camera off',
  menu: (name: string) => `Actions for ${name}`,
  mute: 'Mute',
  askUnmute: 'Ask to unmute',
  stopShare: 'Stop the shared screen',
  makeCoHost: 'Make co-host',
  unmakeCoHost: 'No longer co-host',
  handOver: 'Hand the meeting over',
  remove: 'Remove from the meeting',
  muteAll: 'Mute all',
  removeHeading: (name: string) => `Remove ${name}?`,
  removeText: (name: string, mode: AccessMode): string => {
    const out = `${name} leaves at once and cannot come back into this meeting.`;
    switch (mode) {
      case 'open':
        return `${out} From then on people ask before they come in.`;
      case 'code':
        return `${out} The code changes: the old one, and links with it, work no more.`;
      case 'lobby':
        return `${out} Others are let in as before.`;
      case 'locked':
        return `${out} The meeting stays locked.`;
    }
  },
  removeNow: 'Remove',
  askedMute: (by: string) => `${by} muted you.`,
  askedUnmute: (by: string) => `${by} asks you to turn your microphone on.`,
  askedStopShare: (by: string) => `${by} stopped your shared screen.`,
  turnOn: 'Turn on',
  notNow: 'Not now',
};

export const compare = {
  heading: 'Compare',
  /** The mark in the header, by what it says. */
  mark: {
    open: 'Compare the code',
    compared: 'Compare the code: compared with everyone here',
    again: 'Compare the code: somebody is new',
    mismatch: 'Compare the code: the codes differ',
  },
  /** The same, as one word or two beside the mark. */
  short: { open: 'Compare', compared: 'Compared', again: 'Compare again', mismatch: 'Codes differ' },
  how: 'Somebody reads the five aloud, and everybody checks their own screen. If they are the same everywhere, nobody is in between.',
  same: 'They are the same',
  differ: 'They differ',
  agreeing: 'Agreeing on a code',
  waitingFor: (names: readonly string[]) => `Waiting for ${list(names)}.`,
  alone: 'As soon as somebody else is here, five pictures appear: the same on every screen, unless somebody is in between.',
  changed: 'Somebody came or went since.',
  again: 'Compare again',
  compared: 'Compared with everyone here',
  isNew: (names: readonly string[]) => `${list(names)} ${names.length === 1 ? 'is' : 'are'} new: compare again.`,
  unverifiable: (names: readonly string[]) => `${list(names)} ${names.length === 1 ? 'has' : 'have'} no key, so the code says nothing about ${names.length === 1 ? 'that link' : 'those links'}.`,
  mismatch: (who: string | null) => `${who === null ? 'You said' : `${who} says`} that the codes differ. Somebody may be listening. Leave, and meet under a new code.`,
  guestPage: 'This page comes from the host’s computer, so it cannot prove anything about the host.',
};
