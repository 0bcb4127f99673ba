import type { Language } from '../protocol/generated/Language.ts';

/** A language that the UI has. */
export type SpokenLanguage = Exclude<Language, 'auto'>;

/**
 * The language to show: the chosen one, or the first of the browser's that there is. Every Chinese goes to Simplified
 * Chinese: whoever reads Traditional reads it more easily than English.
 */
export function resolveLanguage(chosen: Language, preferred: readonly string[]): SpokenLanguage {
  if (chosen !== 'auto') return chosen;
  for (const tag of preferred) {
    const [language] = tag.toLowerCase().split('-');
    if (language === 'zh') return 'zh-CN';
    if (language === 'en') return 'en';
  }
  return 'en';
}
