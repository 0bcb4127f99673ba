import type { Evaluates } from './links.ts';

/** What a home screen's list said of one meeting over time. */

declare global {
  interface Window {
    labListed?: { at: number; text: string | null }[];
  }
}

/** What the row said from a moment on; null: it was not there. */
export interface Entry {
  /** Milliseconds since 1970. */
  at: number;
  text: string | null;
}

/** Notes every change of the meeting's row from now on. */
export async function watchRow(page: Evaluates, meetingId: string): Promise<void> {
  await page.evaluate((id) => {
    const entries: Entry[] = [];
    window.labListed = entries;
    const look = (): void => {
      const row = document.querySelector<HTMLElement>(`[data-testid="meeting-item"][data-meeting-id="${CSS.escape(id)}"]`);
      const text = row?.innerText ?? null;
      if (entries.at(-1)?.text !== text) entries.push({ at: Date.now(), text });
    };
    look();
    setInterval(look, 20);
  }, meetingId);
}

export function rowHistory(page: Evaluates): Promise<Entry[]> {
  return page.evaluate(() => window.labListed ?? []);
}

/** The longest time that the row was not there. */
export function longestAbsence(entries: readonly Entry[], until: number): number {
  const spans = entries.map(({ at, text }, index) => (text === null ? (entries[index + 1]?.at ?? until) - at : 0));
  return Math.max(0, ...spans);
}
