import type { Encoding } from '../../protocol/generated/Encoding.ts';
import type { TrackKind } from '../../protocol/generated/TrackKind.ts';

/** The one encoding of a sender, as the engine is told it and as the page sees it (W3C webrtc §5.2). Pure. */

export const UNLIMITED: Encoding = { active: true };

/** Largest whole number that the engine reads. */
const U32 = 0xffff_ffff;

/** @throws RangeError for a factor below 1 or a negative number of frames, as the standard has it */
export function toEncoding(kind: TrackKind, encoding: RTCRtpEncodingParameters): Encoding {
  const { active = true, maxBitrate, scaleResolutionDownBy = 1, maxFramerate } = encoding;
  const rate = maxBitrate === undefined ? {} : { maxBitrate: whole(maxBitrate) };
  // What is about pictures is passed over for sound.
  if (kind === 'audio') return { active, ...rate };
  if (!(scaleResolutionDownBy >= 1)) throw new RangeError('scaleResolutionDownBy is at least 1');
  if (maxFramerate !== undefined && !(maxFramerate >= 0)) throw new RangeError('maxFramerate is not negative');
  return {
    active,
    ...rate,
    ...(scaleResolutionDownBy === 1 ? {} : { scaleResolutionDownBy }),
    ...(maxFramerate === undefined ? {} : { maxFramerate: whole(maxFramerate) }),
  };
}

export function toParameters(kind: TrackKind, encoding: Encoding): RTCRtpEncodingParameters {
  return kind === 'audio' ? { ...encoding } : { scaleResolutionDownBy: 1, ...encoding };
}

export function sameEncoding(one: Encoding, other: Encoding): boolean {
  return (
    one.active === other.active &&
    one.maxBitrate === other.maxBitrate &&
    one.scaleResolutionDownBy === other.scaleResolutionDownBy &&
    one.maxFramerate === other.maxFramerate
  );
}

/** Less than one frame a second is one; only none is none. */
const whole = (value: number): number => Math.min(U32, Math.max(0, Math.ceil(value)));
