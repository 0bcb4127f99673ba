/**
 * Tracks that exist before anybody needs them (worker side): a generator can only be made in a worker, and a
 * transceiver's track has to be there at once. A slot is made, bound to receivers as often as needed, and ended.
 */

/** Frames on their way into a track; the compositor takes them at once, so more means that nobody draws. */
const MAX_UNWRITTEN = 3;

interface Slot {
  generator: VideoTrackGenerator;
  writer: WritableStreamDefaultWriter<VideoFrame>;
  unwritten: number;
}

export class TrackPool {
  readonly #slots = new Map<number, Slot>();
  #next = 1;

  make(count: number): { slot: number; track: MediaStreamTrack }[] {
    return Array.from({ length: count }, () => {
      const generator = new VideoTrackGenerator();
      // As a remote track is before its first frame (W3C webrtc §5.3). Not again later: WebKitGTK rebuilds the player of a track
      // that is muted, and can stop the page by that.
      generator.muted = true;
      const slot = this.#next;
      this.#next += 1;
      this.#slots.set(slot, { generator, writer: generator.writable.getWriter(), unwritten: 0 });
      return { slot, track: generator.track };
    });
  }

  /** Takes the frame over. */
  write(id: number, frame: VideoFrame): void {
    const slot = this.#slots.get(id);
    if (slot === undefined || slot.unwritten >= MAX_UNWRITTEN) {
      frame.close();
      return;
    }
    if (slot.generator.muted) slot.generator.muted = false;
    slot.unwritten += 1;
    slot.writer.write(frame).then(
      () => {
        slot.unwritten -= 1;
      },
      () => {
        frame.close();
        slot.unwritten -= 1;
      },
    );
  }

  end(id: number): void {
    const slot = this.#slots.get(id);
    this.#slots.delete(id);
    slot?.writer.close().catch(() => undefined);
  }
}
