/** Which system the person sits at, for sentences that say where a switch is. Never used to decide what works. */
export type Platform = 'macos' | 'windows' | 'linux' | 'android' | 'ios' | 'other';

export function platformOf(userAgent: string, touchPoints = 0): Platform {
  if (/android/i.test(userAgent)) return 'android';
  // iPadOS calls itself a Mac; a Mac has no touch screen.
  if (/iphone|ipad|ipod/i.test(userAgent) || (/macintosh/i.test(userAgent) && touchPoints > 1)) return 'ios';
  if (/macintosh|mac os x/i.test(userAgent)) return 'macos';
  if (/windows/i.test(userAgent)) return 'windows';
  if (/linux|x11|cros/i.test(userAgent)) return 'linux';
  return 'other';
}
