import type { DiscoveryState } from '../protocol/generated/DiscoveryState.ts';
import type { EngineDoor } from '../protocol/generated/EngineDoor.ts';
import type { HostedMeeting } from '../protocol/generated/HostedMeeting.ts';
import type { Meeting } from '../protocol/generated/Meeting.ts';
import type { NodeEvent } from '../protocol/generated/NodeEvent.ts';
import type { NodeReply } from '../protocol/generated/NodeReply.ts';
import type { NodeRequest } from '../protocol/generated/NodeRequest.ts';
import type { SignLabel } from '../protocol/generated/SignLabel.ts';
import type { Target } from '../protocol/generated/Target.ts';
import type { Welcome } from '../protocol/generated/Welcome.ts';
import { logFor } from '../shared/log.ts';
import { writable } from '../shared/store.ts';
import { toBase64url } from '../trust/bytes.ts';
import type { Signer } from '../trust/signer.ts';
import type { Backend } from './backend.ts';
import { BackendError } from './backend.ts';
import type { RequestOrder } from './node-channels.ts';
import { NodeChannels } from './node-channels.ts';

/** The way to the own node: requests with answers, and events. */
export interface NodeLink {
  readonly order: RequestOrder;
  /** @throws BackendError */
  request(request: NodeRequest): Promise<NodeReply>;
  onevent: ((event: NodeEvent) => void) | null;
  /**
   * After the first session: `down` when it is lost, `up` when there is a new one (nothing of the old is known to the
   * node), `gone` when trying ended.
   */
  onsession: ((session: 'down' | 'up' | 'gone') => void) | null;
}

export interface NodeClientOptions {
  kind: 'app' | 'browser';
  link: NodeLink;
  /** How this page keeps the machine awake; asks the node if it cannot. */
  keepAwake?: () => () => void;
  /** A meeting named by the page's own address, which counts more than what the node would open. */
  open?: Target | null;
  /** Gets the token for later connections, which nobody else is shown. */
  ontoken?: (token: string) => void;
}

const SIGN_LABELS: readonly SignLabel[] = ['dtls', 'join', 'verify', 'chat', 'signal'];

const log = logFor('node');

/**
 * Makes a {@link Backend} of a link to the own node: says hello, keeps what the node tells in stores, and sets up again
 * what the page had asked for when the link was lost and is back. @throws BackendError if the node does not answer
 */
export async function connectNode(options: NodeClientOptions): Promise<Backend> {
  const { link } = options;
  const ask = (request: NodeRequest): Promise<NodeReply> => link.request(request);
  const channels = new NodeChannels(ask, link.order);
  const meetings = writable<Meeting[]>([]);
  const discovery = writable<DiscoveryState>({ state: 'off' });
  const node = writable<'connected' | 'lost'>('connected');
  const networks = writable(0);
  /** Counts what happened to the link. */
  let sessions = 0;
  const early: NodeEvent[] = [];
  link.onevent = (event) => early.push(event);

  const first = await hello(ask);
  const settings = writable(first.settings);
  const hosted = writable(first.hosted);
  const open = writable(options.open ?? first.open);
  keepToken(first, options);

  const on = (event: NodeEvent): void => {
    switch (event.event) {
      case 'meetings':
        meetings.set(event.meetings);
        break;
      case 'discovery':
        discovery.set(event.state);
        break;
      case 'hosted':
        hosted.set(event.hosted);
        break;
      case 'settings':
        settings.set(event.settings);
        break;
      case 'open':
        open.set(event.target);
        break;
      case 'networks':
        networks.set(networks.get() + 1);
        break;
      case 'frame':
      case 'channel-closed':
        channels.handle(event);
        break;
    }
  };
  link.onevent = on;
  early.forEach(on);

  const watching = counted((yes) => {
    if (!yes) meetings.set([]);
    tell({ do: 'watch', on: yes });
  });
  const awake = counted((yes) => {
    tell({ do: 'keep-awake', on: yes });
  });

  /** For requests whose failure changes nothing for the person. */
  function tell(request: NodeRequest): void {
    ask(request).catch((error: unknown) => {
      log.debug(`${request.do} failed: ${error instanceof BackendError ? error.code : 'unknown'}`);
    });
  }

  async function startAgain(): Promise<void> {
    const welcome = await hello(ask);
    keepToken(welcome, options);
    settings.set(welcome.settings);
    hosted.set(welcome.hosted);
    if (watching.active()) tell({ do: 'watch', on: true });
    if (awake.active()) tell({ do: 'keep-awake', on: true });
    node.set('connected');
  }

  link.onsession = (session) => {
    sessions += 1;
    channels.loseAll();
    switch (session) {
      case 'down':
        log.warn('connection to the node lost');
        meetings.set([]);
        break;
      case 'up':
        startAgain().catch(() => {
          log.warn('the node did not answer after reconnecting');
        });
        break;
      case 'gone':
        log.error('the node is gone');
        hosted.set(null);
        node.set('lost');
        break;
    }
  };

  return {
    kind: options.kind,
    canHost: true,
    welcome: { ...first, open: open.get(), token: null },
    settings,
    meetings,
    discovery,
    hosted,
    node,
    networks,
    open,
    async saveSettings(next) {
      settings.set(next);
      await ask({ do: 'set-settings', settings: next });
    },
    watch: watching.start,
    async host(title, name, access, privately): Promise<HostedMeeting> {
      const reply = await ask({ do: 'host', title, name, access, private: privately });
      if (reply.is !== 'hosted') throw unexpected(reply);
      hosted.set(reply.hosted);
      return reply.hosted;
    },
    async hostAgain(): Promise<HostedMeeting> {
      const reply = await ask({ do: 'host-again' });
      if (reply.is !== 'hosted') throw unexpected(reply);
      hosted.set(reply.hosted);
      return reply.hosted;
    },
    async forgetMeeting(): Promise<void> {
      await ask({ do: 'forget-meeting' });
    },
    async endMeeting() {
      const before = sessions;
      try {
        await ask({ do: 'end-meeting' });
      } catch (error) {
        // A node that was started for this meeting ends with it, and may do so before it answers.
        if (sessions === before) throw error;
      }
      hosted.set(null);
    },
    async look(target) {
      const reply = await ask({ do: 'look', target });
      if (reply.is !== 'found') throw unexpected(reply);
      return reply.found;
    },
    openChannel: (target, code) => channels.open(target, code),
    signer: () => Promise.resolve(nodeSigner(first.key, ask)),
    async meet(meetingId, people) {
      const reply = await ask({ do: 'meet', meetingId, people: [...people] });
      if (reply.is !== 'met') throw unexpected(reply);
      return reply.people;
    },
    async openInBrowser(target) {
      await ask(target === null ? { do: 'open-in-browser' } : { do: 'open-in-browser', target });
    },
    async openEngine(): Promise<EngineDoor> {
      if (options.kind !== 'app') throw new BackendError('not-supported', 'only the app has an engine');
      const reply = await ask({ do: 'open-engine' });
      if (reply.is !== 'engine') throw unexpected(reply);
      const { url, control, media } = reply;
      return { url, control, media };
    },
    async testCall(on) {
      await ask({ do: 'test-call', on });
    },
    keepAwake: options.keepAwake ?? awake.start,
  };
}

async function hello(ask: (request: NodeRequest) => Promise<NodeReply>): Promise<Welcome> {
  const reply = await ask({ do: 'hello' });
  if (reply.is !== 'welcome') throw unexpected(reply);
  const welcome: Welcome & { is?: string } = { ...reply };
  delete welcome.is;
  return welcome;
}

/** The node signs only under labels that it knows. */
function nodeSigner(key: string, ask: (request: NodeRequest) => Promise<NodeReply>): Signer {
  return {
    key,
    async sign(label, fields) {
      const known = SIGN_LABELS.find((one) => one === label);
      if (known === undefined) throw new BackendError('bad-request', `the node does not sign ${label}`);
      const reply = await ask({ do: 'sign', label: known, fields: fields.map(toBase64url) });
      if (reply.is !== 'signed') throw unexpected(reply);
      return reply.signature;
    },
  };
}

function keepToken(welcome: Welcome, options: NodeClientOptions): void {
  if (welcome.token !== null) options.ontoken?.(welcome.token);
}

function unexpected(reply: NodeReply): BackendError {
  return new BackendError('internal', `unexpected answer: ${reply.is}`);
}

/** Something that is on while anybody wants it. `change` hears of the first and the last. */
function counted(change: (on: boolean) => void): { start: () => () => void; active: () => boolean } {
  let wanted = 0;
  return {
    active: () => wanted > 0,
    start: () => {
      wanted += 1;
      if (wanted === 1) change(true);
      let stopped = false;
      return () => {
        if (stopped) return;
        stopped = true;
        wanted -= 1;
        if (wanted === 0) change(false);
      };
    },
  };
}
