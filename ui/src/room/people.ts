import type { LocalTracksState } from '../media/local-tracks.ts';
import type { ScreenState } from '../media/screen.ts';
import { streamOf } from '../media/stream-of.ts';
import type { Acquaintance } from '../protocol/generated/Acquaintance.ts';
import type { MediaState } from '../protocol/generated/MediaState.ts';
import type { ParticipantKind } from '../protocol/generated/ParticipantKind.ts';
import type { Role } from '../protocol/generated/Role.ts';
import type { MeshPeer } from '../rtc/member.ts';
import type { Standing } from './model.ts';
import type { Shown } from './tiles.ts';

/** Who is shown and what there is of each, made of links and own devices. */

/** The own sources as others are told. */
export function mediaStateOf(tracks: LocalTracksState, screen: ScreenState): MediaState {
  return {
    microphone: tracks.microphone.status === 'on',
    camera: tracks.camera.status === 'on',
    screen: screen.screen.status === 'on',
  };
}

export function shownSelf(options: {
  id: string;
  name: string;
  kind: ParticipantKind;
  tracks: LocalTracksState;
  screen: ScreenState;
  speaking: boolean;
  role: Role;
}): Shown {
  const { id, name, kind, tracks, screen, speaking, role } = options;
  const media = mediaStateOf(tracks, screen);
  return {
    participant: {
      id,
      self: true,
      name,
      kind,
      away: false,
      microphoneOn: media.microphone,
      cameraOn: media.camera,
      screenOn: media.screen,
      link: 'connected',
      speaking,
      role,
      standing: 'proven',
      met: 0,
      nameOfAnother: false,
    },
    camera: streamOf(tracks.ownPicture),
    screen: streamOf(screen.video),
  };
}

export function shownPeer(peer: MeshPeer, speaking: boolean, standing: Standing, acquaintance: Acquaintance | undefined): Shown {
  const { id, name, kind, away, media, link, incoming, role } = peer;
  const { microphone, camera, screen } = incoming;
  return {
    participant: {
      id,
      self: false,
      name,
      kind,
      away,
      // Who does not say what is on (a minimal client) is taken by what it sends.
      microphoneOn: media?.microphone ?? microphone !== undefined,
      cameraOn: media?.camera ?? camera !== undefined,
      screenOn: media?.screen ?? screen !== undefined,
      link,
      speaking,
      role,
      standing,
      met: acquaintance?.met ?? 0,
      nameOfAnother: acquaintance?.nameOfAnother ?? false,
    },
    camera: streamOf(camera ?? null),
    screen: streamOf(screen ?? null),
  };
}
