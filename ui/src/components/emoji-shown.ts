/**
 * Whether this system has pictures for emoji. Some Linux systems have no font for them and show empty boxes, which are worse
 * than nothing: the names beside them are what people read aloud.
 */
export function showsEmoji(): boolean {
  known ??= look();
  return known;
}

let known: boolean | null = null;

/** In pixels; large enough for colours to be told from the grey of smoothed edges. */
const SIZE = 24;

function look(): boolean {
  const canvas = document.createElement('canvas');
  canvas.width = SIZE;
  canvas.height = SIZE;
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (context === null) return true;
  context.font = `${SIZE - 4}px 'Apple Color Emoji', 'Segoe UI Emoji', 'Noto Color Emoji', sans-serif`;
  context.textBaseline = 'top';
  context.fillText('🍎', 0, 2);
  const { data } = context.getImageData(0, 0, SIZE, SIZE);
  for (let at = 0; at < data.length; at += 4) {
    // Black on nothing stays black; only a picture has colours.
    if (data[at] !== data[at + 1] || data[at] !== data[at + 2]) return true;
  }
  return false;
}
