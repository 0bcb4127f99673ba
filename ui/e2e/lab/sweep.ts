import { sweepStale } from './network.ts';

/** Before and after a run: what killed runs left behind goes away. */
export default function sweep(): void {
  sweepStale();
}
