import type { Check } from '../protocol/check.ts';
import { object, oneOf, parse, text, u32 } from '../protocol/check.ts';
import type { ChannelClosed } from '../protocol/generated/ChannelClosed.ts';
import { MESSAGE_BYTES, SHORT_TEXT_CHARS } from '../protocol/limits.ts';
import type { SetTimer } from '../shared/timer.ts';
import { BackendError } from './backend.ts';
import { FrameInbox } from './frame-inbox.ts';
import { LineSplitter } from './lines.ts';
import { reasonOf } from './socket-channel.ts';

/**
 * A room's connection without a WebSocket, for browsers that refuse one to a host with its own certificate (iOS).
 * `POST /api/stream` answers with lines for as long as the connection lives: its key, then the room's frames, at the end a
 * close code. `POST /api/stream/send` with the key in a header carries frames to the room, one a line.
 *
 * Batches follow each other one at a time, so that frames stay in order; only a page that is going away does not wait.
 */

/** Carries the key of the stream. Secret. */
export const STREAM_HEADER = 'x-landline-stream';

/** UTF-16 units of one batch, at most three bytes each: a `keepalive` request may carry 64 KiB (Fetch standard). */
const BATCH_CHARS = 16 * 1024;
/** UTF-16 units waiting to be sent; a host that does not take them is of no use. */
const WAITING_CHARS = 8 * 1024 * 1024;
/** Time until the stream names itself. */
const OPEN_MS = 5_000;

const first: Check<{ action: 'stream'; key: string }> = object({
  action: oneOf('stream'),
  key: text(SHORT_TEXT_CHARS),
});
const last: Check<{ action: 'closed'; code: number }> = object({ action: oneOf('closed'), code: u32 });

export interface StreamOptions {
  fetch: typeof fetch;
  /** Where the page comes from. */
  origin: string;
  setTimer: SetTimer;
  /** `window`, for `pagehide`. */
  page: Pick<EventTarget, 'addEventListener' | 'removeEventListener'>;
}

/** Opens a stream. @throws BackendError `unreachable`, `meeting-not-found` or `not-landline` */
export async function openStreamChannel(options: StreamOptions): Promise<StreamChannel> {
  const abort = new AbortController();
  const stopTimer = options.setTimer(() => {
    abort.abort();
  }, OPEN_MS);
  try {
    const response = await options.fetch(`${options.origin}/api/stream`, {
      method: 'POST',
      cache: 'no-store',
      credentials: 'omit',
      signal: abort.signal,
    });
    if (response.status === 404) throw new BackendError('meeting-not-found', 'no meeting here');
    if (!response.ok || response.body === null) throw new BackendError('unreachable', `status ${response.status}`);
    const lines = linesOf(response.body);
    const head = await lines.next();
    const key = head.done === true ? undefined : first(parse(head.value))?.key;
    if (key === undefined) throw new BackendError('not-landline', 'the stream does not name itself');
    return new StreamChannel(options, key, lines, abort);
  } catch (error) {
    abort.abort();
    throw error instanceof BackendError ? error : new BackendError('unreachable', 'the stream did not open');
  } finally {
    stopTimer();
  }
}

/** The lines of a body, as they come. @throws Error if one is too long or the network breaks */
async function* linesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string, void> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  const splitter = new LineSplitter(MESSAGE_BYTES);
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const lines = splitter.push(decoder.decode(value, { stream: true }));
    if (lines === null) throw new Error('a line is too long');
    yield* lines;
  }
}

export class StreamChannel extends FrameInbox {
  readonly #options: StreamOptions;
  readonly #key: string;
  readonly #abort: AbortController;
  #waiting: string[] = [];
  #waitingChars = 0;
  #sending = 0;
  /** The page is going away: nothing waits for an answer any more. */
  #hurry = false;

  readonly #onhide = (): void => {
    this.#hurry = true;
    this.#pump();
  };
  readonly #onshow = (): void => {
    this.#hurry = false;
  };

  constructor(options: StreamOptions, key: string, lines: AsyncGenerator<string, void>, abort: AbortController) {
    super();
    this.#options = options;
    this.#key = key;
    this.#abort = abort;
    options.page.addEventListener('pagehide', this.#onhide);
    options.page.addEventListener('pageshow', this.#onshow);
    void this.#read(lines);
  }

  send(frame: string): void {
    if (this.isClosed) return;
    this.#waiting.push(frame);
    this.#waitingChars += frame.length;
    if (this.#waitingChars > WAITING_CHARS) {
      this.#over('lost');
    } else if (this.#hurry) {
      this.#pump();
    } else {
      // In a microtask, so that what is sent in one go travels in one batch.
      queueMicrotask(() => {
        this.#pump();
      });
    }
  }

  close(): void {
    if (this.isClosed) return;
    this.end('closed');
    // The key is good only as long as the stream, so the stream waits for what was said before: a `leave`, perhaps.
    this.#hurry = true;
    this.#pump();
    this.#stopIfDone();
  }

  async #read(lines: AsyncGenerator<string, void>): Promise<void> {
    try {
      for await (const line of lines) {
        const closed = line.startsWith('{"action":"closed"') ? last(parse(line)) : undefined;
        if (closed === undefined) this.take(line);
        else this.#over(reasonOf(closed.code));
      }
    } catch {
      // The network broke, or this page ended the request.
    }
    this.#over('lost');
  }

  #pump(): void {
    while (this.#waiting.length > 0 && (this.#hurry || this.#sending === 0)) this.#post(this.#nextBatch());
  }

  #nextBatch(): string {
    let batch = '';
    for (let [next] = this.#waiting; next !== undefined; [next] = this.#waiting) {
      if (batch !== '' && batch.length + next.length >= BATCH_CHARS) break;
      batch += `${next}\n`;
      this.#waiting.shift();
      this.#waitingChars -= next.length;
    }
    return batch;
  }

  #post(batch: string): void {
    this.#sending += 1;
    const sent = this.#options.fetch(`${this.#options.origin}/api/stream/send`, {
      method: 'POST',
      body: batch,
      headers: { [STREAM_HEADER]: this.#key, 'content-type': 'application/x-ndjson' },
      cache: 'no-store',
      credentials: 'omit',
      // One frame can be larger than such a request may be, and would be refused; it does not outlive the page.
      keepalive: batch.length <= BATCH_CHARS,
    });
    sent
      .then((response) => response.ok)
      .catch(() => false)
      .then((arrived) => {
        this.#sending -= 1;
        if (this.isClosed) this.#stopIfDone();
        else if (arrived) this.#pump();
        // Frames that did not arrive leave a gap, which only a new connection mends.
        else this.#over('lost');
      })
      .catch(() => undefined);
  }

  #over(reason: ChannelClosed): void {
    if (this.isClosed) return;
    this.#waiting = [];
    this.end(reason);
    this.#stop();
  }

  #stopIfDone(): void {
    if (this.#sending === 0 && this.#waiting.length === 0) this.#stop();
  }

  #stop(): void {
    this.#options.page.removeEventListener('pagehide', this.#onhide);
    this.#options.page.removeEventListener('pageshow', this.#onshow);
    this.#abort.abort();
  }
}
