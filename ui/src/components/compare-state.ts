import type { MeetingCode, Participant } from '../room/model.ts';

/** What the shield in the header and its panel say of the code. Pure. */

/** `again`: somebody is there with whom nobody compared, after others were compared. */
export type CompareMark = 'open' | 'compared' | 'again' | 'mismatch';

/** Those whom the code covers and with whom nobody compared, if others were compared before. */
export function newcomers(participants: readonly Participant[]): Participant[] {
  const others = participants.filter(({ self }) => !self);
  return others.some(({ standing }) => standing === 'verified') ? others.filter(({ standing }) => standing === 'proven') : [];
}

export function compareMark(code: MeetingCode, participants: readonly Participant[], mismatch: boolean): CompareMark {
  if (mismatch) return 'mismatch';
  if (code.status === 'code' && code.current && code.compared) return 'compared';
  return newcomers(participants).length > 0 ? 'again' : 'open';
}
