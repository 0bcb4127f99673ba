/**
 * Memory for pictures, used again by whoever comes next. Megabytes that wait for the collector of garbage add up to
 * hundreds where people come and go, as it sees only the small objects that hold them.
 */

/**
 * A room of nine at 640×360: 0.35 MB of planes and 0.9 MB of pixels each, and again while one is on its way. With a third of
 * this they are made anew all the time, and eight people came at 20 pictures a second instead of 30.
 */
const KEPT_BYTES = 24 * 1024 * 1024;

export class Buffers {
  readonly #kept: ArrayBuffer[] = [];
  #bytes = 0;

  /** Exactly so many bytes, with whatever was in them. */
  take(size: number): ArrayBuffer {
    const index = this.#kept.findIndex(({ byteLength }) => byteLength === size);
    const [found] = index < 0 ? [] : this.#kept.splice(index, 1);
    if (found === undefined) return new ArrayBuffer(size);
    this.#bytes -= size;
    return found;
  }

  /** The oldest go first when it is too much. */
  give(buffer: ArrayBuffer): void {
    if (buffer.byteLength === 0) return;
    this.#kept.push(buffer);
    this.#bytes += buffer.byteLength;
    while (this.#bytes > KEPT_BYTES) this.#bytes -= this.#kept.shift()?.byteLength ?? this.#bytes;
  }
}
