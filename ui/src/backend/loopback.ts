import { browserTimer } from '../shared/timer.ts';
import type { Backend } from './backend.ts';
import type { Credential, Launch } from './launch.ts';
import { LoopbackLink } from './loopback-link.ts';
import { connectNode } from './node-client.ts';
import { wakeLock } from './wake-lock.ts';

/** Browser mode: this page was served by the own node on 127.0.0.1. */

const TOKEN_KEY = 'landline.token';

/** The credential of this page: of its address, or of this tab before a reload. */
export function ownCredential(launch: Launch, storage: Storage | null): Credential | null {
  if (launch.credential !== null) return launch.credential;
  const token = storage?.getItem(TOKEN_KEY) ?? null;
  return token === null ? null : { kind: 'token', value: token };
}

/** @throws BackendError `unreachable` if the node is not there or does not accept the credential */
export async function connectLoopback(
  credential: Credential,
  launch: Launch,
  storage: Storage | null,
): Promise<Backend> {
  const url = new URL('/node', location.href);
  url.protocol = 'ws:';
  url.hash = '';
  const link = await LoopbackLink.open({
    credential,
    createSocket: (protocols) => new WebSocket(url, protocols),
    setTimer: browserTimer,
  });
  const keep = (token: string): void => {
    link.setToken(token);
    storage?.setItem(TOKEN_KEY, token);
  };
  if (credential.kind === 'token') keep(credential.value);
  return connectNode({
    kind: 'browser',
    link,
    keepAwake: wakeLock(navigator, document),
    open: launch.open,
    ontoken: keep,
  });
}
