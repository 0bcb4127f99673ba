import type { Platform } from '../shared/platform.ts';
import type { NodeErrorCode } from '../protocol/generated/NodeErrorCode.ts';
import type { EndReason, LinkState, MediaProblem } from '../room/model.ts';
import { handoff, stuck } from './en-program.ts';
import { compare, door, people } from './en-trust.ts';

/** The English text, and by its type the list of what every language has to say. */
export const en = {
  language: 'en',
  languageName: 'English',

  common: {
    back: 'Back',
    close: 'Close',
    cancel: 'Cancel',
    tryAgain: 'Try again',
    dismiss: 'Dismiss',
    copy: 'Copy',
    copied: 'Copied',
    guest: 'Guest',
    you: 'You',
    nameAndYou: (name: string) => `${name} (you)`,
    settings: 'Settings',
    withShortcut: (label: string, key: string) => `${label} (${key})`,
    list: (names: readonly string[]) => new Intl.ListFormat('en', { type: 'conjunction' }).format(names),
    time: (at: number) => new Intl.DateTimeFormat('en', { hour: 'numeric', minute: '2-digit' }).format(at),
    duration: (ms: number) => {
      const minutes = Math.round(ms / 60_000);
      if (minutes < 1) return 'less than a minute';
      if (minutes < 60) return minutes === 1 ? '1 minute' : `${minutes} minutes`;
      return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
    },
  },

  home: {
    heading: 'On this network',
    look: {
      starting: 'Looking for meetings on your network.',
      on: (network: string) => `Connected to ${network}. Meetings here appear by themselves.`,
      noNetwork: 'This computer is not on a network. Connect it to the Wi-Fi or a cable, and meetings will appear here.',
      failed: 'Meetings cannot be found by themselves right now, because another program keeps the port for it. Joining by address works.',
    },
    emptyHeading: 'The line is free',
    empty: 'As soon as somebody on this network hosts a meeting, it appears here.',
    people: (count: number) => (count === 1 ? '1 person' : `${count} people`),
    hostedBy: (host: string) => `Hosted by ${host}`,
    since: (time: string) => `since ${time}`,
    join: 'Join',
    joinTitle: (title: string, host: string) => `Join “${title}”, hosted by ${host}`,
    privateMeeting: 'Private meeting', joinPrivate: 'Join a private meeting',
    private: 'Private', privateHint: 'The list shows neither title nor name.',
    interrupted: (title: string) => `Your meeting “${title}” was interrupted.`,
    openAgain: 'Open again', forget: 'Forget',
    goesOnElsewhere: 'Your meeting goes on at another computer. Join it from the list.',
    locked: 'Not open to everyone',
    yours: 'Your meeting',
    backIn: 'Go in',
    end: 'End for everyone',
    hostHeading: 'Host a meeting',
    name: 'Your name',
    namePlaceholder: 'What others will see',
    title: 'Title',
    titleFor: (name: string) => `${name}'s meeting`,
    titleWithoutName: 'Our meeting',
    host: 'Host a meeting',
    hosting: 'Opening the line',
    hostNote: 'Your computer carries the meeting. When Landline is closed, another app in it goes on.',
    testCall: 'Test call',
    testCallTitle: 'Test call',
    testCallNote: 'See and hear yourself as others will.',
    addressHeading: 'Not in the list?',
    address: 'Address or link',
    addressPlaceholder: '192.168.1.20:4717',
    addressJoin: 'Join',
    addressLooking: 'Looking',
    noCalls: 'This window can find and host meetings. For the call itself Landline opens your browser.',
    openBrowser: 'Open in browser',
    nodeLost: 'The Landline program behind this page has ended. Start it again, and open this page from it.',
    portChanged: (port: number) => `The usual port was taken, so this meeting uses ${port}.`,
    notices: {
      'settings-corrupt': 'Your settings file could not be read. It was set aside, and Landline starts with the usual settings.',
      'settings-read-only': 'Settings cannot be saved on this computer. They hold until Landline is closed.',
    },
  },

  preview: {
    looking: (host: string) => (host === '' ? 'Asking the host' : `Asking ${host}`),
    hostedBy: (host: string) => `Hosted by ${host}`,
    nobody: 'Nobody is in yet. You would be the first.',
    inRoom: (names: readonly string[], more: number) => {
      if (names.length === 0) return more === 1 ? '1 person is in.' : `${more} people are in.`;
      const all = more > 0 ? [...names, more === 1 ? '1 more' : `${more} more`] : names;
      return `${en.common.list(all)} ${all.length === 1 && more === 0 ? 'is' : 'are'} in.`;
    },
    full: 'Every seat in this meeting is taken. Try again when somebody has left.',
    join: 'Join',
    joinSilent: 'Join, just listening',
    name: 'Your name',
    microphone: 'Microphone',
    camera: 'Camera',
    speaker: 'Speaker',
    systemDefault: 'System default',
    cameraOff: 'Your camera is off',
    starting: 'Starting the camera',
    noDevices: 'You can join without a microphone and camera: you see and hear the others.',
    ownPicture: 'Your picture, as in a mirror',
    level: 'Level of your microphone',
    firstUse: (host: string) => `This is the first visit to ${host}, and its fingerprint is now remembered. To be certain, compare it with the one the host shows.`,
    allow: 'Landline asks for the camera and the microphone. Nothing is sent before you join.',
  },

  room: {
    people: (count: number) => (count === 1 ? '1 person' : `${count} people`),
    muteMicrophone: 'Mute',
    unmuteMicrophone: 'Unmute',
    stopCamera: 'Stop camera',
    startCamera: 'Start camera',
    shareScreen: 'Share screen',
    stopSharing: 'Stop sharing',
    openChat: 'Chat',
    closeChat: 'Close chat',
    unread: (count: number) => (count === 1 ? '1 unread message' : `${count} unread messages`),
    invite: 'Invite',
    closeInvite: 'Close invitation',
    leave: 'Leave',
    controls: 'Controls',
    muted: 'Muted',
    screenOf: (name: string) => `${name}: screen`,
    yourScreen: 'Your screen',
    joining: 'Going in',
    link: {
      connecting: 'Connecting',
      connected: 'Connected',
      reconnecting: 'Connection lost, trying again',
      failed: 'No connection to this computer',
    } satisfies Record<LinkState, string>,
    away: 'Away for a moment',
    alone: 'You are the first one here.',
    aloneHint: 'The others see this meeting in their list.',
    testCall: 'Echo gives back what you send, one second later. Use headphones, so that the sound does not go round in a circle.',
    moved: (host: string | null) => (host === null ? 'Your computer hosts the meeting now.' : `${host === '' ? 'Another' : `${host}’s`} computer hosts the meeting now.`),
    movedPage: (host: string) =>
      `${host === '' ? 'Another' : `${host}’s`} computer hosts the meeting now. This page cannot be loaded again; use the new link for that.`,
    hostUnreachable: (host: string) => `${host === '' ? 'The host' : host}’s computer cannot be reached. You can keep talking.`,
    hostClosed: (host: string) => `${host === '' ? 'The host' : host} has closed Landline. You can keep talking; nobody new can come in.`,
    nodeLost: 'The Landline program behind this page has ended. You can keep talking until this page is closed.',
    speakerLarge: 'Speaker large',
    showSpeaker: 'Show whoever speaks large',
    showAlike: 'Show everybody at the same size',
    leftOut: 'Not shown at the moment',
    spared: (why: 'busy' | 'many' | 'narrow', pictures: number) => {
      const because = why === 'narrow' ? 'the network here is slow' : 'this computer is busy';
      if (pictures === 0) return `Only sound for now: ${because}.`;
      if (pictures === Infinity) return `Pictures are smaller for now: ${because}.`;
      const who = pictures === 1 ? 'Showing only who spoke last' : `Showing the ${pictures} who spoke last`;
      return why === 'many' ? `${who}, as there are many people here.` : `${who}: ${because}.`;
    },
    showAll: 'Show all anyway',
    cameIn: (name: string) => `${name} came in`,
    wentOut: (name: string) => `${name} left`,
    sharesScreen: (name: string) => `${name} shares a screen`,
  },

  door,
  people,
  compare,

  chat: {
    heading: 'Chat',
    empty: 'What you write here goes to everyone in the meeting, also to those who come later.',
    placeholder: 'Message to everyone',
    send: 'Send',
    sending: 'Sending',
    tooLong: (most: number) => `A message can have ${most} characters.`,
    from: (name: string, text: string) => `${name}: ${text}`,
  },

  invite: {
    heading: 'Invite',
    inApp: 'With Landline, people on this network see the meeting in their list. Others open this link in a browser:',
    code: 'This meeting takes a code. The link below brings it along.',
    noAddress: 'This computer is not on a network, so there is no link yet.',
    unknownAddress: 'Only the host has the link. Ask the host to share it.',
    link: 'Link',
    address: 'Address',
    copyLink: 'Copy link',
    qr: 'The link as a QR code',
    fingerprint: 'Fingerprint',
    warning: 'The browser will warn that the connection is not private, because this computer vouches for itself. Choose “Advanced”, then “Proceed”. The certificate it shows must have this fingerprint:',
  },

  settings: {
    heading: 'Settings',
    you: 'You',
    devices: 'Devices',
    sound: 'Sound of your voice',
    echoCancellation: 'Remove echo',
    echoCancellationHint: 'Needed with loudspeakers. Off is better with a headset.',
    noEchoRemoval: 'This window cannot remove echo. Use headphones, or turn on echo cancellation in the sound settings of your system.',
    noiseSuppression: 'Remove background noise',
    autoGainControl: 'Even out loudness',
    picture: 'Your picture',
    oneEncoder: 'Send one picture to all',
    oneEncoderHint: 'Easier on this computer when there are several people. Takes effect in the next meeting.',
    encodingNow: (shared: number, own: number) => {
      const alone = own === 1 ? 'One person gets a picture of their own' : `${own} people get a picture of their own each`;
      if (shared === 0) return `${alone} right now.`;
      const together = shared === 1 ? 'One person gets the shared picture' : `${shared} people get the same picture`;
      return own === 0 ? `${together} right now.` : `${together} right now. ${alone}.`;
    },
    appearance: 'Appearance',
    language: 'Language',
    languageAuto: 'As the system',
    theme: 'Colours',
    themes: { auto: 'As the system', light: 'Light', dark: 'Dark' },
    network: 'Network',
    interfaces: 'Use these network connections',
    interfacesAuto: 'Choose automatically',
    iceServers: 'Servers for other networks',
    iceServersHint: 'Not needed on one network. One address a line, for example stun:192.168.1.2:3478.',
    iceServersBad: 'Each line starts with stun:, turn: or turns:.',
    version: (version: string) => `Landline ${version}`,
  },

  end: {
    heading: {
      left: 'You left the meeting',
      'ended-by-host': 'The meeting has ended',
      'seat-taken': 'The meeting goes on in another window',
      'room-full': 'The meeting is full',
      'room-not-found': 'This meeting is over',
      'unsupported-version': 'The two Landlines do not understand each other',
      'fingerprint-mismatch': 'This is not the computer it says it is',
      'false-host': 'This is not the host of the meeting',
      'code-needed': 'This meeting needs a code',
      'wrong-code': 'That is not the code',
      'too-many-tries': 'Too many wrong codes',
      'knock-needed': 'The host lets people in',
      locked: 'The meeting is locked',
      'not-admitted': 'You were not let in',
      removed: 'You were removed from the meeting',
      unreachable: 'The meeting cannot be reached',
      'node-lost': 'Landline has ended on this computer',
    } satisfies Record<EndReason, string>,
    detail: (reason: EndReason, host: string): string => {
      const who = host === '' ? 'the host' : host;
      const Who = host === '' ? 'The host' : host;
      switch (reason) {
        case 'left':
          return '';
        case 'ended-by-host':
          return `${Who} ended it for everyone.`;
        case 'seat-taken':
          return 'You opened it a second time, and that window has your seat now.';
        case 'room-full':
          return 'Every seat is taken. Try again when somebody has left.';
        case 'room-not-found':
          return `${Who} no longer has it open.`;
        case 'unsupported-version':
          return `${Who} has another version of Landline. Update the older one of the two.`;
        case 'fingerprint-mismatch':
          return `The computer that answered for ${who} has a different fingerprint. Ask ${who} before you try again.`;
        case 'false-host':
          return `A computer says that it has this meeting, and cannot prove it. It was told nothing. Ask ${who} where the meeting is.`;
        case 'code-needed':
          return `Ask ${who} for the code, or ask to be let in.`;
        case 'wrong-code':
          return `Ask ${who} for the code again. It may have changed.`;
        case 'too-many-tries':
          return 'Somebody has tried too many wrong codes. Wait a little, or ask to be let in.';
        case 'knock-needed':
          return 'Ask to be let in.';
        case 'locked':
          return `Nobody new comes in at the moment. Ask ${who}.`;
        case 'not-admitted':
          return `${Who} did not let you in.`;
        case 'removed':
          return 'A host or co-host removed you, and you cannot come back into this one.';
        case 'unreachable':
          return `${Who === 'The host' ? 'The host’s' : `${Who}’s`} computer does not answer. Are you on the same network?`;
        case 'node-lost':
          return 'Start Landline again, and open this page from it.';
      }
    },
    lasted: 'You were in for',
    with: 'Who was there',
    goIn: 'Go back in',
    rejoin: 'Join again',
    hostAgain: 'Host again',
    home: 'Back to the start',
    stillOpen: (title: string, people: number) =>
      people === 0 ? `“${title}” is still open on this computer.` : `“${title}” is still open with ${people === 1 ? '1 person' : `${people} people`}.`,
    endForAll: 'End for everyone',
  },

  handoff,

  stuck,

  starting: 'One moment',

  errors: {
    sentence: (code: NodeErrorCode, subject: string): string => {
      const it = subject === '' ? 'The host' : `“${subject}”`;
      switch (code) {
        case 'bad-address':
          return subject === ''
            ? 'Type the address that the host shows, for example 192.168.1.20:4717, or paste the link.'
            : `“${subject}” is not an address. It looks like 192.168.1.20:4717, or is the whole link.`;
        case 'name-not-found':
          return `No computer named ${it} was found on this network. Check the spelling, or use the number address.`;
        case 'unreachable':
          return `${it} cannot be reached. Are you on the same network?`;
        case 'connection-refused':
          return `${it} answers, but has no meeting open there. Check the number after the colon.`;
        case 'not-landline':
          return `Something else than Landline answers at ${it}. Check the number after the colon.`;
        case 'fingerprint-mismatch':
          return `The computer that answers for ${it} is not the one that was announced. Ask the host before you try again.`;
        case 'fingerprint-changed':
          return `${it} has another fingerprint than at your last visit. Compare it with the host, and join with the full link.`;
        case 'false-host':
          return 'A computer says that it has this meeting, and cannot prove it. It was told nothing. Ask the host where the meeting is.';
        case 'meeting-not-found':
          return subject === '' ? 'This meeting is over.' : `${it} has closed this meeting.`;
        case 'unsupported-version':
          return `${it} has another version of Landline. Update the older one of the two.`;
        case 'already-hosting':
          return 'This computer hosts a meeting already. Go back into it, or end it first.';
        case 'port-unavailable':
          return 'No free port was found for the meeting. Close other programs that serve on this computer.';
        case 'no-browser':
          return 'No browser could be started. Copy the link, and open it in a browser yourself.';
        case 'wrong-code':
          return 'That is not the code of this meeting.';
        case 'too-many-tries':
          return 'Too many wrong codes. Wait a little, or ask to be let in.';
        case 'congested':
          return 'The connection is too slow at the moment.';
        case 'not-supported':
          return 'That is not possible from this page.';
        case 'bad-request':
        case 'no-channel':
        case 'internal':
          return 'Something went wrong inside Landline. Details are in its log.';
      }
    },
  },

  media: {
    problem: (source: 'microphone' | 'camera' | 'screen', problem: MediaProblem, platform: Platform, inApp: boolean): string => {
      const what = source === 'microphone' ? 'microphone' : source === 'camera' ? 'camera' : 'screen';
      const What = source === 'microphone' ? 'Microphone' : source === 'camera' ? 'Camera' : 'Screen';
      switch (problem) {
        case 'no-device':
          return `No ${what} was found. Plug one in, and it is used at once.`;
        case 'busy':
          return `Another program is using the ${what}. Close it there, and try again.`;
        case 'denied':
          if (source === 'screen') return 'The screen was not shared. Choose a window or a screen when you are asked.';
          if (!inApp) return `This page may not use the ${what}. Allow it at the left of the address bar, and try again.`;
          if (platform === 'windows') return `Landline may not use the ${what}. Allow it in Settings › Privacy & security › ${What}, and start Landline again.`;
          if (platform === 'macos') return `Landline may not use the ${what}. Allow it in System Settings › Privacy & Security › ${What}, and start Landline again.`;
          return `Landline may not use the ${what}. Allow it in the privacy settings of your system, and try again.`;
        case 'system-denied':
          if (platform === 'macos') {
            const pane = source === 'screen' ? 'Screen & System Audio Recording' : What;
            return `macOS keeps the ${what} from ${inApp ? 'Landline' : 'this browser'}. Allow it in System Settings › Privacy & Security › ${pane}.`;
          }
          if (platform === 'windows') return `Windows keeps the ${what} from ${inApp ? 'Landline' : 'this browser'}. Allow it in Settings › Privacy & security › ${What}.`;
          return `The system keeps the ${what} from ${inApp ? 'Landline' : 'this browser'}. Allow it in its privacy settings.`;
        case 'unsupported':
          return source === 'screen' ? 'Screens cannot be shared from here.' : `This ${inApp ? 'window' : 'browser'} cannot use a ${what}.`;
        case 'failed':
          return `The ${what} could not be started. Unplug it and plug it in again, or choose another one.`;
      }
    },
  },
};

/** Every text of the product. A language that lacks one does not compile. */
export type Messages = typeof en;
