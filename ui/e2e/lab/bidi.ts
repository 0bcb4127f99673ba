import WebSocket from 'ws';

/**
 * The part of W3C WebDriver BiDi (https://www.w3.org/TR/webdriver-bidi/) that the lab needs, over a Unix socket: the browser
 * runs in a network namespace, where its TCP port cannot be reached from here.
 */

/** A busy machine starts a browser, or draws in software, in this time. */
const ANSWER_MS = 30_000;

type Answer =
  | { type: 'success'; id: number; result: Record<string, unknown> }
  | { type: 'error'; id: number | null; error: string; message: string }
  | { type: 'event'; method: string; params: Record<string, unknown> };

interface Waiting {
  resolve: (result: Record<string, unknown>) => void;
  reject: (error: Error) => void;
  timer: NodeJS.Timeout;
}

export class BiDi {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, Waiting>();
  #last = 0;
  /** Told each event that was subscribed to. */
  onevent: (method: string, params: Record<string, unknown>) => void = () => undefined;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data: Buffer) => {
      this.#take(JSON.parse(data.toString('utf8')) as Answer);
    });
    socket.on('close', () => {
      for (const id of [...this.#waiting.keys()]) this.#settle(id)?.reject(new Error('the browser is gone'));
    });
  }

  /** Connects to the remote agent behind a socket; rejects if nobody listens there yet. */
  static connect(path: string, port: number): Promise<BiDi> {
    return new Promise((resolve, reject) => {
      // Firefox takes only connections that name its own port.
      const headers = { host: `127.0.0.1:${port}` };
      const socket = new WebSocket(`ws+unix:${path}:/session`, { perMessageDeflate: false, headers });
      socket.once('open', () => {
        resolve(new BiDi(socket));
      });
      socket.on('error', reject);
    });
  }

  send(method: string, params: object): Promise<Record<string, unknown>> {
    this.#last += 1;
    const id = this.#last;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#settle(id)?.reject(new Error(`no answer to ${method}`)), ANSWER_MS);
      this.#waiting.set(id, { resolve, reject, timer });
      this.#socket.send(JSON.stringify({ id, method, params }));
    });
  }

  close(): void {
    this.#socket.terminate();
  }

  #take(answer: Answer): void {
    if (answer.type === 'event') {
      this.onevent(answer.method, answer.params);
      return;
    }
    const waiting = answer.id === null ? undefined : this.#settle(answer.id);
    if (answer.type === 'success') waiting?.resolve(answer.result);
    else waiting?.reject(new Error(`${answer.error}: ${answer.message}`));
  }

  #settle(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    clearTimeout(waiting?.timer);
    return waiting;
  }
}
