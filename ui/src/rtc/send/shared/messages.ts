import type { RenditionId } from '../plan.ts';
import type { Assignment, LinkCount } from './fan-out.ts';

/** Between the page and the worker of the shared encoder. */

/** What a transform is for: `RTCRtpScriptTransform`'s options. */
export type Role = { readonly role: 'encoder'; readonly rendition: RenditionId } | { readonly role: 'link'; readonly link: number };

/** Tracks of carriers: of each frame of a rendition, or of a few for links that get copies. */
export type CarrierId = RenditionId | 'pulse';

export type ToWorker =
  /** Where carriers are written. */
  | { readonly do: 'carriers'; readonly id: CarrierId; readonly writable: WritableStream<VideoFrame> }
  /** `streams`: of a link without a transform. */
  | { readonly do: 'add'; readonly link: number; readonly streams: { readonly readable: ReadableStream; readonly writable: WritableStream } | null }
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
  /** Copies do not fit it. */
  | { readonly is: 'refused'; readonly link: number }
  | { readonly is: 'counts'; readonly id: number; readonly counts: Counts };
