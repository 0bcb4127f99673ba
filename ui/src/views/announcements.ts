import type { Messages } from '../i18n/en.ts';
import type { RoomState } from '../room/model.ts';

/**
 * What a screen reader says of a change in the room: who came, who went, who shares, who knocks, what was
 * written. Pure.
 * Nothing is said of what was there when we came in.
 */
export function announcements(before: RoomState, now: RoomState, t: Messages): string[] {
  if (before.status.status === 'joining' || before.status.status === 'waiting' || now.status.status === 'ended') return [];
  const nameOf = (name: string): string => (name === '' ? t.common.guest : name);
  const known = new Map(before.participants.map((person) => [person.id, person]));
  const still = new Set(now.participants.map(({ id }) => id));
  const said = new Set(before.chat.map(({ id }) => id));
  return [
    ...now.participants.filter(({ id, self }) => !self && !known.has(id)).map(({ name }) => t.room.cameIn(nameOf(name))),
    ...before.participants.filter(({ id, self }) => !self && !still.has(id)).map(({ name }) => t.room.wentOut(nameOf(name))),
    ...now.participants
      .filter(({ id, self, screenOn }) => !self && screenOn && known.get(id)?.screenOn === false)
      .map(({ name }) => t.room.sharesScreen(nameOf(name))),
    ...now.knocks
      .filter(({ id }) => !before.knocks.some((knock) => knock.id === id))
      .map(({ name }) => t.people.asksIn(nameOf(name ?? ''))),
    ...now.chat.filter(({ id, self }) => !self && !said.has(id)).map(({ name, text }) => t.chat.from(nameOf(name), text)),
  ];
}
