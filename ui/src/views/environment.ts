import type { Platform } from '../shared/platform.ts';
import type { DeviceLists } from '../media/devices.ts';

/** What views need to know of the browser, asked once by the composition root. */
export interface Environment {
  platform: Platform;
  /** The browser can show a screen to others. */
  canShare: boolean;
  /** The browser lets a page choose the speaker. */
  canChooseSpeaker: boolean;
  /** The web view can remove echo from the microphone. */
  canRemoveEcho: boolean;
  listDevices(): Promise<DeviceLists>;
}
