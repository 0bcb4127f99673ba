/**
 * What is sent of our camera and screen, and to whom: the words that the allocator (which decides), the shared encoder and the
 * links (which do it) have in common.
 */

/** How large a participant shows a picture of ours. */
export interface View {
  /** Device pixels of the whole picture's height, one of `VIEW_HEIGHTS`. 0: it shows none of it. */
  readonly height: number;
  /** The most that it wants in a second. 0 only together with a height of 0. */
  readonly framesPerSecond: number;
}

/** What a participant shows of us. Whoever never said is sent everything. */
export interface Views {
  readonly camera: View;
  readonly screen: View;
}

/** A picture between two steps asks for the larger one. */
export const VIEW_HEIGHTS = [0, 90, 180, 240, 360, 540, 720, 1080, 1440, 2160] as const;

/** A picture of the camera that is encoded once for all who get it. */
export interface Rendition {
  readonly id: RenditionId;
  /** Pixels. The width follows from the camera. */
  readonly height: number;
  readonly framesPerSecond: number;
  /** bit/s. */
  readonly bitrate: number;
}

/** At most two: each costs an encoder. */
export type RenditionId = 'large' | 'small';

/** What one link gets of a source. */
export type Sent =
  | { readonly is: 'nothing' }
  /** The camera's, by the encoder that serves all. */
  | { readonly is: 'shared'; readonly rendition: RenditionId }
  /** By an encoder of its own. */
  | { readonly is: 'own'; readonly height: number; readonly framesPerSecond: number; readonly bitrate: number };

export interface SendPlan {
  /** Empty where every link has an encoder of its own, and while nobody looks. */
  readonly renditions: readonly Rendition[];
  /** By participant. Whoever is not in it gets nothing yet. */
  readonly camera: ReadonlyMap<string, Sent>;
  readonly screen: ReadonlyMap<string, Sent>;
}
