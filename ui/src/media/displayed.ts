/** What became of the pictures that media elements were given: what a busy page drops is decoded in vain, and seen as stutter. */

export interface Displayed {
  /** All that came to the elements of now, and of these, what was never on the screen. Both only grow, but for elements that are gone. */
  readonly frames: number;
  readonly dropped: number;
}

const playing = new Set<HTMLVideoElement>();

/** From now on, until the returned function is called. */
export function countDisplayed(video: HTMLVideoElement): () => void {
  playing.add(video);
  return () => {
    playing.delete(video);
  };
}

/** Of a tile without a picture nothing is on the screen, and that is no trouble. */
function isVisible(video: HTMLVideoElement): boolean {
  return typeof video.checkVisibility !== 'function' || video.checkVisibility({ visibilityProperty: true });
}

/** By element, so that differences can be taken while some come and go. */
export function displayed(): Map<HTMLVideoElement, Displayed> {
  return new Map(
    [...playing].filter(isVisible).map((video) => {
      const { totalVideoFrames, droppedVideoFrames } = video.getVideoPlaybackQuality();
      return [video, { frames: totalVideoFrames, dropped: droppedVideoFrames }];
    }),
  );
}
