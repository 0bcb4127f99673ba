import type { Participant, Tile } from './model.ts';

/** A participant with what there is to play. */
export interface Shown {
  participant: Participant;
  camera: MediaStream | null;
  screen: MediaStream | null;
}

/** One tile a person and one a shared screen: screens first, ourselves last among the cameras. Pure. */
/** @param leftOut whose faces are not asked for */
export function tilesOf(shown: readonly Shown[], leftOut: ReadonlySet<string>): Tile[] {
  const screens = shown.filter(({ participant }) => participant.screenOn);
  const others = shown.filter(({ participant }) => !participant.self);
  const self = shown.filter(({ participant }) => participant.self);
  return [
    ...screens.map((each) => tile(each, 'screen', false)),
    ...[...others, ...self].map((each) => tile(each, 'camera', leftOut.has(each.participant.id))),
  ];
}

function tile({ participant, camera, screen }: Shown, source: Tile['source'], leftOut: boolean): Tile {
  const stream = source === 'camera' ? camera : screen;
  const on = source === 'camera' ? participant.cameraOn : participant.screenOn;
  return {
    key: `${participant.id}:${source}`,
    participant,
    source,
    stream,
    // A track is there as soon as it is negotiated; a picture only once media flow.
    video: on && !leftOut && stream !== null && participant.link !== 'connecting',
    leftOut: on && leftOut,
  };
}
