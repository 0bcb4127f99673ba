import { request } from 'node:http';

import type { PageDriver } from '../lab/page-driver.ts';

/**
 * The part of W3C WebDriver that the window test needs, over a Unix socket: the driver runs in a network namespace, where its
 * TCP port cannot be reached from here.
 */

/** https://www.w3.org/TR/webdriver2/#dfn-web-element-identifier */
const ELEMENT = 'element-6066-11e4-a52e-4f735466cecf';
/** The app starts, and WebKit with it; drawing is done in software. */
const ANSWER_MS = 30_000;

/** An error answer of the driver; `code` as in the standard, for example `no such element`. */
export class WebDriverError extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(`${code}: ${message}`);
    this.name = 'WebDriverError';
  }
}

export class WebDriver implements PageDriver {
  readonly #socket: string;
  readonly #session: string;

  private constructor(socket: string, session: string) {
    this.#socket = socket;
    this.#session = session;
  }

  /** Whether a driver listens behind the socket. */
  static async ready(socket: string): Promise<boolean> {
    try {
      await call(socket, 'GET', '/status');
      return true;
    } catch {
      return false;
    }
  }

  /** Starts the program and takes hold of its window. */
  static async open(socket: string, binary: string): Promise<WebDriver> {
    const value = (await call(socket, 'POST', '/session', {
      capabilities: { alwaysMatch: { 'webkitgtk:browserOptions': { binary, args: [] } } },
    })) as { sessionId: string };
    return new WebDriver(socket, value.sessionId);
  }

  /** Ends the session; a program that still runs is killed. */
  async close(): Promise<void> {
    await call(this.#socket, 'DELETE', `/session/${this.#session}`);
  }

  url(): Promise<string> {
    return this.#send('GET', 'url') as Promise<string>;
  }

  refresh(): Promise<unknown> {
    return this.#send('POST', 'refresh', {});
  }

  /** Runs a function body in the page. */
  run<T>(script: string, ...args: unknown[]): Promise<T> {
    return this.#send('POST', 'execute/sync', { script, args }) as Promise<T>;
  }

  /** Like {@link run}; the body may await. */
  async runAsync<T>(script: string, ...args: unknown[]): Promise<T> {
    const body = `const done = arguments[arguments.length - 1];
      (async (...args) => { ${script} })(...Array.from(arguments).slice(0, -1)).then((value) => done({ value }), (error) => done({ error: String(error) }));`;
    const outcome = (await this.#send('POST', 'execute/async', { script: body, args })) as { value?: T; error?: string };
    if (outcome.error !== undefined) throw new Error(outcome.error);
    return outcome.value as T;
  }

  /** As {@link PageDriver} says. */
  evaluate<R, A>(script: (argument: A) => R | Promise<R>, argument?: A): Promise<R> {
    return this.runAsync<R>(`return (${script.toString()})(args[0]);`, argument);
  }

  async fill(css: string, text: string): Promise<void> {
    await this.clear(css);
    await this.type(css, text);
  }

  /** The shown texts of all elements that match. */
  async texts(css: string): Promise<string[]> {
    return this.run<string[]>('return Array.from(document.querySelectorAll(arguments[0]), (e) => e.innerText);', css);
  }

  async click(css: string): Promise<void> {
    await this.#send('POST', `element/${await this.#find(css)}/click`, {});
  }

  /** Types into a field, after what stands in it. */
  async type(css: string, text: string): Promise<void> {
    await this.#send('POST', `element/${await this.#find(css)}/value`, { text });
  }

  async clear(css: string): Promise<void> {
    await this.#send('POST', `element/${await this.#find(css)}/clear`, {});
  }

  /** Chooses an option of a list by its value, as a person does. */
  async choose(css: string, value: string): Promise<void> {
    await this.run(
      `const list = document.querySelector(arguments[0]);
       list.value = arguments[1];
       list.dispatchEvent(new Event('change', { bubbles: true }));`,
      css,
      value,
    );
  }

  async attribute(css: string, name: string): Promise<string | null> {
    return (await this.#send('GET', `element/${await this.#find(css)}/attribute/${name}`)) as string | null;
  }

  async resize(width: number, height: number): Promise<void> {
    await this.#send('POST', 'window/rect', { width, height });
  }

  async #find(css: string): Promise<string> {
    const element = (await this.#send('POST', 'element', { using: 'css selector', value: css })) as Record<string, string>;
    const id = element[ELEMENT];
    if (id === undefined) throw new Error('the driver answered without an element');
    return id;
  }

  #send(method: 'GET' | 'POST', path: string, body?: object): Promise<unknown> {
    return call(this.#socket, method, `/session/${this.#session}/${path}`, body);
  }
}

function call(socketPath: string, method: string, path: string, body?: object): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const text = body === undefined ? '' : JSON.stringify(body);
    const headers = { 'content-type': 'application/json; charset=utf-8', 'content-length': Buffer.byteLength(text), host: 'localhost' };
    const sent = request({ socketPath, method, path, headers, timeout: ANSWER_MS }, (response) => {
      let answer = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => (answer += part));
      response.on('error', reject);
      response.on('end', () => {
        try {
          const { value } = JSON.parse(answer) as { value: unknown };
          if (response.statusCode === 200) resolve(value);
          else {
            const { error, message } = value as { error: string; message: string };
            reject(new WebDriverError(error, message));
          }
        } catch (error) {
          reject(new Error(`the driver answered ${String(response.statusCode)} with ${answer.slice(0, 200)}`, { cause: error }));
        }
      });
    });
    sent.on('timeout', () => sent.destroy(new Error(`no answer to ${method} ${path}`)));
    sent.on('error', reject);
    sent.end(text);
  });
}
