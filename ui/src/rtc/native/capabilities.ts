import type { TrackKind } from '../../protocol/generated/TrackKind.ts';

/** What the engine sends and receives, both ways the same. */

const CODECS: Record<TrackKind, readonly RTCRtpCodec[]> = {
  audio: [{ mimeType: 'audio/opus', clockRate: 48_000, channels: 2, sdpFmtpLine: 'minptime=10;useinbandfec=1' }],
  video: [
    { mimeType: 'video/VP8', clockRate: 90_000 },
    { mimeType: 'video/rtx', clockRate: 90_000 },
  ],
};

/** Null for what is neither sound nor picture. */
export function capabilities(kind: string): RTCRtpCapabilities | null {
  if (kind !== 'audio' && kind !== 'video') return null;
  return { codecs: CODECS[kind].map((codec) => ({ ...codec })), headerExtensions: [] };
}

/** What setCodecPreferences accepts: any of the codecs, and at least one that carries media. None restores the default. */
export function checkPreferences(kind: TrackKind, codecs: readonly RTCRtpCodec[]): void {
  if (codecs.length === 0) return;
  const known = codecs.every(({ mimeType, clockRate }) =>
    CODECS[kind].some((codec) => codec.mimeType.toLowerCase() === mimeType.toLowerCase() && codec.clockRate === clockRate),
  );
  if (!known) throw new DOMException('a codec that is not among the capabilities', 'InvalidModificationError');
  if (codecs.every(({ mimeType }) => mimeType.toLowerCase() === 'video/rtx')) {
    throw new DOMException('no codec that carries media', 'InvalidModificationError');
  }
}
