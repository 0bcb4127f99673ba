import { describe, expect, it } from 'vitest';
import type { Participant } from './model.ts';
import { tilesOf, type Shown } from './tiles.ts';

const shown = (id: string, part: Partial<Participant> = {}): Shown => ({
  participant: {
    id,
    self: false,
    name: id,
    kind: 'app',
    away: false,
    microphoneOn: true,
    cameraOn: true,
    screenOn: false,
    link: 'connected',
    speaking: false,
    role: 'participant',
    standing: 'proven',
    met: 0,
    nameOfAnother: false,
    ...part,
  },
  camera: {} as MediaStream,
  screen: null,
});

const nobody = new Set<string>();

describe('tilesOf', () => {
  it('puts screens first and ourselves last among the cameras', () => {
    const keys = tilesOf([shown('me', { self: true }), shown('b'), shown('c', { screenOn: true })], nobody).map(({ key }) => key);
    expect(keys).toEqual(['c:screen', 'b:camera', 'c:camera', 'me:camera']);
  });

  it('shows a picture only if the camera is on and media flow', () => {
    const video = (part: Partial<Participant>): boolean | undefined => tilesOf([shown('b', part)], nobody)[0]?.video;
    expect(video({})).toBe(true);
    expect(video({ link: 'reconnecting' })).toBe(true);
    expect(video({ link: 'connecting' })).toBe(false);
    expect(video({ cameraOn: false })).toBe(false);
  });

  it('keeps the place of a screen whose picture has not come yet', () => {
    expect(tilesOf([shown('b', { screenOn: true })], nobody)[0]).toMatchObject({ source: 'screen', stream: null, video: false });
  });

  it('shows the name of somebody whose face is not asked for, and still the screen', () => {
    const [screen, face, other] = tilesOf([shown('b', { screenOn: true }), shown('c', { cameraOn: false })], new Set(['b', 'c']));
    expect(screen).toMatchObject({ source: 'screen', leftOut: false });
    expect(face).toMatchObject({ source: 'camera', video: false, leftOut: true });
    // Nothing is left out of a camera that is off.
    expect(other).toMatchObject({ video: false, leftOut: false });
  });
});
