import type { LinkSample } from '../stats.ts';
import type { CameraSender } from './camera-sender.ts';
import { carryAll, type Carry, type CarryReading } from './carry.ts';
import type { RenditionId } from './plan.ts';
import type { Counts } from './shared/messages.ts';
import type { SharedCamera } from './shared/shared-camera.ts';

/**
 * Once a second: what the browser says of all links' cameras, beside what the worker of the shared encoder saw of them. Finds
 * transforms that are not fed, and links whose way does not carry what they get.
 */
export async function observeCameras(
  shared: SharedCamera,
  links: ReadonlyMap<string, { readonly camera: CameraSender | null }>,
  samples: ReadonlyMap<string, LinkSample>,
): Promise<void> {
  // The worker last, or it would seem to have missed what came in between.
  const encoded = await shared.framesEncoded();
  const counts = await shared.counts();
  if (counts === null) return;
  if (encoded !== null) shared.observe(encoded, counts);
  const rates = ratesOf(shared, counts);
  const states = new Map<CameraSender, Carry>();
  const readings = new Map<CameraSender, CarryReading>();
  for (const [id, { available, outgoing }] of samples) {
    const camera = links.get(id)?.camera;
    if (camera == null || outgoing.camera === undefined) continue;
    const { frames, packets, sendDelaySeconds } = outgoing.camera;
    const delay = camera.observe({ framesSent: frames, packetsSent: packets, sendDelaySeconds }, counts);
    if (delay === null) continue;
    states.set(camera, camera.carry);
    readings.set(camera, { available, sendDelayMs: delay });
  }
  for (const [camera, state] of carryAll(states, readings, rates)) camera.carry = state;
}

interface Encoded {
  readonly at: number;
  readonly bytes: Record<RenditionId, number>;
}

/** What was encoded at the reading before. */
const before = new WeakMap<SharedCamera, Encoded>();

/** bit/s since the reading before. */
function ratesOf(shared: SharedCamera, { encoded }: Counts): Record<RenditionId, number> {
  const now: Encoded = { at: performance.now(), bytes: { large: encoded.large.bytes, small: encoded.small.bytes } };
  const last = before.get(shared) ?? now;
  before.set(shared, now);
  const seconds = Math.max(0.001, (now.at - last.at) / 1_000);
  const rate = (id: RenditionId): number => ((now.bytes[id] - last.bytes[id]) * 8) / seconds;
  return { large: rate('large'), small: rate('small') };
}
