import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import type { SharedCamera } from '../rtc/send/shared/shared-camera.ts';
import { writable } from '../shared/store.ts';
import { EncoderAhead } from './encoder-ahead.ts';
import type { PreviewState } from './model.ts';

/** Guards that an encoder made for a preview serves the room that follows, and is not left behind where none does. */

const made: { setTrack: ReturnType<typeof vi.fn>; close: ReturnType<typeof vi.fn> }[] = [];

vi.mock('../rtc/send/shared/shared-camera.ts', () => ({
  SharedCamera: {
    open: () => {
      const camera = { setTrack: vi.fn(), close: vi.fn() };
      made.push(camera);
      return camera as unknown as SharedCamera;
    },
  },
}));

const stateOf = (track: object | null): PreviewState => ({ stream: track === null ? null : { getVideoTracks: () => [track] } }) as unknown as PreviewState;

beforeEach(() => made.splice(0));
afterEach(() => vi.restoreAllMocks());

test('the camera of the preview warms it, and the room gets that one', () => {
  const ahead = new EncoderAhead();
  const state = writable(stateOf(null));
  ahead.prepare({ state });
  const track = {};
  state.set(stateOf(track));
  expect(made[0]?.setTrack).toHaveBeenLastCalledWith(track);
  expect(ahead.take()).toBe(made[0]);
  state.set(stateOf({}));
  // What the preview shows is not the room's.
  expect(made[0]?.setTrack).toHaveBeenLastCalledWith(track);
  expect(made[0]?.close).not.toHaveBeenCalled();
});

test('a preview that ends without a room lets go of it, and of no later one', () => {
  const ahead = new EncoderAhead();
  const first = ahead.prepare({ state: writable(stateOf(null)) });
  const second = ahead.prepare({ state: writable(stateOf(null)) });
  expect(made[0]?.close).toHaveBeenCalledOnce();
  first();
  expect(made[1]?.close).not.toHaveBeenCalled();
  second();
  expect(made[1]?.close).toHaveBeenCalledOnce();
  expect(ahead.take()).toBe(made[2]);
});

test('what the room took is not closed with the preview', () => {
  const ahead = new EncoderAhead();
  const letGo = ahead.prepare({ state: writable(stateOf(null)) });
  ahead.take();
  letGo();
  expect(made[0]?.close).not.toHaveBeenCalled();
});
