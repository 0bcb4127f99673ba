import type { Joined } from '../protocol/generated/Joined.ts';
import type { Moved } from './model.ts';

/**
 * Who hosts the meeting while hosts come and go, and by which link guests come in there. A room tells beforehand where it goes on
 * should its host be gone; what it said last is true when that happens. Pure.
 */
export class Moves {
  #host: string | null = null;
  /** Of the next host, as the present one says. */
  #next: string | null = null;
  #link: string | null = null;
  #moved: Moved | null = null;

  /** A room took us in, or again. */
  joined({ host, outcome, successor }: Pick<Joined, 'host' | 'outcome' | 'successor'>): void {
    const before = this.#host;
    this.#host = host;
    if (before !== null && outcome !== 'new' && before !== host) {
      this.#link = this.#next;
      this.#moved = { host, link: this.#link };
    }
    this.told(successor);
  }

  /** The room says where it would go on. */
  told(link: string | undefined): void {
    this.#next = link?.startsWith('https://') === true ? link : null;
  }

  dismiss(): void {
    this.#moved = null;
  }

  shown(): { moved: Moved | null; movedLink: string | null } {
    return { moved: this.#moved, movedLink: this.#link };
  }
}
