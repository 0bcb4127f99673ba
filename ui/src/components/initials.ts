/** What stands for a person without a picture: two letters at most; of a Chinese name the given name. */
export function initials(name: string): string {
  const trimmed = name.trim();
  if (/\p{Script=Han}/u.test(trimmed)) return Array.from(trimmed.replace(/[^\p{Script=Han}]/gu, '')).slice(-2).join('');
  const words = trimmed.split(/\s+/).filter((word) => /^[\p{L}\p{N}]/u.test(word));
  const first = words[0];
  const last = words.length > 1 ? words.at(-1) : undefined;
  return [first, last].map((word) => Array.from(word ?? '')[0] ?? '').join('').toUpperCase();
}
