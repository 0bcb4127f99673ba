import type { Page } from '@playwright/test';

/**
 * What a spec needs of a page, whichever program shows it: Chromium (Playwright), Firefox (WebDriver BiDi), the app's window
 * (WebDriver). Nothing here waits for the page to become ready; who calls does, with `until`.
 */
export interface PageDriver {
  /** Runs a function in the page, by its text: it sees its argument and nothing else of ours. Argument and result are JSON. */
  evaluate<R, A = undefined>(script: (argument: A) => R | Promise<R>, argument?: A): Promise<R>;
  /** Clicks the middle of an element, as a pointer does. */
  click(css: string): Promise<void>;
  /** Replaces what stands in a field. */
  fill(css: string, text: string): Promise<void>;
}

export function playwrightDriver(page: Page): PageDriver {
  return {
    evaluate: (script, argument) => page.evaluate(`(${script.toString()})(${JSON.stringify(argument)})`),
    click: (css) => page.locator(css).click(),
    fill: (css, text) => page.locator(css).fill(text),
  };
}
