import type { Mark } from './watch.ts';

/** The way from the click to the first picture, in steps that both sides have. Pure. */

/** By step: milliseconds after the newcomer's click. */
export interface JoinTimes {
  newcomer: Readonly<Record<string, number>>;
  /** The one who was there, by the same clock. */
  member: Readonly<Record<string, number>>;
}

export const JOIN_STEPS: readonly { page: keyof JoinTimes; step: string; name: string }[] = [
  { page: 'newcomer', step: 'socket made', name: 'opens a socket' },
  { page: 'newcomer', step: 'socket open', name: 'socket open' },
  { page: 'newcomer', step: 'asked to join', name: 'asks to join' },
  { page: 'newcomer', step: 'joined', name: 'is in the room' },
  { page: 'member', step: 'newcomer told', name: 'hears of the newcomer' },
  { page: 'newcomer', step: 'link made', name: 'makes its link' },
  { page: 'member', step: 'link made', name: 'makes its link' },
  { page: 'member', step: 'local offer set', name: 'offers' },
  { page: 'member', step: 'offer sent', name: 'sends the offer' },
  { page: 'newcomer', step: 'local offer set', name: 'offers' },
  { page: 'newcomer', step: 'remote offer', name: 'gets the offer' },
  { page: 'newcomer', step: 'remote offer set', name: 'has taken the offer' },
  { page: 'newcomer', step: 'local answer set', name: 'answers' },
  { page: 'newcomer', step: 'answer sent', name: 'sends the answer' },
  { page: 'member', step: 'remote offer', name: 'gets the offer' },
  { page: 'member', step: 'local answer set', name: 'answers' },
  { page: 'member', step: 'remote answer', name: 'gets the answer' },
  { page: 'newcomer', step: 'remote answer', name: 'gets the answer' },
  { page: 'newcomer', step: 'own address', name: 'has an address of its own' },
  { page: 'newcomer', step: 'ICE checking', name: 'tries addresses' },
  { page: 'member', step: 'ICE checking', name: 'tries addresses' },
  { page: 'member', step: 'other address', name: 'gets an address by itself' },
  { page: 'member', step: 'ICE connected', name: 'ICE connected' },
  { page: 'newcomer', step: 'ICE connected', name: 'ICE connected' },
  { page: 'member', step: 'DTLS connected', name: 'DTLS connected' },
  { page: 'newcomer', step: 'DTLS connected', name: 'DTLS connected' },
  { page: 'newcomer', step: 'first packet', name: 'first packet of a picture' },
  { page: 'newcomer', step: 'received', name: 'has received the first picture' },
  { page: 'newcomer', step: 'decoded', name: 'has decoded it' },
  { page: 'newcomer', step: 'presented', name: 'shows it' },
  { page: 'member', step: 'first packet', name: 'first packet of a picture' },
  { page: 'member', step: 'received', name: 'has received the first picture' },
  { page: 'member', step: 'presented', name: 'shows it' },
];

/** The first of each step at or after the click. What came before belongs to the preview. */
export function sinceClick(marks: readonly Mark[], clicked: number): Record<string, number> {
  const times: Record<string, number> = {};
  for (const { step, at } of marks) {
    const after = at - clicked;
    if (after >= 0) times[step] = Math.min(times[step] ?? Infinity, after);
  }
  return times;
}
