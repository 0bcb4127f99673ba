import { decodeMeetingSummary } from '../protocol/decode.ts';
import type { FoundMeeting } from '../protocol/generated/FoundMeeting.ts';
import type { MeetingSummary } from '../protocol/generated/MeetingSummary.ts';
import type { Target } from '../protocol/generated/Target.ts';
import type { Welcome } from '../protocol/generated/Welcome.ts';
import { PROTOCOL_VERSION } from '../protocol/limits.ts';
import { logFor } from '../shared/log.ts';
import { writable, type Readable } from '../shared/store.ts';
import type { SetTimer } from '../shared/timer.ts';
import type { Signer } from '../trust/signer.ts';
import type { Backend, Channel } from './backend.ts';
import { BackendError } from './backend.ts';
import { guestSigner, type KeyShelf } from './guest-key.ts';
import { readSettings, writeSettings } from './guest-settings.ts';
import type { Launch } from './launch.ts';
import type { RoomSocket } from './socket-channel.ts';
import { openSocketChannel } from './socket-channel.ts';
import { openStreamChannel } from './stream-channel.ts';

/** A page from a host's HTTPS port: it has no node, and can only be in that host's meeting. */

export interface GuestOptions {
  launch: Launch;
  /** Of the page, without a slash at the end. */
  origin: string;
  fetch: typeof fetch;
  /** Null where there are no WebSockets. */
  createSocket: ((url: string) => RoomSocket) | null;
  setTimer: SetTimer;
  storage: Storage | null;
  /** `sessionStorage`, or null where there is none. */
  keyStorage: KeyShelf | null;
  page: Pick<EventTarget, 'addEventListener' | 'removeEventListener'>;
  /** `navigator.connection`; null in Firefox and Safari. */
  connection: Pick<EventTarget, 'addEventListener'> | null;
  keepAwake: () => () => void;
}

/** Time for the host to say what it has. */
const LOOK_MS = 5_000;

const log = logFor('guest');

/** How this page reaches the room. Once one way has worked, it stays the way. */
type Transport = 'unknown' | 'socket' | 'stream';

/** Makes the {@link Backend} of a guest's page. */
export function connectGuest(options: GuestOptions): Backend {
  const { launch, origin, keepAwake } = options;
  const stored = readSettings(options.storage);
  const settings = writable(stored.settings);
  // Without a meeting in the link, the host says which one it has.
  const target: Target = launch.open ?? { kind: 'address', text: new URL(origin).host };
  const welcome: Welcome = {
    version: '',
    settings: stored.settings,
    hosted: null,
    interrupted: null,
    open: target,
    token: null,
    notices: stored.notices,
    computerName: '',
    key: '',
    engine: false,
  };
  let transport: Transport = 'unknown';
  let signer: Promise<Signer> | null = null;

  async function summary(): Promise<MeetingSummary> {
    let response: Response;
    let body: string;
    try {
      response = await options.fetch(`${origin}/api/meeting`, {
        cache: 'no-store',
        credentials: 'omit',
        signal: AbortSignal.timeout(LOOK_MS),
      });
      body = await response.text();
    } catch {
      throw new BackendError('unreachable', 'the host does not answer');
    }
    if (response.status === 404) throw new BackendError('meeting-not-found', 'no meeting here');
    const found = response.ok ? decodeMeetingSummary(body) : null;
    if (found === null) throw new BackendError('not-landline', `status ${response.status}`);
    return found;
  }

  async function openChannel(): Promise<Channel> {
    const create = options.createSocket;
    if (transport !== 'stream' && create !== null) {
      try {
        const channel = await openSocketChannel(
          () => create(`${origin.replace(/^http/, 'ws')}/ws`),
          options.setTimer,
        );
        transport = 'socket';
        return channel;
      } catch (error) {
        // A socket that opened before is refused by nobody: the host is away.
        if (transport === 'socket') throw error;
      }
    }
    const channel = await openStreamChannel({
      fetch: options.fetch,
      origin,
      setTimer: options.setTimer,
      page: options.page,
    });
    if (transport !== 'stream') log.info('no WebSocket here: using a stream');
    transport = 'stream';
    return channel;
  }

  return {
    kind: 'guest',
    canHost: false,
    welcome,
    settings,
    meetings: writable([]),
    discovery: writable({ state: 'off' }),
    hosted: writable(null),
    node: writable('connected'),
    networks: networkChanges(options),
    open: writable<Target | null>(target),
    saveSettings(next) {
      settings.set(next);
      if (!writeSettings(options.storage, next)) log.debug('settings cannot be kept here');
      return Promise.resolve();
    },
    watch: () => () => undefined,
    host: () => Promise.reject(notHere('host')),
    hostAgain: () => Promise.reject(notHere('host')),
    forgetMeeting: () => Promise.reject(notHere('host')),
    endMeeting: () => Promise.reject(notHere('end a meeting')),
    async look(wanted): Promise<FoundMeeting> {
      const found = await summary();
      if (found.v !== PROTOCOL_VERSION) throw new BackendError('unsupported-version', `version ${found.v}`);
      if (wanted.kind === 'meeting' && wanted.meetingId !== found.meetingId) {
        throw new BackendError('meeting-not-found', 'the host has another meeting');
      }
      // The person has compared the fingerprint with the link's, or has not: the page cannot see the certificate.
      return { summary: found, trust: 'known', fingerprint: launch.fingerprint ?? '', own: false };
    },
    openChannel,
    signer: () => (signer ??= guestSigner(options.keyStorage, options.page)),
    meet: () => Promise.resolve([]),
    openInBrowser: () => Promise.reject(notHere('open another browser')),
    openEngine: () => Promise.reject(notHere('have an engine')),
    testCall: () => Promise.reject(notHere('make a test call')),
    keepAwake,
  };
}

/** What browsers tell of other networks: not all of them tell all. */
function networkChanges({ page, connection }: GuestOptions): Readable<number> {
  const changes = writable(0);
  const changed = (): void => {
    changes.set(changes.get() + 1);
  };
  page.addEventListener('online', changed);
  connection?.addEventListener('change', changed);
  return changes;
}

function notHere(what: string): BackendError {
  return new BackendError('not-supported', `a guest's page cannot ${what}`);
}
