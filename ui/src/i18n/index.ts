import type { SpokenLanguage } from '../settings/language.ts';
import { writable, type Readable } from '../shared/store.ts';
import { en, type Messages } from './en.ts';
import { zhCN } from './zh-cn.ts';

/** The language of the page. One page has one, so it is kept here; views read it as `$t`. */
const current = writable<Messages>(en);

export const t: Readable<Messages> = current;

/** Every language, by the name that its speakers know. */
export const languages: readonly { code: SpokenLanguage; name: string }[] = [
  { code: 'en', name: en.languageName },
  { code: 'zh-CN', name: zhCN.languageName },
];

export function setLanguage(language: SpokenLanguage): void {
  current.set(messagesIn(language));
}

export function messagesIn(language: SpokenLanguage): Messages {
  switch (language) {
    case 'en':
      return en;
    case 'zh-CN':
      return zhCN;
  }
}
