import type { RenditionId } from '../plan.ts';
import type { Assignment, LinkCount } from './fan-out.ts';

/** Between the page and the worker of the shared encoder. */

/** What a transform is for: `RTCRtpScriptTransform`'s options. */
export type Role = { readonly role: 'encoder'; readonly rendition: RenditionId } | { readonly role: 'link'; readonly link: number };

export type ToWorker =
  /** Where the carriers of a rendition are written. */
  | { readonly do: 'carriers'; readonly rendition: RenditionId; readonly writable: WritableStream<VideoFrame> }
  | { readonly do: 'add'; readonly link: number }
  | { readonly do: 'remove'; readonly link: number }
  | { readonly do: 'assign'; readonly link: number; readonly assignment: Assignment }
  | { readonly do: 'restart' }
  /** Answered by `counts` with the same id. */
  | { readonly do: 'count'; readonly id: number };

export interface EncodedCount {
  frames: number;
  keyFrames: number;
  bytes: number;
}

export interface Counts {
  encoded: Record<RenditionId, EncodedCount>;
  /** By the number of the link. */
  links: ReadonlyMap<number, LinkCount>;
}

export type FromWorker =
  | { readonly is: 'key-frame-wanted'; readonly rendition: RenditionId }
  | { readonly is: 'switched'; readonly link: number; readonly rendition: RenditionId }
  | { readonly is: 'counts'; readonly id: number; readonly counts: Counts };
