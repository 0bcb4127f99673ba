/**
 * The samples of decoded sound as one channel of floating point numbers. Ours, because in WebKitGTK 2.50
 * `AudioData.copyTo` to another format than the data has never lets go of the data: 8 KiB a packet. To the same format it
 * only works with what `src-tauri/src/webview/linux.rs` says in `environment`.
 */

type Reader = (bytes: ArrayBuffer) => { length: number; [index: number]: number };

const READERS: Record<string, { read: Reader; scale: number; zero: number } | undefined> = {
  u8: { read: (bytes) => new Uint8Array(bytes), scale: 128, zero: 128 },
  s16: { read: (bytes) => new Int16Array(bytes), scale: 32_768, zero: 0 },
  s32: { read: (bytes) => new Int32Array(bytes), scale: 2_147_483_648, zero: 0 },
  f32: { read: (bytes) => new Float32Array(bytes), scale: 1, zero: 0 },
};

/** Its first channel: what comes as two from Opus in mono is the same twice. Does not close the data. */
export function firstChannel(data: AudioData): Float32Array<ArrayBuffer> {
  const samples = new Float32Array(data.numberOfFrames);
  const [kind = '', planar] = (data.format ?? '').split('-');
  const reader = READERS[kind];
  if (reader === undefined) return samples;
  const bytes = new ArrayBuffer(data.allocationSize({ planeIndex: 0 }));
  data.copyTo(bytes, { planeIndex: 0 });
  const values = reader.read(bytes);
  const step = planar === undefined ? data.numberOfChannels : 1;
  for (let index = 0; index < samples.length; index += 1) samples[index] = ((values[index * step] ?? 0) - reader.zero) / reader.scale;
  return samples;
}
