import type { Backend } from '../backend/backend.ts';
import type { Settings } from '../protocol/generated/Settings.ts';
import { logFor } from '../shared/log.ts';
import type { Readable } from '../shared/store.ts';
import { writable } from '../shared/store.ts';
import type { SetTimer } from '../shared/timer.ts';

/** Settings as the person sees them: a change shows at once and is written when no other follows for a moment. */
export interface SettingsWriter {
  readonly settings: Readable<Settings>;
  /** Changes some of the settings. */
  change(some: Partial<Settings>): void;
  /** Writes what waits, for example before the page goes. */
  flush(): void;
}

/** Between keystrokes of a name there is less; a person who closes the window right away still has it written. */
const QUIET_MS = 400;

const log = logFor('settings');

export function openSettings(backend: Pick<Backend, 'settings' | 'saveSettings'>, setTimer: SetTimer): SettingsWriter {
  const settings = writable(backend.settings.get());
  /** What the person changed and was not written yet: it stays when another window changes something else. */
  let waiting: Partial<Settings> = {};
  let stopTimer: (() => void) | null = null;

  backend.settings.subscribe((theirs) => {
    settings.set({ ...theirs, ...waiting });
  });

  function flush(): void {
    stopTimer?.();
    stopTimer = null;
    if (Object.keys(waiting).length === 0) return;
    waiting = {};
    backend.saveSettings(settings.get()).catch(() => {
      log.warn('settings could not be written; they hold until the end of this page');
    });
  }

  return {
    settings,
    change(some) {
      waiting = { ...waiting, ...some };
      settings.update((before) => ({ ...before, ...some }));
      stopTimer?.();
      stopTimer = setTimer(flush, QUIET_MS);
    },
    flush,
  };
}
