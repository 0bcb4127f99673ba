/**
 * The MediaStreams of one connection's incoming tracks, by the id that the other side gave them: tracks with the same id
 * share one. The id cannot be given to the object, so it is kept here. A stream without tracks is forgotten.
 */
export class RemoteStreams {
  readonly #streams = new Map<string, MediaStream>();

  /**
   * Makes `track` a member of exactly the streams `ids`.
   * @returns its streams in their order, and whether it came into one that it was not in
   */
  assign(track: MediaStreamTrack, ids: readonly string[]): { streams: MediaStream[]; added: boolean } {
    for (const [id, stream] of this.#streams) {
      if (ids.includes(id) || !stream.getTracks().includes(track)) continue;
      stream.removeTrack(track);
      announce(stream, 'removetrack', track);
      if (stream.getTracks().length === 0) this.#streams.delete(id);
    }
    let added = false;
    const streams = [...new Set(ids)].map((id) => {
      const stream = this.#streams.get(id) ?? new MediaStream();
      this.#streams.set(id, stream);
      if (!stream.getTracks().includes(track)) {
        added = true;
        stream.addTrack(track);
        announce(stream, 'addtrack', track);
      }
      return stream;
    });
    return { streams, added };
  }
}

/** A script's own changes tell nobody; those of a connection do (W3C mediacapture-streams §4.2). */
function announce(stream: MediaStream, type: 'addtrack' | 'removetrack', track: MediaStreamTrack): void {
  if (typeof MediaStreamTrackEvent === 'function') stream.dispatchEvent(new MediaStreamTrackEvent(type, { track }));
}
