import type { PeerLink } from '../peer-link.ts';
import type { LinkSample } from '../stats.ts';

/** Tells a link what the last reading says of its camera. */
export function observeCamera(link: PeerLink | undefined, { outgoing: { camera } }: LinkSample): void {
  if (link !== undefined && camera !== undefined) void link.observeCamera(camera.frames);
}
