import type { App } from '../src/app/model.ts';
import type { Place } from '../src/app/screen.ts';
import type { Participant, PreviewState } from '../src/room/model.ts';
import { found, meeting, type FakeOptions, type FakeRoom } from './fakes.ts';

/** What states of the gallery are made of. */

/** One state that a screen can be in. */
export interface GalleryState {
  backend?: FakeOptions;
  preview?: Partial<PreviewState>;
  room?: FakeRoom;
  calls?: boolean;
  /** False: a web view without echo cancellation. */
  canRemoveEcho?: boolean;
  /** What the person does to get there. */
  go?: (app: App) => void | Promise<void>;
  /** Pressed once the screen is shown, by data-testid. */
  press?: string[];
  stuck?: 'no-token' | 'token-refused' | 'node-unreachable' | 'app-broken';
}

export const LONG = 'Quarterly conversation about everything that was left over from the last quarterly conversation';
export const place: Place = { target: { kind: 'meeting', meetingId: 'meeting-0' }, title: 'Morning round', host: 'Kitchen laptop' };
export const names = ['Studio', 'Kitchen laptop', 'Workshop', 'Front desk', 'Library', 'Meeting room 2', 'Attic', 'Reception', 'Garden', 'Archive'];

export const list = [
  meeting(0, { title: 'Morning round', host: 'Kitchen laptop', participants: 3 }),
  meeting(1, { title: 'Window display', host: 'Front desk', participants: 1 }),
  meeting(2, { title: '周会', host: '会议室电脑', participants: 6 }),
];

export function people(count: number, change: Record<number, Partial<Participant>> = {}): Partial<Participant>[] {
  return Array.from({ length: count }, (_, index) => ({ name: names[index] ?? `Desk ${index}`, ...change[index] }));
}

export const choose = (app: App): void => {
  app.choose(place);
};
export const enter = async (app: App): Promise<void> => {
  app.choose(place);
  await new Promise((resolve) => setTimeout(resolve, 30));
  app.enter(null);
};
export const looked = { meetings: list, look: found() };
