/** Decoded sound that waits to be played, in order, with holes where something is missing. Pure; positions are samples. */

export interface Piece {
  /** Position of its first sample. */
  at: number;
  samples: Float32Array;
  /** On the clock of what is played. */
  arrived: number;
}

export class SoundBuffer {
  #pieces: Piece[] = [];

  get first(): Piece | undefined {
    return this.#pieces[0];
  }

  /** Position after the last sample. */
  get end(): number | null {
    const last = this.#pieces.at(-1);
    return last === undefined ? null : last.at + last.samples.length;
  }

  /** Puts a piece in its place. What is before `from`, or there already, is left out. */
  insert(piece: Piece, from: number): void {
    let index = this.#pieces.length;
    while (index > 0 && (this.#pieces[index - 1]?.at ?? 0) > piece.at) index -= 1;
    const before = this.#pieces[index - 1];
    const start = Math.max(piece.at, from, before === undefined ? from : before.at + before.samples.length);
    const end = Math.min(piece.at + piece.samples.length, this.#pieces[index]?.at ?? Infinity);
    if (start >= end) return;
    const samples = piece.samples.subarray(start - piece.at, end - piece.at);
    this.#pieces.splice(index, 0, { ...piece, at: start, samples });
  }

  /** Samples without a hole from `at` on. */
  contiguous(at: number): number {
    let end = at;
    for (const piece of this.#pieces) {
      if (piece.at !== end) break;
      end += piece.samples.length;
    }
    return end - at;
  }

  /** Takes samples that are there from `at` on; `waited`: the sum over them of the time since they arrived, in samples. */
  take(at: number, count: number, now: number): { samples: Float32Array<ArrayBuffer>; waited: number } {
    const samples = new Float32Array(count);
    let filled = 0;
    let waited = 0;
    for (let piece = this.#pieces[0]; piece !== undefined && filled < count; piece = this.#pieces[0]) {
      if (piece.at !== at + filled) break;
      const part = piece.samples.subarray(0, count - filled);
      samples.set(part, filled);
      waited += part.length * Math.max(0, now - piece.arrived);
      filled += part.length;
      if (part.length === piece.samples.length) this.#pieces.shift();
      else this.#pieces[0] = { ...piece, at: piece.at + part.length, samples: piece.samples.subarray(part.length) };
    }
    return { samples, waited };
  }

  /** Leaves out what is before this position. */
  dropBefore(at: number): void {
    for (let piece = this.#pieces[0]; piece !== undefined && piece.at < at; piece = this.#pieces[0]) {
      this.#pieces.shift();
      const left = at - piece.at;
      if (left < piece.samples.length) this.#pieces.unshift({ ...piece, at, samples: piece.samples.subarray(left) });
    }
  }

  clear(): void {
    this.#pieces = [];
  }
}
