import type { LinkSample } from '../stats.ts';
import type { CameraSender } from './camera-sender.ts';
import { between, countersOf, type Counters, type LinkLoad } from './readings.ts';
import type { SharedCamera } from './shared/shared-camera.ts';

/** Who is told what encoding for all costs; `round` when everything of this second was told. */
export interface LoadTold {
  link(id: string, load: LinkLoad): void;
  round(): void;
}

/** Of the link of the page to itself; no participant has such an id. */
const OWN_LINK = '';

/** What the encoders said the time before. */
const before = new WeakMap<SharedCamera, Counters>();

/**
 * Once a second: what the browser says of all links' cameras, beside what the worker of the shared encoder saw of them. Finds
 * transforms that are not fed, and tells what encoding takes.
 */
export async function observeCameras(
  shared: SharedCamera,
  links: ReadonlyMap<string, { readonly camera: CameraSender | null }>,
  samples: ReadonlyMap<string, LinkSample>,
  told: LoadTold,
): Promise<void> {
  const report = await shared.getStats();
  // The worker last, or it would seem to have missed what came in between.
  const counts = await shared.counts();
  if (report !== null) {
    const encoders = countersOf(report.entries() as Iterable<[string, object]>, null, performance.now());
    if (counts !== null) shared.observe(encoders.framesEncoded, counts);
    const last = before.get(shared);
    before.set(shared, encoders);
    if (last !== undefined && last.at < encoders.at) told.link(OWN_LINK, { ...between(last, encoders), framesReceived: 0 });
  }
  told.round();
  if (counts === null) return;
  for (const [id, { outgoing }] of samples) {
    if (outgoing.camera !== undefined) links.get(id)?.camera?.observe(outgoing.camera, counts);
  }
}
