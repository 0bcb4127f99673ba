import type { Participant, Tile } from './model.ts';

/** A participant with what there is to play. */
export interface Shown {
  participant: Participant;
  camera: MediaStream | null;
  screen: MediaStream | null;
}

/** One tile a person and one a shared screen: screens first, ourselves last among the cameras. Pure. */
export function tilesOf(shown: readonly Shown[]): Tile[] {
  const screens = shown.filter(({ participant }) => participant.screenOn);
  const others = shown.filter(({ participant }) => !participant.self);
  const self = shown.filter(({ participant }) => participant.self);
  return [
    ...screens.map((each) => tile(each, 'screen')),
    ...[...others, ...self].map((each) => tile(each, 'camera')),
  ];
}

function tile({ participant, camera, screen }: Shown, source: Tile['source']): Tile {
  const stream = source === 'camera' ? camera : screen;
  const on = source === 'camera' ? participant.cameraOn : participant.screenOn;
  return {
    key: `${participant.id}:${source}`,
    participant,
    source,
    stream,
    // A track is there as soon as it is negotiated; a picture only once media flow.
    video: on && stream !== null && participant.link !== 'connecting',
  };
}
