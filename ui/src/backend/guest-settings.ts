import { asRecord, parse } from '../protocol/check.ts';
import { settings as checkSettings } from '../protocol/decode-node.ts';
import { defaultSettings } from '../protocol/default-settings.ts';
import type { Notice } from '../protocol/generated/Notice.ts';
import type { Settings } from '../protocol/generated/Settings.ts';

/** A guest's settings: in the browser, under the host's origin. */

type Shelf = Pick<Storage, 'getItem' | 'setItem'>;

const KEY = 'landline.settings';

/** Reads the settings. Missing fields have their default; what does not fit gives the defaults and a notice. */
export function readSettings(shelf: Shelf | null): { settings: Settings; notices: Notice[] } {
  const defaults = defaultSettings();
  let json: string | null;
  try {
    json = shelf?.getItem(KEY) ?? null;
  } catch {
    json = null;
  }
  if (json === null) return { settings: defaults, notices: [] };
  const record = asRecord(parse(json));
  const checked = record && checkSettings({ ...defaults, ...record });
  return checked === undefined
    ? { settings: defaults, notices: ['settings-corrupt'] }
    : { settings: checked, notices: [] };
}

/** Writes the settings; false where the browser forbids it, and they hold for this page only. */
export function writeSettings(shelf: Shelf | null, settings: Settings): boolean {
  try {
    shelf?.setItem(KEY, JSON.stringify(settings));
    return shelf !== null;
  } catch {
    return false;
  }
}
