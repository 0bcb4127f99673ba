import { expect, measured, needsNamespaces, test, until } from '../lab/lab.ts';
import type { PageDriver } from '../lab/page-driver.ts';
import { openLabWindow } from './lab-window.ts';

// Guards: what the window's page may send at most is what goes out: the window's own camera and encoder, and our engine, to a
// connection of the same page.

const CAPTURE = { width: 640, height: 480, framesPerSecond: 30 } as const;
const CHANGED_MS = 10_000;
const STILL_MS = 3_000;
/** What is on its way when nothing more is to be sent. */
const STOPPED_MS = 1_000;

declare global {
  interface Window {
    labLoop?: { from: RTCPeerConnection; to: RTCPeerConnection; sender: RTCRtpSender };
  }
}

interface Seen {
  /** Of the last picture that was decoded. */
  height: number;
  decoded: number;
  /** Payload of pictures. */
  bytesSent: number;
  sentHeight: number;
  encoded: number;
  /** Seconds. */
  encodeTime: number;
}

needsNamespaces();

/** The camera goes from one connection of the page to another. */
async function begin({ width, height, framesPerSecond }: typeof CAPTURE): Promise<void> {
  const stream = await navigator.mediaDevices.getUserMedia({ video: { width, height, frameRate: framesPerSecond } });
  const [from, to] = [new RTCPeerConnection(), new RTCPeerConnection()];
  for (const [one, other] of [
    [from, to],
    [to, from],
  ] as const) {
    one.onicecandidate = ({ candidate }) => {
      other.addIceCandidate(candidate ?? undefined).catch(() => undefined);
    };
  }
  const [track] = stream.getVideoTracks();
  if (!track) throw new Error('there is no camera');
  window.labLoop = { from, to, sender: from.addTrack(track, stream) };
  await from.setLocalDescription();
  if (from.localDescription) await to.setRemoteDescription(from.localDescription);
  await to.setLocalDescription();
  if (to.localDescription) await from.setRemoteDescription(to.localDescription);
}

async function read(): Promise<Seen> {
  const seen = { height: 0, decoded: 0, bytesSent: 0, sentHeight: 0, encoded: 0, encodeTime: 0 };
  type Counters = Partial<Record<'frameHeight' | 'framesDecoded' | 'bytesSent' | 'framesEncoded' | 'totalEncodeTime', number>> & { type: string };
  const all = async (peer?: RTCPeerConnection): Promise<Counters[]> => [...((await peer?.getStats())?.values() ?? [])] as Counters[];
  for (const entry of await all(window.labLoop?.to)) {
    if (entry.type === 'inbound-rtp') Object.assign(seen, { height: entry.frameHeight ?? 0, decoded: entry.framesDecoded ?? 0 });
  }
  for (const entry of await all(window.labLoop?.from)) {
    if (entry.type !== 'outbound-rtp') continue;
    const { bytesSent = 0, frameHeight = 0, framesEncoded = 0, totalEncodeTime = 0 } = entry;
    Object.assign(seen, { bytesSent, sentHeight: frameHeight, encoded: framesEncoded, encodeTime: totalEncodeTime });
  }
  return seen;
}

async function set(page: PageDriver, encoding: RTCRtpEncodingParameters): Promise<void> {
  await page.evaluate(async (wanted) => {
    const sender = window.labLoop?.sender;
    const parameters = sender?.getParameters();
    if (sender && parameters) await sender.setParameters({ ...parameters, encodings: [wanted] });
  }, encoding);
}

test('the window sends its camera as large as it may, and not a byte of it while it may not', async ({ lab }) => {
  const { room } = await openLabWindow(lab, 'Wilma', lab.machine('wilma'), { capture: CAPTURE });
  const { page } = room;
  await page.evaluate(begin, CAPTURE);
  const seen = (): Promise<Seen> => page.evaluate(read);
  await until('the whole picture', seen, ({ height, decoded }) => height === 480 && decoded > 30, CHANGED_MS);

  for (const [scaleResolutionDownBy, height] of [
    [2, 240],
    [480 / 180, 180],
    [4 / 3, 360],
    [4, 120],
  ] as const) {
    await set(page, { scaleResolutionDownBy });
    const changed = await until(`a height of ${String(height)}`, seen, (now) => now.height === height && now.sentHeight === height, CHANGED_MS);
    await until('it moves', seen, ({ decoded }) => decoded > changed.decoded + 15, CHANGED_MS);
  }
  const { encoded, encodeTime } = await seen();
  measured(`${((encodeTime / encoded) * 1_000).toFixed(1)} ms in the encoder for a picture`);
  expect(encodeTime).toBeGreaterThan(0);

  await set(page, { active: false });
  await new Promise((resolve) => setTimeout(resolve, STOPPED_MS));
  const stopped = await seen();
  await new Promise((resolve) => setTimeout(resolve, STILL_MS));
  const still = await seen();
  expect(still.bytesSent, 'bytes').toBe(stopped.bytesSent);
  expect(still.encoded, 'pictures that were encoded').toBe(stopped.encoded);

  await set(page, {});
  await until('it goes on in full', seen, ({ height, decoded }) => height === 480 && decoded > still.decoded + 15, CHANGED_MS);
});
