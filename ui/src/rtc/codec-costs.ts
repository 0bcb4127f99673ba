import { logFor } from '../shared/log.ts';

/** What this machine encodes without its processor, as the platform says (W3C Media Capabilities, type `webrtc`). */

const ASKED = ['video/AV1', 'video/VP9', 'video/H264', 'video/H265', 'video/VP8'];
/** A camera in the middle of what is sent. */
const PICTURE = { width: 1280, height: 720, bitrate: 1_500_000, framerate: 30 };
const log = logFor('codecs');

let asked: Promise<ReadonlySet<string>> | null = null;

/** MIME types in lower case. Empty where the platform does not say; asked once a page. */
export function efficientCodecs(): Promise<ReadonlySet<string>> {
  asked ??= ask();
  return asked;
}

async function ask(): Promise<ReadonlySet<string>> {
  const capabilities = (navigator as Partial<Navigator>).mediaCapabilities;
  if (capabilities === undefined) return new Set();
  const answers = await Promise.all(
    ASKED.map(async (contentType) => {
      try {
        const { supported, powerEfficient } = await capabilities.encodingInfo({ type: 'webrtc', video: { contentType, ...PICTURE } });
        return supported && powerEfficient ? [contentType.toLowerCase()] : [];
      } catch {
        // This type, or this codec, is not known there.
        return [];
      }
    }),
  );
  const efficient = new Set(answers.flat());
  if (efficient.size > 0) log.info(`the hardware encodes ${[...efficient].join(', ')}`);
  return efficient;
}
