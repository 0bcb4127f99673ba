import type { ProbeWorker } from '../media-engine.ts';
import { WorkerLink } from './worker-link.ts';

/** Whether the media side can work here. Starts its worker and fills its pool of tracks. */
export const probeWorker: ProbeWorker = () => WorkerLink.get().abilities;
