import type { RenditionId } from '../plan.ts';
import type { Assignment } from './fan-out.ts';

/** Which renditions are in use. A link that changes uses both until it has the new one, so that nothing stops meanwhile. Pure. */
export class Seats {
  readonly #links = new Map<number, { now: RenditionId; wanted: RenditionId }>();

  assign(link: number, assignment: Assignment): void {
    if (assignment.to !== 'fed') {
      this.#links.delete(link);
      return;
    }
    const { rendition } = assignment;
    this.#links.set(link, { now: this.#links.get(link)?.now ?? rendition, wanted: rendition });
  }

  switched(link: number, rendition: RenditionId): void {
    const seat = this.#links.get(link);
    if (seat !== undefined) this.#links.set(link, { ...seat, now: rendition });
  }

  remove(link: number): void {
    this.#links.delete(link);
  }

  uses(rendition: RenditionId): boolean {
    return [...this.#links.values()].some(({ now, wanted }) => now === rendition || wanted === rendition);
  }
}
