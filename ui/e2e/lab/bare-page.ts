import type { Browser, CDPSession } from '@playwright/test';

import { watchLinks, type Capture } from './links.ts';
import type { PageDriver } from './page-driver.ts';
import { until } from './until.ts';

declare global {
  interface Window {
    /** The last click went where it was meant to. */
    labHit?: boolean;
  }
}

/** A busy machine draws slowly. */
const STILL_MS = 10_000;

/**
 * A page that Playwright does not manage. Those that it does believe that somebody looks at them, whatever happens to their
 * window; this one knows better. Needs a browser of its own: its windows are the browser's.
 */
export class BarePage implements PageDriver {
  readonly #session: CDPSession;
  readonly #sessionId: string;
  readonly #targetId: string;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #count = 0;

  private constructor(session: CDPSession, sessionId: string, targetId: string) {
    this.#session = session;
    this.#sessionId = sessionId;
    this.#targetId = targetId;
    session.on('Target.receivedMessageFromTarget', ({ message }: { message: string }) => {
      const answer = JSON.parse(message) as Answer;
      if (answer.id === undefined) return;
      this.#waiting.get(answer.id)?.(answer);
      this.#waiting.delete(answer.id);
    });
  }

  static async open(browser: Browser, url: string, capture: Capture): Promise<BarePage> {
    const session = await browser.newBrowserCDPSession();
    const { targetId } = await session.send('Target.createTarget', { url: 'about:blank', newWindow: true });
    const { sessionId } = await session.send('Target.attachToTarget', { targetId, flatten: false });
    const page = new BarePage(session, sessionId, targetId);
    await page.#send('Page.enable');
    // The host's certificate is its own; a person passes the browser's warning.
    await page.#send('Security.setIgnoreCertificateErrors', { ignore: true });
    await page.#send('Page.addScriptToEvaluateOnNewDocument', { source: `(${watchLinks.toString()})(${JSON.stringify(capture)})` });
    await page.#send('Page.navigate', { url });
    return page;
  }

  async evaluate<R, A = undefined>(script: (argument: A) => R | Promise<R>, argument?: A): Promise<R> {
    const answer = await this.#send('Runtime.evaluate', {
      expression: `(${script.toString()})(${JSON.stringify(argument)})`,
      awaitPromise: true,
      returnByValue: true,
      userGesture: true,
    });
    if (answer.exceptionDetails !== undefined) throw new Error(JSON.stringify(answer.exceptionDetails));
    return answer.result?.value as R;
  }

  async click(css: string): Promise<void> {
    const middle = (): Promise<{ x: number; y: number } | null> =>
      this.evaluate(async (selector) => {
        const find = (): { x: number; y: number } | null => {
          const found = document.querySelector(selector);
          if (found === null || found.matches(':disabled')) return null;
          const box = found.getBoundingClientRect();
          const point = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
          return found.contains(document.elementFromPoint(point.x, point.y)) ? point : null;
        };
        const before = find();
        await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
        const after = find();
        return before !== null && after !== null && before.x === after.x && before.y === after.y ? after : null;
      }, css);
    // While a page still moves, a click goes beside what it is meant for: a notice that comes a moment later moves a button away.
    const press = async (): Promise<boolean> => {
      const point = await until(`${css} stands still`, middle, (at) => at !== null, STILL_MS);
      const { x, y } = point ?? { x: 0, y: 0 };
      await this.evaluate((selector) => {
        window.labHit = false;
        document.querySelector(selector)?.addEventListener(
          'click',
          () => {
            window.labHit = true;
          },
          { once: true, capture: true },
        );
      }, css);
      for (const type of ['mousePressed', 'mouseReleased']) await this.#send('Input.dispatchMouseEvent', { type, x, y, button: 'left', clickCount: 1 });
      return this.evaluate(() => window.labHit === true);
    };
    await until(`${css} is hit`, press, (hit) => hit, STILL_MS);
  }

  async fill(css: string, text: string): Promise<void> {
    await this.evaluate((selector) => {
      const field = document.querySelector<HTMLInputElement>(selector);
      field?.focus();
      field?.select();
    }, css);
    await this.#send('Input.insertText', { text });
  }

  /** As a person who minimises the window, or brings it back. */
  async minimise(minimised: boolean): Promise<void> {
    const { windowId } = (await this.#session.send('Browser.getWindowForTarget', { targetId: this.#targetId })) as { windowId: number };
    await this.#session.send('Browser.setWindowBounds', { windowId, bounds: { windowState: minimised ? 'minimized' : 'normal' } });
  }

  async #send(method: string, params: object = {}): Promise<Result> {
    const id = (this.#count += 1);
    const answered = new Promise<Answer>((resolve) => this.#waiting.set(id, resolve));
    await this.#session.send('Target.sendMessageToTarget', { sessionId: this.#sessionId, message: JSON.stringify({ id, method, params }) });
    const { result, error } = await answered;
    if (error !== undefined) throw new Error(`${method}: ${error.message}`);
    return result ?? {};
  }
}

interface Answer {
  id?: number;
  result?: Result;
  error?: { message: string };
}

interface Result {
  result?: { value?: unknown };
  exceptionDetails?: unknown;
}
