/**
 * Splits a stream of text into its lines (NDJSON) wherever the network cut it into chunks. Empty lines, which keep a
 * connection awake, are left out.
 */
export class LineSplitter {
  readonly #most: number;
  #rest = '';

  /** `most`: UTF-16 units of one line; a longer one is a breach of the protocol. */
  constructor(most: number) {
    this.#most = most;
  }

  /** The lines that are complete with this chunk, or null if one is too long. */
  push(chunk: string): string[] | null {
    const parts = (this.#rest + chunk).split('\n');
    this.#rest = parts.pop() ?? '';
    if (this.#rest.length > this.#most || parts.some((part) => part.length > this.#most)) return null;
    return parts.map((part) => (part.endsWith('\r') ? part.slice(0, -1) : part)).filter((part) => part !== '');
  }
}
