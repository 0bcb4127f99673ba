import type { Role } from '../protocol/generated/Role.ts';
import type { Participant } from '../room/model.ts';

/** What somebody may do to somebody else, as the room will have it. What is not here is not offered. Pure. */
export type Power = 'mute' | 'ask-unmute' | 'stop-share' | 'make-co-host' | 'unmake-co-host' | 'hand-over' | 'remove';

const RANK: Record<Role, number> = { participant: 0, 'co-host': 1, host: 2 };

export function powersOver(own: Role, person: Participant): Power[] {
  if (own === 'participant' || person.self) return [];
  const notAbove = RANK[person.role] <= RANK[own];
  // A minimal client does not know how to be asked, and says nothing of what is on.
  const listens = person.kind !== null;
  // Roles belong to keys.
  const hasKey = person.standing === 'proven' || person.standing === 'verified';
  const powers: [Power, boolean][] = [
    ['mute', listens && notAbove && person.microphoneOn],
    ['ask-unmute', listens && !person.microphoneOn],
    ['stop-share', listens && notAbove && person.screenOn],
    ['make-co-host', own === 'host' && hasKey && person.role === 'participant'],
    ['unmake-co-host', own === 'host' && hasKey && person.role === 'co-host'],
    ['hand-over', own === 'host' && hasKey && person.role !== 'host'],
    ['remove', RANK[person.role] < RANK[own]],
  ];
  return powers.flatMap(([power, has]) => (has ? [power] : []));
}
