import type { PeerLink } from '../peer-link.ts';
import type { LinkSample } from '../stats.ts';

/** Tells a link what the last reading says of its camera. */
export function observeCamera(link: PeerLink | undefined, { at, outgoing: { camera }, available }: LinkSample): void {
  if (link === undefined || camera === undefined) return;
  void link.observeCamera({ at, framesSent: camera.frames, packetsSent: camera.packets, sendDelaySeconds: camera.sendDelaySeconds, available });
}
