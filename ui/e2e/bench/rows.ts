import type { Figures } from './figures.ts';
import type { Row } from './table.ts';

/** What of a meeting is shown to people. JSON has all. */
export const MESH_ROWS: readonly Row<Figures>[] = [
  { name: 'pictures a second, worst tile', field: 'fpsLeast', digits: 1, ratio: true },
  { name: 'pictures a second, middle tile', field: 'fpsMedian', digits: 1, ratio: true },
  { name: 'pictures a second, worst of those shown', field: 'fpsLeastShown', digits: 1, ratio: true },
  { name: 'tiles that show pictures, of all', field: 'shown', digits: 2 },
  { name: 'links that carry, of all', field: 'linked', digits: 2 },
  { name: 'freezes', field: 'freezes', digits: 0 },
  { name: 'times without picture over 500 ms', field: 'stops', digits: 0 },
  { name: 'longest time without picture, ms', field: 'longestGap', digits: 0 },
  { name: 'smallest picture, width', field: 'leastWidth', digits: 0 },
  { name: 'smallest picture, height', field: 'leastHeight', digits: 0 },
  { name: 'largest picture at the end, height', field: 'mostHeight', digits: 0 },
  { name: 'pictures a second of the largest', field: 'fpsLargest', digits: 1 },
  { name: 'cores, all programs', field: 'cores', digits: 2, ratio: true },
  { name: 'processor time a shown picture, ms', field: 'cpuPerFrame', digits: 2, ratio: true },
  { name: '  renderers (encode, decode), cores', field: 'coresRenderer', digits: 2, ratio: true },
  { name: '  drawing, cores', field: 'coresGpu', digits: 2, ratio: true },
  { name: '  network, sound, camera, cores', field: 'coresUtility', digits: 2, ratio: true },
  { name: '  browsers, cores', field: 'coresBrowser', digits: 2, ratio: true },
  { name: '  server, cores', field: 'coresServer', digits: 2 },
  { name: 'others on this machine, cores', field: 'coresOthers', digits: 2 },
  { name: 'encoded frames a second', field: 'encodedFrames', digits: 0, ratio: true },
  { name: 'encoded megapixels a second', field: 'encodedMegapixels', digits: 1, ratio: true },
  { name: 'encoding a frame, ms', field: 'encodePerFrame', digits: 2, ratio: true },
  { name: 'encoding a second, ms', field: 'encodePerSecond', digits: 0, ratio: true },
  { name: 'encoded streams a page', field: 'encoders', digits: 1 },
  { name: 'decoding a frame, ms', field: 'decodePerFrame', digits: 2, ratio: true },
  { name: 'key frames', field: 'keyFrames', digits: 0 },
  { name: 'video uplink a page, kbit/s', field: 'uplinkVideo', digits: 0, ratio: true },
  { name: 'sound uplink a page, kbit/s', field: 'uplinkAudio', digits: 0, ratio: true },
  { name: 'made-up sound, %', field: 'concealed', digits: 2 },
];

/** What of encoding for one and for many. Four columns have no one quotient. */
export const ENCODER_ROWS: readonly Row<Figures>[] = MESH_ROWS.filter(
  ({ field }) => /^(encode|uplink|cores$|coresRenderer|coresOthers|keyFrames)/.test(field),
).map(({ name, field, digits }) => ({ name, field, digits }));
