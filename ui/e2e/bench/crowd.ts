import { Bots } from '../lab/bot.ts';
import { BenchBrowser } from './browsers.ts';
import { linked, type Meeting } from './measure.ts';
import { comeIn, startSide, type Side } from './sides.ts';

/** One real browser among bots: what a large meeting asks of one person's machine. Only the browser's processor time counts. */

export interface Crowd {
  bots: number;
  clip: string | null;
  /** What bots send. Null: their own test picture. */
  footage: string | null;
  /** Seconds for which each of them speaks in turn. Without it all speak at once, all the time. */
  speak?: number;
  stored?: Readonly<Record<string, string>>;
}

export async function gather({ bots, clip, footage, speak, stored }: Crowd): Promise<Meeting> {
  const side: Side = await startSide('landline', '');
  const closing: (() => Promise<unknown>)[] = [() => side.stop()];
  const close = async (): Promise<void> => {
    for (const end of closing.reverse()) await end();
  };
  try {
    const browser = await BenchBrowser.start(clip);
    closing.push(() => browser.close());
    const page = await browser.open(side.url(0), side.look, stored);
    await comeIn(page, side);
    await page.getByTestId('leave-button').waitFor();
    const crowd = await Bots.join(null, side.meeting ?? '', { count: bots, name: 'Bot', ...(footage === null ? {} : { video: footage }), ...(speak === undefined ? {} : { speak }) });
    closing.push(() => crowd.stop());
    await linked(page, side, bots);
    return { side, pages: [page], pids: [browser.pid], others: bots, close };
  } catch (error) {
    await close();
    throw error;
  }
}
