import { showClock } from '../lab/clock.ts';
import type { Lab } from '../lab/lab.ts';
import { describeLinks, SMALL, watchLinks, type Capture } from '../lab/links.ts';
import type { Machine } from '../lab/network.ts';
import { RoomDriver } from '../lab/room-driver.ts';
import { Desktop } from './desktop.ts';
import type { WebDriver } from './webdriver.ts';

/** The app on a desktop of its own, as a participant like any other. */

export interface LabWindow {
  readonly desktop: Desktop;
  readonly driver: WebDriver;
  readonly room: RoomDriver;
}

export interface WindowOptions {
  /** What the camera gives. {@link SMALL} unless told otherwise. */
  capture?: Capture;
  /** The camera shows the time. */
  clock?: boolean;
}

/** What takes processor time for the window, by the names of processes; not the screen and the driver of the test. */
export const WINDOW_PROGRAMS = /^(landline|WebKitWebProces|WebKitNetworkPr|WebKitGPUProces)/;

/** Ends with the lab. */
export async function openLabWindow(lab: Lab, name: string, machine: Machine, options: WindowOptions = {}): Promise<LabWindow> {
  const desktop = await Desktop.start(machine);
  let driver: WebDriver | null = null;
  lab.keep({
    describe: async () => {
      const links = driver === null ? '' : await describeLinks(driver).catch(String);
      return `== window ${name}\n${desktop.log}\n-- links\n${links}`;
    },
    close: () => desktop.close(),
  });
  driver = await desktop.launch();
  const room = new RoomDriver(name, driver);
  await room.shows('host-button');
  await prepare(driver, options);
  return { desktop, driver, room };
}

/** Watches the page's links and sets its camera. Goes away when the page is loaded anew. */
export async function prepare(driver: WebDriver, { capture = SMALL, clock = false }: WindowOptions): Promise<void> {
  await driver.evaluate(watchLinks, capture);
  if (clock) await driver.evaluate(showClock, capture);
}
