/**
 * Whether one encoder serves all links where the browser can do that, or each link has its own. Of this browser, not of the
 * person: it is about the machine.
 */
export type EncoderChoice = 'shared' | 'own';

const KEY = 'landline.encoder';

/** Pages may be forbidden to store anything. */
function storage(): Storage | null {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
}

export function chosenEncoder(): EncoderChoice {
  return storage()?.getItem(KEY) === 'own' ? 'own' : 'shared';
}

export function chooseEncoder(choice: EncoderChoice): void {
  try {
    storage()?.setItem(KEY, choice);
  } catch {
    // A store that is full: the switch shows what holds when it is opened again.
  }
}
