/** How loud the sound of a receiver is, as its packets tell (RFC 6464): nothing has to be decoded or analysed for it. */

/** What of an RTCRtpReceiver is used. Missing in some web views. */
export type Tells = Partial<Pick<RTCRtpReceiver, 'getSynchronizationSources'>>;

export class Loudness {
  /** RTP timestamp of the packet that was read last. */
  #read: number | null = null;

  /**
   * Amplitude between 0 and 1, to be asked some ten times a second. 0 too if no packet came since the last time: who is silent may
   * send none. Null: packets do not tell.
   */
  read(receiver: Tells | null): number | null {
    if (receiver === null) return 0;
    if (typeof receiver.getSynchronizationSources !== 'function') return null;
    const newest = receiver.getSynchronizationSources()[0];
    if (newest === undefined) return 0;
    // The types say a number, browsers say nothing without the header extension.
    const { audioLevel, rtpTimestamp } = newest as Partial<RTCRtpSynchronizationSource>;
    if (typeof audioLevel !== 'number') return null;
    const stale = rtpTimestamp === this.#read;
    this.#read = rtpTimestamp ?? null;
    return stale ? 0 : audioLevel;
  }
}
