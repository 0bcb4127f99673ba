import type { Missing } from '../shared/calls.ts';

/** The English text of windows and pages that cannot go on by themselves. */

export const handoff = {
  heading: (title: string) => (title === '' ? 'Continue in the browser' : title),
  sentence: (missing: readonly Missing[]): string => {
    const can = 'Your browser can: the same meeting opens there.';
    switch (missing[0] ?? 'web-rtc') {
      case 'devices':
      case 'frames':
      case 'audio-worklet':
        return `This window cannot carry calls: the web engine of this system is too old for them, or was built without a part that they need. WebKitGTK 2.42 or newer has it. ${can}`;
      case 'video-codec':
        return `This window cannot carry calls: this system has no VP8, which pictures travel in. It comes with GStreamer’s “good” plug-ins. ${can}`;
      case 'audio-codec':
        return `This window cannot carry calls: this system has no Opus, which voices travel in. It comes with GStreamer’s “base” plug-ins. ${can}`;
      case 'web-rtc':
        return `This window cannot carry calls, because the web engine of this system was built without them. ${can}`;
    }
  },
  instead: 'Open in browser instead',
  goOn: 'Go on in the browser',
  goOnHint: 'The meeting opens in your browser, and this window leaves it.',
  open: 'Open in browser',
  opening: 'Opening the browser',
  copy: 'Copy the link instead',
  yours: 'The meeting is open, and others see it in their list. Keep this window open.',
};

export const stuck = {
  'no-token': {
    heading: 'Open this page from Landline',
    sentence: 'This address works only with the key that Landline adds to it. Use the link that Landline printed, or start “landline-node ui”.',
  },
  'token-refused': {
    heading: 'This link has been used up',
    sentence: 'Landline was started again since, or the link has been opened before. Open a new one from Landline.',
  },
  'node-unreachable': {
    heading: 'Landline does not answer',
    sentence: 'The program behind this page has ended or is still starting. Start Landline, then load this page again.',
  },
  'app-broken': {
    heading: 'Landline could not start',
    sentence: 'Close this window and start Landline again. If it does not help, install it anew; your settings stay.',
  },
  reload: 'Load again',
};
