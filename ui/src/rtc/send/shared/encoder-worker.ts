import { keyFrameSize } from '../../native/media/key-frame-size.ts';
import type { RenditionId } from '../plan.ts';
import { CARRIER_SIZE, FanOut, type Outcome, type Payload } from './fan-out.ts';
import { MediaClock } from './media-clock.ts';
import type { CarrierId, Counts, FromWorker, Role, ToWorker } from './messages.ts';

/**
 * The worker of the shared encoder, one for a room: the encoded frames of all senders come by here. What is to become of them
 * is decided in fan-out.ts; here are the streams.
 */

/** webrtc-encoded-transform, as far as it is used here; TypeScript's library for pages has no types for it. */
interface EncodedFrame {
  readonly type: 'key' | 'delta' | 'empty';
  data: ArrayBuffer;
  getMetadata(): Metadata;
}

interface Metadata {
  readonly rtpTimestamp?: number;
  readonly payloadType?: number;
  readonly width?: number;
}

declare const RTCEncodedVideoFrame: new (original: EncodedFrame, options: { metadata: Metadata }) => EncodedFrame;

/** With the frame itself, of which copies are made. */
interface Encoded extends Payload {
  readonly frame: EncodedFrame;
  readonly metadata: Metadata;
}

interface Transformer {
  readonly options: Role;
  readonly readable: ReadableStream<EncodedFrame>;
  readonly writable: WritableStream<EncodedFrame>;
}

interface EncoderWorkerScope {
  postMessage(message: FromWorker): void;
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
  onrtctransform: ((event: { transformer: Transformer }) => void) | null;
}

const scope = self as unknown as EncoderWorkerScope;
const fanOut = new FanOut<EncodedFrame, Encoded>();
const writers = new Map<number, WritableStreamDefaultWriter<EncodedFrame>>();
const carriers = new Map<CarrierId, WritableStreamDefaultWriter<VideoFrame>>();
const encoded: Counts['encoded'] = { large: { frames: 0, keyFrames: 0, bytes: 0 }, small: { frames: 0, keyFrames: 0, bytes: 0 } };
let shade = 0;

scope.onmessage = ({ data }) => {
  switch (data.do) {
    case 'carriers':
      carriers.set(data.id, data.writable.getWriter());
      return;
    case 'add':
      fanOut.add(data.link);
      if (data.streams !== null) run(send(data.link, data.streams.readable as ReadableStream<EncodedFrame>, (data.streams.writable as WritableStream<EncodedFrame>).getWriter()));
      return;
    case 'remove':
      fanOut.remove(data.link);
      writers.delete(data.link);
      return;
    case 'assign':
      fanOut.assign(data.link, data.assignment);
      return;
    case 'restart':
      fanOut.restart();
      return;
    case 'count':
      scope.postMessage({ is: 'counts', id: data.id, counts: { encoded, links: fanOut.counts() } });
      return;
  }
};

scope.onrtctransform = ({ transformer: { options, readable, writable } }) => {
  const writer = writable.getWriter();
  run(options.role === 'encoder' ? encode(options.rendition, readable) : send(options.link, readable, writer));
};

function run(work: Promise<void>): void {
  // The sender is gone, and its streams with it.
  work.catch(() => undefined);
}

/** Nothing of it goes over the link to itself: nobody is there to see it. */
async function encode(rendition: RenditionId, readable: ReadableStream<EncodedFrame>): Promise<void> {
  const clock = new MediaClock();
  for await (const frame of framesOf(readable)) {
    const key = frame.type === 'key';
    const { data } = frame;
    const metadata = frame.getMetadata();
    const now = performance.now();
    const at = clock.microseconds(metadata.rtpTimestamp, now);
    const count = encoded[rendition];
    count.frames += 1;
    count.bytes += data.byteLength;
    if (key) count.keyFrames += 1;
    act(fanOut.payload(rendition, { key, at, payloadType: metadata.payloadType, data, frame, metadata }, now));
    if (fanOut.carries(rendition)) writeCarrier(rendition, at);
    if (fanOut.pulses(rendition, at, now)) writeCarrier('pulse', at);
  }
}

async function send(link: number, readable: ReadableStream<EncodedFrame>, writer: WritableStreamDefaultWriter<EncodedFrame>): Promise<void> {
  writers.set(link, writer);
  for await (const frame of framesOf(readable)) {
    const key = frame.type === 'key';
    const { rtpTimestamp, payloadType, width = 0 } = frame.getMetadata();
    act(fanOut.carrier(link, { carrier: frame, key, width: key ? keyFrameWidth(frame) : width, rtpTimestamp, payloadType }, performance.now()));
  }
}

function keyFrameWidth({ data }: EncodedFrame): number {
  return keyFrameSize(new Uint8Array(data, 0, Math.min(10, data.byteLength))).width;
}

async function* framesOf(readable: ReadableStream<EncodedFrame>): AsyncGenerator<EncodedFrame> {
  const reader = readable.getReader();
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    yield value;
  }
}

function act(outcomes: Outcome<EncodedFrame, Encoded>[]): void {
  for (const outcome of outcomes) {
    switch (outcome.do) {
      case 'write': {
        const writer = writers.get(outcome.link);
        if (writer === undefined) break;
        const { carrier, data } = outcome;
        // One copy a link: a frame takes its bytes away.
        if (data !== null) carrier.data = data.slice(0);
        write(writer, carrier);
        break;
      }
      case 'copy':
        copy(outcome);
        break;
      case 'refused':
        scope.postMessage({ is: 'refused', link: outcome.link });
        break;
      case 'ask':
        scope.postMessage({ is: 'key-frame-wanted', rendition: outcome.rendition });
        break;
      case 'switched':
        scope.postMessage({ is: 'switched', link: outcome.link, rendition: outcome.rendition });
    }
  }
}

function copy({ link, payload: { frame, metadata }, rtpTimestamp }: Extract<Outcome<EncodedFrame, Encoded>, { do: 'copy' }>): void {
  const writer = writers.get(link);
  if (writer === undefined) return;
  try {
    write(writer, new RTCEncodedVideoFrame(frame, { metadata: { ...metadata, rtpTimestamp } }));
  } catch {
    // Another browser's idea of what may be changed.
    scope.postMessage({ is: 'refused', link });
  }
}

function write<T>(writer: WritableStreamDefaultWriter<T>, frame: T): void {
  writer.write(frame).catch(() => {
    // Closed with its sender.
  });
}

/**
 * The shade changes, or an encoder could take the picture for one that stands still, and leave it out. The carrier has the time at
 * which the picture was taken: who receives it shows it by that, and would show by how busy this computer is otherwise.
 */
function writeCarrier(id: CarrierId, timestamp: number): void {
  const writer = carriers.get(id);
  if (writer === undefined) return;
  shade = shade === 100 ? 110 : 100;
  const pixels = new Uint8Array((CARRIER_SIZE * CARRIER_SIZE * 3) / 2).fill(shade);
  write(writer, new VideoFrame(pixels, { format: 'I420', codedWidth: CARRIER_SIZE, codedHeight: CARRIER_SIZE, timestamp }));
}
