import { exportKey, generateKey, importKey, type SigningKey } from '../trust/keys.ts';
import { signerOf, type Signer } from '../trust/signer.ts';

/**
 * A guest's key: made for the visit. It stands in `sessionStorage` only between the closing of the page and its next load,
 * as the seat does, so that a reload is the same person and a duplicated tab is not.
 */

export type KeyShelf = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

const KEY = 'landline.key';

export async function guestSigner(shelf: KeyShelf | null, page: Pick<EventTarget, 'addEventListener'>): Promise<Signer> {
  const kept = take(shelf);
  const key: SigningKey = (kept === null ? undefined : await importKey(kept)) ?? (await generateKey());
  const jwk = JSON.stringify(await exportKey(key));
  page.addEventListener('pagehide', () => {
    quietly(() => {
      shelf?.setItem(KEY, jwk);
    });
  });
  page.addEventListener('pageshow', () => {
    take(shelf);
  });
  return signerOf(key);
}

function take(shelf: KeyShelf | null): JsonWebKey | null {
  let kept: JsonWebKey | null = null;
  quietly(() => {
    const text = shelf?.getItem(KEY) ?? null;
    shelf?.removeItem(KEY);
    if (text !== null) kept = JSON.parse(text) as JsonWebKey;
  });
  return kept;
}

/** A browser may forbid storage, and anything may stand there; then a reload is a new person. */
function quietly(act: () => void): void {
  try {
    act();
  } catch {
    // Nothing is lost but the place in the meeting.
  }
}
