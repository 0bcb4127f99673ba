import type { EngineDoor } from '../../protocol/generated/EngineDoor.ts';
import type { Calls } from '../../shared/calls.ts';
import { logFor } from '../../shared/log.ts';
import type { Players } from '../../shared/players.ts';
import { browserTimer } from '../../shared/timer.ts';
import { NativeDataChannel } from './data-channel.ts';
import { NativeDataChannelEvent, NativeIceEvent, NativeTrackEvent } from './events.ts';
import { NativeIceCandidate } from './ice-candidate.ts';
import { openMediaEngine } from './media/open-media-engine.ts';
import { nativePlayers } from './media/native-players.ts';
import { probeWorker } from './media/probe-worker.ts';
import { NativePeerConnection } from './peer-connection.ts';
import { missingParts } from './probe.ts';
import { NativeReceiver } from './receiver.ts';
import { NativeError, NativeErrorEvent } from './rtc-error.ts';
import { NativeSender } from './sender.ts';
import { EngineSessions } from './session.ts';
import { NativeSessionDescription } from './session-description.ts';
import { NativeStatsReport } from './stats-report.ts';
import { NativeTransceiver } from './transceiver.ts';

/**
 * Gives a web view without RTCPeerConnection one of ours, on the engine of the app. Where there is one nothing is done;
 * where parts are missing it says which.
 */

export interface NativeOptions {
  /** Opens the way to an engine session. Null where no page may have one. */
  door: (() => Promise<EngineDoor>) | null;
}

/** `players`: what shows and plays the tracks; null: the web view's elements do. */
export interface Native {
  calls: Calls;
  players: Players | null;
}

const log = logFor('native');

export async function nativeCalls({ door }: NativeOptions): Promise<Native> {
  if (typeof RTCPeerConnection === 'function') return { calls: { possible: true }, players: null };
  if (door === null) return { calls: { possible: false, missing: ['web-rtc'] }, players: null };
  const missing = await missingParts({ probeWorker });
  if (missing.length > 0) {
    log.warn(`calls are not possible in this window, for want of: ${missing.join(', ')}`);
    return { calls: { possible: false, missing }, players: null };
  }
  install(
    new EngineSessions({
      door,
      createSocket: (url, protocols) => new WebSocket(url, protocols),
      openMedia: openMediaEngine,
      setTimer: browserTimer,
    }),
  );
  log.info('calls run on the engine of the app');
  return { calls: { possible: true }, players: nativePlayers };
}

function install(sessions: EngineSessions): void {
  class PeerConnection extends NativePeerConnection {
    constructor(configuration: RTCConfiguration = {}) {
      super(configuration, sessions);
    }
  }
  const classes: Record<string, unknown> = {
    RTCPeerConnection: PeerConnection,
    RTCRtpTransceiver: NativeTransceiver,
    RTCRtpSender: NativeSender,
    RTCRtpReceiver: NativeReceiver,
    RTCDataChannel: NativeDataChannel,
    RTCSessionDescription: NativeSessionDescription,
    RTCIceCandidate: NativeIceCandidate,
    RTCStatsReport: NativeStatsReport,
    RTCTrackEvent: NativeTrackEvent,
    RTCDataChannelEvent: NativeDataChannelEvent,
    RTCPeerConnectionIceEvent: NativeIceEvent,
    RTCError: NativeError,
    RTCErrorEvent: NativeErrorEvent,
  };
  for (const [name, value] of Object.entries(classes)) {
    if (name in globalThis) continue;
    Object.defineProperty(globalThis, name, { value, configurable: true, enumerable: false, writable: true });
  }
}
