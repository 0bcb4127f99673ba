import '@fontsource-variable/atkinson-hyperlegible-next';
import '../src/styles/base.css';

import { mount } from 'svelte';

import { createApp } from '../src/app/app.ts';
import { setLanguage } from '../src/i18n/index.ts';
import { openSettings } from '../src/settings/settings-writer.ts';
import { browserTimer } from '../src/shared/timer.ts';
import AppView from '../src/views/AppView.svelte';
import StuckView from '../src/views/StuckView.svelte';
import { fakeBackend, fakePreview, fakeRoom, listDevices } from './fakes.ts';
import { states } from './states.ts';

/** `?state=room-3&theme=dark&lang=zh-CN`; without a state a list of all. */

const query = new URLSearchParams(location.search);
const target = document.getElementById('app');
if (target === null) throw new Error('no place to show anything');
document.documentElement.dataset['theme'] = query.get('theme') === 'dark' ? 'dark' : 'light';
setLanguage(query.get('lang') === 'zh-CN' ? 'zh-CN' : 'en');
document.documentElement.lang = query.get('lang') ?? 'en';

const state = states[query.get('state') ?? ''];
if (state === undefined) {
  for (const name of Object.keys(states)) {
    const link = document.createElement('a');
    link.href = `?state=${name}`;
    link.textContent = name;
    link.style.display = 'block';
    target.append(link);
  }
} else if (state.stuck !== undefined) {
  mount(StuckView, { target, props: { why: state.stuck } });
} else {
  const backend = fakeBackend(state.backend ?? {});
  const app = createApp({
    backend,
    settings: openSettings(backend, browserTimer),
    openPreview: () => fakePreview(state.preview),
    prepareRoom: () => undefined,
    openRoom: () => fakeRoom(state.room ?? { people: [] }),
    calls: state.calls === false ? { possible: false, missing: ['frames'] } : { possible: true },
    secret: null,
    guestOrigin: state.backend?.kind === 'guest' ? 'https://192.168.1.31:4717' : null,
    seatBefore: null,
  });
  mount(AppView, { target, props: { app, environment: { platform: 'linux', canShare: true, canChooseSpeaker: true, canRemoveEcho: state.canRemoveEcho ?? true, listDevices } } });
  await state.go?.(app);
  for (const id of state.press ?? []) {
    await new Promise((resolve) => setTimeout(resolve, 30));
    document.querySelector<HTMLElement>(`[data-testid="${id}"]`)?.click();
  }
}
document.documentElement.dataset['ready'] = 'true';
