/**
 * Memory for pictures, used again by whoever comes next. Megabytes that wait for the collector of garbage add up to
 * hundreds where people come and go, as it sees only the small objects that hold them.
 */

/** Of a room of nine at 640×360, whose pictures are made anew each time with a third of it. More would be kept for nobody. */
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
