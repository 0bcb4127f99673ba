import { until } from './until.ts';
import { byTestId, type RoomDriver } from './room-driver.ts';
import type { SignalingChange } from './links.ts';

/** Makes two pages offer at the same moment, and says whether they did. */

/** From the request to the click: both pages have heard it by then. */
const AHEAD_MS = 1_000;
/** How much later than the other the polite side restarts ICE (src/rtc/repair.ts). */
const POLITE_LATER_MS = 3_000;
const OFFERS_MS = 10_000;

/** Runs in the page: screens are pictures that the page draws, at once and without a person's click. */
function drawScreens(): void {
  navigator.mediaDevices.getDisplayMedia = () => {
    const canvas = document.createElement('canvas');
    canvas.width = 320;
    canvas.height = 180;
    const pen = canvas.getContext('2d');
    let step = 0;
    setInterval(() => {
      step += 1;
      if (pen) pen.fillStyle = `hsl(${step * 7} 60% 50%)`;
      pen?.fillRect(0, 0, canvas.width, canvas.height);
    }, 200);
    return Promise.resolve(canvas.captureStream(5));
  };
}

/** All start sharing a screen at the same moment, which each has to offer to the others the first time. */
export async function shareAtOnce(rooms: readonly RoomDriver[]): Promise<void> {
  const at = Date.now() + AHEAD_MS;
  await Promise.all(
    rooms.map(({ page }) =>
      page.evaluate(
        ([css, when]) => {
          setTimeout(() => document.querySelector<HTMLElement>(css)?.click(), when - Date.now());
        },
        [byTestId('share-button'), at] as const,
      ),
    ),
  );
}

/** Both restart ICE at the same moment. `feignNothing` has to follow. */
export async function restartIceAtOnce(polite: RoomDriver, impolite: RoomDriver): Promise<void> {
  const at = Date.now() + AHEAD_MS;
  await Promise.all([polite.feignLoss(at), impolite.feignLoss(at + POLITE_LATER_MS)]);
}

export async function drawScreensIn(rooms: readonly RoomDriver[]): Promise<void> {
  for (const { page } of rooms) await page.evaluate(drawScreens);
}

/** Waits until two pages have had an offer of their own out at the same time, since a moment of Date.now(). */
export async function untilGlared(one: RoomDriver, other: RoomDriver, since: number): Promise<void> {
  await until(
    `${one.name} and ${other.name} offer at the same time`,
    async () => {
      const [ours, theirs] = await Promise.all([one.signaling(), other.signaling()]);
      const offered = (changes: SignalingChange[]): [number, number][] =>
        changes.flatMap((change, index): [number, number][] => {
          if (change.state !== 'have-local-offer' || change.at < since) return [];
          return [[change.at, changes.slice(index + 1).find(({ link }) => link === change.link)?.at ?? Date.now()]];
        });
      return offered(ours).some(([start, end]) => offered(theirs).some(([from, to]) => from < end && start < to));
    },
    (glared) => glared,
    OFFERS_MS,
  );
}
