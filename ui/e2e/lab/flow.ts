import { shown, type Traffic } from './links.ts';
import type { RoomPage } from './room-page.ts';
import { until } from './until.ts';

/** Measures what arrives from one person at another, against what was sent: both ends are asked. */

export interface Member<R extends Measurable = RoomPage> {
  id: string;
  room: R;
}

/** A page in a room, as a RoomPage or a RoomDriver sees it. */
export interface Measurable {
  traffic(participantId: string, source?: 'camera' | 'screen'): Promise<Traffic | null>;
  /** How many connections it has made so far, also closed ones. */
  linksMade(): Promise<number>;
}

export interface Flow {
  /** What the sender sent in a window as long as the receiver's. */
  sent: number;
  /** What the receiver decoded in the window. */
  decoded: number;
  lost: number;
  /** Growth of the sound's energy. */
  energy: number;
  /** Sound samples that the receiver played, and how many of them it made up. */
  samples: number;
  concealed: number;
  /** Length of the window by the receiver's clock. */
  seconds: number;
  /** What names the link and its streams; the same before and after if nothing was rebuilt. */
  identity: string;
}

interface Reading {
  sentAt: number;
  decodedAt: number;
  sent: number;
  decoded: number;
  lost: number;
  energy: number;
  samples: number;
  concealed: number;
  identity: string;
}

/** Both ends of the way from one member to another, read at the same moment as nearly as two browsers can be. */
async function read(from: Member<Measurable>, to: Member<Measurable>, source: 'camera' | 'screen'): Promise<Reading | null> {
  const [out, into, outMade, intoMade] = await Promise.all([
    from.room.traffic(to.id),
    to.room.traffic(from.id, source),
    from.room.linksMade(),
    to.room.linksMade(),
  ]);
  const video = shown(into, 'video');
  if (!out || !into || !video) return null;
  const sentVideo = out.outbound.find((stream) => stream.kind === 'video' && stream.mid === video.mid);
  if (!sentVideo) return null;
  const sounds = into.inbound.filter((stream) => stream.kind === 'audio');
  return {
    sentAt: out.at,
    decodedAt: into.at,
    sent: sentVideo.framesSent,
    decoded: video.framesDecoded,
    lost: into.inbound.reduce((sum, stream) => sum + stream.packetsLost, 0),
    energy: sounds.reduce((sum, stream) => sum + stream.energy, 0),
    samples: sounds.reduce((sum, stream) => sum + stream.samples, 0),
    concealed: sounds.reduce((sum, stream) => sum + stream.concealed, 0),
    identity: `links ${String(out.link)} of ${String(outMade)} and ${String(into.link)} of ${String(intoMade)}, ssrc ${String(video.ssrc)}`,
  };
}

/** Starts a window; the returned function ends it and says what happened in it. */
export async function openWindow(from: Member<Measurable>, to: Member<Measurable>, source: 'camera' | 'screen' = 'camera'): Promise<() => Promise<Flow>> {
  const before = await readable(from, to, source);
  return async () => {
    const after = await readable(from, to, source);
    // Two busy browsers never answer at the same moment, so each end is measured by its own clock.
    const stretch = (after.decodedAt - before.decodedAt) / (after.sentAt - before.sentAt);
    return {
      sent: Math.round((after.sent - before.sent) * stretch),
      decoded: after.decoded - before.decoded,
      lost: after.lost - before.lost,
      energy: after.energy - before.energy,
      samples: after.samples - before.samples,
      concealed: after.concealed - before.concealed,
      seconds: (after.decodedAt - before.decodedAt) / 1_000,
      identity: before.identity === after.identity ? after.identity : `${before.identity} became ${after.identity}`,
    };
  };
}

async function readable(from: Member<Measurable>, to: Member<Measurable>, source: 'camera' | 'screen'): Promise<Reading> {
  const reading = await until('a picture on both ends', () => read(from, to, source), (value) => value !== null, 15_000);
  if (!reading) throw new Error('unreachable: until() waited for it');
  return reading;
}

/** Every ordered pair of members. */
export function pairs<T>(members: readonly T[]): [T, T][] {
  return members.flatMap((from) => members.filter((to) => to !== from).map((to): [T, T] => [from, to]));
}
