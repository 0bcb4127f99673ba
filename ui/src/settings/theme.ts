import type { Theme } from '../protocol/generated/Theme.ts';

/** The colours to show: the chosen ones, or the system's. */
export function resolveTheme(chosen: Theme, systemIsDark: boolean): 'light' | 'dark' {
  if (chosen !== 'auto') return chosen;
  return systemIsDark ? 'dark' : 'light';
}
