import { logFor } from '../shared/log.ts';
import { browserTimer } from '../shared/timer.ts';
import type { Backend } from './backend.ts';
import { BackendError } from './backend.ts';
import { connectGuest } from './guest.ts';
import { hashWithoutSecrets, readLaunch } from './launch.ts';
import { connectLoopback, ownCredential } from './loopback.ts';
import { wakeLock } from './wake-lock.ts';

/** Which node this page has, or why it has none. */
export type Start =
  | { status: 'ready'; backend: Backend }
  | {
      status: 'failed';
      reason: /** Served by the own node, but without the token: open the link that landline-node printed. */
        | 'no-token'
        /** The node is there and does not accept the token: it was started again, or the ticket was used. */
        | 'token-refused'
        /** The node has ended. */
        | 'node-unreachable'
        /** The app does not answer its own window. */
        | 'app-broken';
    };

const log = logFor('start');

/** Where a page is: found out once, at its start. Pure. */
export function placeOf(page: { tauri: boolean; protocol: string; hostname: string }): 'app' | 'browser' | 'guest' {
  if (page.tauri) return 'app';
  const own = ['127.0.0.1', 'localhost', '[::1]'].includes(page.hostname);
  // The own node serves its own browser without TLS; a host's pages have it, on the host's machine as well.
  return own && page.protocol === 'http:' ? 'browser' : 'guest';
}

/**
 * Finds out where this page is and connects to its node. Takes the token out of the address bar before anything else, so
 * that it is in no history, screenshot or copied link.
 */
export async function chooseBackend(): Promise<Start> {
  const launch = readLaunch(location.hash);
  if (launch.credential !== null) {
    history.replaceState(history.state, '', location.pathname + location.search + hashWithoutSecrets(location.hash));
  }
  // A link pasted over this page's address changes its hash alone, and means a new start.
  window.addEventListener('hashchange', () => {
    const next = readLaunch(location.hash);
    if (next.credential !== null || next.open !== null) location.reload();
  });
  switch (placeOf({ tauri: '__TAURI_INTERNALS__' in window, protocol: location.protocol, hostname: location.hostname })) {
    case 'app':
      try {
        const { connectTauri } = await import('./tauri.ts');
        return { status: 'ready', backend: await connectTauri() };
      } catch (error) {
        log.error(`the app does not answer: ${codeOf(error)}`);
        return { status: 'failed', reason: 'app-broken' };
      }
    case 'browser': {
      const credential = ownCredential(launch, storageOf('sessionStorage'));
      if (credential === null) return { status: 'failed', reason: 'no-token' };
      try {
        return { status: 'ready', backend: await connectLoopback(credential, launch, storageOf('sessionStorage')) };
      } catch (error) {
        log.error(`the node does not accept this page: ${codeOf(error)}`);
        return { status: 'failed', reason: (await nodeAnswers()) ? 'token-refused' : 'node-unreachable' };
      }
    }
    case 'guest':
      return {
        status: 'ready',
        backend: connectGuest({
          launch,
          origin: location.origin,
          fetch: (input, init) => fetch(input, init),
          createSocket: 'WebSocket' in window ? (url) => new WebSocket(url) : null,
          setTimer: browserTimer,
          storage: storageOf('localStorage'),
          keyStorage: storageOf('sessionStorage'),
          connection: (navigator as Navigator & { connection?: EventTarget }).connection ?? null,
          page: window,
          keepAwake: wakeLock(navigator, document),
        }),
      };
  }
}

/** A refused WebSocket does not say why; whether the page itself is still served does. */
async function nodeAnswers(): Promise<boolean> {
  try {
    await fetch('./', { method: 'HEAD', cache: 'no-store', signal: AbortSignal.timeout(2_000) });
    return true;
  } catch {
    return false;
  }
}

/** A browser that forbids storage throws at the mere mention of it. */
function storageOf(kind: 'localStorage' | 'sessionStorage'): Storage | null {
  try {
    return window[kind];
  } catch {
    return null;
  }
}

function codeOf(error: unknown): string {
  return error instanceof BackendError ? error.code : 'unknown';
}
