import { beforeEach, describe, expect, test, vi } from 'vitest';

import { defaultSettings } from '../protocol/default-settings.ts';
import type { Settings } from '../protocol/generated/Settings.ts';
import { ManualTime } from '../shared/manual-time.ts';
import { writable } from '../shared/store.ts';
import { resolveLanguage } from './language.ts';
import { openSettings } from './settings-writer.ts';
import { resolveTheme } from './theme.ts';

beforeEach(() => {
  vi.spyOn(console, 'warn').mockReturnValue();
});

test('the language is the chosen one, else the first of the browser that there is, else English', () => {
  expect(resolveLanguage('zh-CN', ['en'])).toBe('zh-CN');
  expect(resolveLanguage('auto', ['fr-FR', 'zh-Hant-TW', 'en-US'])).toBe('zh-CN');
  expect(resolveLanguage('auto', ['EN-gb', 'zh'])).toBe('en');
  expect(resolveLanguage('auto', ['zhu', 'de'])).toBe('en');
  expect(resolveLanguage('auto', [])).toBe('en');
});

test('the theme is the chosen one, else the one of the system', () => {
  expect(resolveTheme('light', true)).toBe('light');
  expect(resolveTheme('auto', true)).toBe('dark');
  expect(resolveTheme('auto', false)).toBe('light');
});

class Node {
  readonly settings = writable<Settings>(defaultSettings());
  readonly saved: Settings[] = [];
  fails = false;
  readonly saveSettings = (settings: Settings): Promise<void> => {
    this.settings.set(settings);
    this.saved.push(settings);
    return this.fails ? Promise.reject(new Error('read-only')) : Promise.resolve();
  };
}

describe('changes of the settings', () => {
  test('show at once and are written once, when it is quiet', async () => {
    const [node, time] = [new Node(), new ManualTime()];
    const writer = openSettings(node, time.setTimer);
    for (const name of ['A', 'Ad', 'Ada']) {
      writer.change({ name });
      expect(writer.settings.get().name).toBe(name);
      await time.advance(100);
    }
    expect(node.saved).toEqual([]);
    await time.advance(1_000);
    expect(node.saved.map(({ name }) => name)).toEqual(['Ada']);
  });

  test('are written before the page goes, and not again', async () => {
    const [node, time] = [new Node(), new ManualTime()];
    const writer = openSettings(node, time.setTimer);
    writer.change({ theme: 'dark' });
    writer.flush();
    writer.flush();
    await time.advance(1_000);
    expect(node.saved).toHaveLength(1);
  });

  test('are kept when another window changes something else', async () => {
    const [node, time] = [new Node(), new ManualTime()];
    const writer = openSettings(node, time.setTimer);
    writer.change({ name: 'Ada' });
    node.settings.set({ ...defaultSettings(), theme: 'dark' });
    expect(writer.settings.get()).toMatchObject({ name: 'Ada', theme: 'dark' });
    await time.advance(1_000);
    expect(node.saved[0]).toMatchObject({ name: 'Ada', theme: 'dark' });
  });

  test('that cannot be written hold for this page', async () => {
    const [node, time] = [new Node(), new ManualTime()];
    node.fails = true;
    const writer = openSettings(node, time.setTimer);
    writer.change({ name: 'Ada' });
    await time.advance(1_000);
    expect(writer.settings.get().name).toBe('Ada');
  });
});
