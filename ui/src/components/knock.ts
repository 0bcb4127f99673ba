import type { Knock } from '../protocol/generated/Knock.ts';

/** Somebody at the door, with what is remembered of the key that was shown, if anything is. */
export type KnockShown = Knock & {
  /** In how many meetings before. */
  met?: number;
  /** Somebody else was met under this name. */
  nameOfAnother?: boolean;
};
