import { keyFrameSize } from '../../native/media/key-frame-size.ts';
import type { RenditionId } from '../plan.ts';
import { CARRIER_SIZE, FanOut, type Outcome } from './fan-out.ts';
import { MediaClock } from './media-clock.ts';
import type { Counts, FromWorker, Role, ToWorker } from './messages.ts';

/**
 * The worker of the shared encoder, one for a room: the encoded frames of all senders come by here. What is to become of them
 * is decided in fan-out.ts; here are the streams.
 */

/** webrtc-encoded-transform, as far as it is used here; TypeScript's library for pages has no types for it. */
interface EncodedFrame {
  readonly type: 'key' | 'delta' | 'empty';
  data: ArrayBuffer;
  getMetadata(): { rtpTimestamp?: number };
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
const fanOut = new FanOut<EncodedFrame>();
const writers = new Map<number, WritableStreamDefaultWriter<EncodedFrame>>();
const carriers = new Map<RenditionId, WritableStreamDefaultWriter<VideoFrame>>();
const encoded: Counts['encoded'] = { large: { frames: 0, keyFrames: 0, bytes: 0 }, small: { frames: 0, keyFrames: 0, bytes: 0 } };
let shade = 0;

scope.onmessage = ({ data }) => {
  switch (data.do) {
    case 'carriers':
      carriers.set(data.rendition, data.writable.getWriter());
      return;
    case 'add':
      fanOut.add(data.link);
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
  const done = options.role === 'encoder' ? encode(options.rendition, readable) : send(options.link, readable, writer);
  // The sender is gone, and its streams with it.
  done.catch(() => undefined);
};

/** Nothing of it goes over the link to itself: nobody is there to see it. */
async function encode(rendition: RenditionId, readable: ReadableStream<EncodedFrame>): Promise<void> {
  const clock = new MediaClock();
  for await (const frame of framesOf(readable)) {
    const key = frame.type === 'key';
    const { data } = frame;
    const timestamp = clock.microseconds(frame.getMetadata().rtpTimestamp, performance.now());
    const count = encoded[rendition];
    count.frames += 1;
    count.bytes += data.byteLength;
    if (key) count.keyFrames += 1;
    const payload = { key, data: data.slice(0) };
    act(fanOut.payload(rendition, payload, performance.now()));
    if (fanOut.carries(rendition)) writeCarrier(rendition, timestamp);
  }
}

async function send(link: number, readable: ReadableStream<EncodedFrame>, writer: WritableStreamDefaultWriter<EncodedFrame>): Promise<void> {
  writers.set(link, writer);
  for await (const frame of framesOf(readable)) {
    const key = frame.type === 'key';
    const width = key ? keyFrameSize(new Uint8Array(frame.data, 0, Math.min(10, frame.data.byteLength))).width : 0;
    act(fanOut.carrier(link, { carrier: frame, key, width }, performance.now()));
  }
}

async function* framesOf(readable: ReadableStream<EncodedFrame>): AsyncGenerator<EncodedFrame> {
  const reader = readable.getReader();
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    yield value;
  }
}

function act(outcomes: Outcome<EncodedFrame>[]): void {
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
      case 'ask':
        scope.postMessage({ is: 'key-frame-wanted', rendition: outcome.rendition });
        break;
      case 'switched':
        scope.postMessage({ is: 'switched', link: outcome.link, rendition: outcome.rendition });
    }
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
function writeCarrier(rendition: RenditionId, timestamp: number): void {
  const writer = carriers.get(rendition);
  if (writer === undefined) return;
  shade = shade === 100 ? 110 : 100;
  const pixels = new Uint8Array((CARRIER_SIZE * CARRIER_SIZE * 3) / 2).fill(shade);
  write(writer, new VideoFrame(pixels, { format: 'I420', codedWidth: CARRIER_SIZE, codedHeight: CARRIER_SIZE, timestamp }));
}
