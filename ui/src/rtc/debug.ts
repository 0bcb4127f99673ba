import type { LinkState } from '../room/model.ts';
import type { Mesh } from './mesh.ts';
import type { Counts } from './send/shared/messages.ts';
import type { Rendition, Sent } from './send/plan.ts';
import type { Sending } from './send/sending.ts';
import type { LinkSample, Stats } from './stats.ts';

/** What is sent, and by which encoder: a shared picture says its size as one's own does. */
export type SentDebug = Sent & Partial<Pick<Rendition, 'height' | 'framesPerSecond' | 'bitrate'>>;

export interface EncoderDebug extends Counts {
  /** Of the encoders, as the browser says. */
  stats: Record<string, unknown>[];
  /** Per participant id. */
  ways: Record<string, { way: string; share: number | null }>;
}

/**
 * What a person with a developer console, and a test from outside, may see of the links: states, identities and
 * statistics. Read only; no keys, tokens or descriptions.
 */
export interface MeshDebug {
  clientId(): string;
  /** Per participant id: the state, and an id that changes when the RTCPeerConnection is made anew. */
  links(): Record<string, { state: LinkState; connection: string; sources: Record<string, string> }>;
  /** The newest getStats() of one link, as plain objects; empty without a link. */
  stats(participantId: string): Promise<Record<string, unknown>[]>;
  /** The shared encoder; null where each link has its own. */
  encoder(): Promise<EncoderDebug | null>;
  /** The readings of the last two minutes, oldest first. */
  samples(participantId: string): readonly LinkSample[];
  /** What a participant is sent of our camera and screen now. */
  sent(participantId: string): { camera: SentDebug | null; screen: SentDebug | null };
}

export function meshDebug(mesh: Mesh, stats: Stats, sending: Sending): MeshDebug {
  return {
    clientId: () => mesh.clientId,
    links: () =>
      Object.fromEntries(
        [...mesh.links()].map(([id, link]) => [
          id,
          { state: link.state, connection: link.connectionId, sources: Object.fromEntries(link.sources()) },
        ]),
      ),
    stats: async (id) => {
      const report = await mesh.links().get(id)?.getStats();
      return report === undefined ? [] : [...report.values()].map((entry) => ({ ...(entry as object) }));
    },
    encoder: async () => {
      const counts = await mesh.shared?.counts();
      if (counts == null) return null;
      const report = await mesh.shared?.getStats();
      const stats = report == null ? [] : [...report.values()].map((entry) => ({ ...(entry as object) }));
      const ways = [...mesh.links()].map(([id, { camera }]) => [id, { way: camera?.way ?? 'nothing', share: camera?.share ?? null }] as const);
      return { ...counts, stats, ways: Object.fromEntries(ways) };
    },
    samples: (id) => stats.of(id),
    sent: (id) => {
      const { camera, screen, renditions } = sending.plan;
      const whole = (sent: Sent | undefined): SentDebug | null => {
        if (sent?.is !== 'shared') return sent ?? null;
        const { height, framesPerSecond, bitrate } = renditions.find((rendition) => rendition.id === sent.rendition) ?? {};
        return { ...sent, ...(height !== undefined && { height, framesPerSecond, bitrate }) } as SentDebug;
      };
      return { camera: whole(camera.get(id)), screen: whole(screen.get(id)) };
    },
  };
}
