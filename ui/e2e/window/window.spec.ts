import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from '@playwright/test';

import { Lab } from '../lab/lab.ts';
import { namespaces } from '../lab/network.ts';
import { list, type HostLine, type NodeProcess } from '../lab/node.ts';
import { artifact } from '../lab/paths.ts';
import { RoomPage } from '../lab/room-page.ts';
import { Desktop, NO_CALLS } from './desktop.ts';
import type { WebDriver } from './webdriver.ts';

// Guards: the real program in a real window. It has the real webview, whose switches, permissions and walls no browser shows,
// and on Linux usually no WebRTC; here it was told to leave calls to the default browser.

test.describe.configure({ mode: 'serial' });
const possible = namespaces();
test.skip(!possible.possible, possible.possible ? '' : possible.reason);

const id = (testId: string): string => `[data-testid="${testId}"]`;
const TITLE = 'Planning';

let lab: Lab;
let desktop: Desktop;
let window: WebDriver;
let hosted: NodeProcess<HostLine>;

test.beforeAll(async () => {
  lab = new Lab();
  desktop = await Desktop.start(lab.machine('anna'), NO_CALLS);
  window = await desktop.launch();
});

// eslint-disable-next-line no-empty-pattern -- Playwright reads the pattern to know what a hook needs.
test.afterEach(({}, info) => {
  if (info.status !== info.expectedStatus) console.log(desktop.log);
});

test.afterAll(async () => {
  await desktop.close();
  await lab.close();
});

const texts = (testId: string) => () => window.texts(id(testId));

test('the window opens on the home screen, in a secure context, and sees its network', async () => {
  await expect.poll(() => window.run('return document.querySelector(arguments[0]) !== null', id('host-button'))).toBe(true);
  expect(await window.run('return isSecureContext')).toBe(true);
  await expect.poll(() => window.attribute(id('network-status'), 'data-state')).toBe('on');
  await desktop.keepPicture(window, 'home-empty');
});

test('a meeting that a node hosts on another machine is listed', async () => {
  hosted = await lab.host(lab.machine('ben'), { title: TITLE, name: 'Ben' });
  await expect.poll(texts('meeting-item')).toEqual([expect.stringContaining(TITLE)]);
  expect(await window.attribute(id('meeting-item'), 'data-meeting-id')).toBe(hosted.line.meetingId);
  await desktop.keepPicture(window, 'home-meeting');
});

test('one click on it and one on "Open in browser" open its preview in the default browser, by a ticket that is good once', async () => {
  test.skip(await window.run<boolean>('return typeof RTCPeerConnection === "function"'), 'this webview carries calls itself');
  await window.click(id('meeting-item'));
  await expect.poll(texts('handoff')).toHaveLength(1);
  await desktop.keepPicture(window, 'handoff');

  await window.click(id('open-in-browser-button'));
  await expect.poll(() => desktop.openedUrls()).toHaveLength(1);
  const url = new URL(desktop.openedUrls()[0] ?? '');
  expect(url.origin).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  // What follows `#` stays in the browser; a path or a query would reach logs.
  expect(url.pathname + url.search).toBe('/');
  const fragment = new URLSearchParams(url.hash.slice(1));
  expect([...fragment.keys()].sort()).toEqual(['m', 'ticket']);
  expect(fragment.get('m')).toBe(hosted.line.meetingId);

  const browser = await lab.browser(desktop.machine);
  const page = await browser.newPage();
  await page.goto(url.href);
  const room = new RoomPage(page);
  await expect(room.get('join-button')).toBeEnabled();
  await expect(page.getByText(TITLE).first()).toBeVisible();
  expect(page.url()).not.toContain('ticket');
  await page.screenshot({ path: artifact('window/browser-preview.png') });
  await room.join('Anna');
  await room.expectCount(1);

  const again = await browser.newPage();
  await again.goto(url.href);
  await expect(again.getByTestId('error')).toBeVisible();
  await expect(again.getByTestId('join-button')).toHaveCount(0);
  await room.leave();
  await page.close();
});

test('a meeting hosted from the button is found by a node on another machine', async () => {
  await window.click(id('home-button'));
  await window.clear(id('name-input'));
  await window.type(id('name-input'), 'Anna');
  await window.clear(id('title-input'));
  await window.type(id('title-input'), 'Anna hosts');
  await window.click(id('host-button'));
  await expect.poll(texts('handoff')).toHaveLength(1);
  await desktop.keepPicture(window, 'handoff-own');

  const found = await list(lab.machine('carla'), 2);
  expect(found.map(({ meeting }) => meeting)).toContainEqual(
    expect.objectContaining({ title: 'Anna hosts', host: 'Anna', addresses: expect.arrayContaining([desktop.machine.address]) }),
  );
  await window.click(id('home-button'));
  await expect.poll(texts('meeting-item')).toHaveLength(2);
  await desktop.keepPicture(window, 'home-hosting');
});

test('a page that is loaded anew has its node again, with the meeting and the name', async () => {
  await window.refresh();
  await expect.poll(texts('meeting-item')).toHaveLength(2);
  expect(await window.run('return document.querySelector(arguments[0]).value', id('name-input'))).toBe('Anna');
});

test('a second start ends at once, and its link is opened in the window that is there', async () => {
  expect(await desktop.launchAgain(hosted.line.guestUrl)).toBe(0);
  await expect.poll(texts('handoff')).toHaveLength(1);
  await window.click(id('home-button'));
});

test('the page is walled in: no other page, no other window, no other host, no other command', async () => {
  const before = await window.url();
  await window.run(`location.href = 'http://${lab.machine('ben').address}:${String(hosted.line.port)}/'`);
  await expect.poll(() => desktop.log).toContain('navigation refused');
  expect(await window.url()).toBe(before);

  expect(await window.run(`return window.open('https://${lab.machine('ben').address}/')`)).toBeNull();

  const violation = await window.runAsync<string>(`
    const violated = new Promise((resolve) => addEventListener('securitypolicyviolation', (event) => resolve(event.effectiveDirective), { once: true }));
    fetch(args[0]).catch(() => undefined);
    return violated;`, hosted.line.guestUrl);
  expect(violation).toBe('connect-src');

  const refused = await window.runAsync<string[]>(`
    const commands = [['plugin:window|set_title', { value: 'x' }], ['plugin:event|emit', { event: 'x' }], ['plugin:app|version', {}], ['plugin:webview|create_webview_window', { options: { label: 'x', url: 'https://example.org' } }]];
    return Promise.all(commands.map(([command, values]) => window.__TAURI_INTERNALS__.invoke(command, values).then(() => command + ' was done', String)));`);
  for (const answer of refused) expect(answer).toMatch(/not allowed|not found/);
  expect(await window.run('return typeof window.__TAURI__')).toBe('undefined');
});

test('camera, microphone and their names are given to the page, its place in the world is not', async () => {
  const media = await window.runAsync<{ tracks: string[]; labels: string[] }>(`
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: true });
    const tracks = stream.getTracks().map((track) => track.kind).sort();
    for (const track of stream.getTracks()) track.stop();
    return { tracks, labels: (await navigator.mediaDevices.enumerateDevices()).map((device) => device.label) };`);
  expect(media.tracks).toEqual(['audio', 'video']);
  expect(media.labels.length).toBeGreaterThan(1);
  expect(media.labels).not.toContain('');

  const place = await window.runAsync<string>(`
    return new Promise((resolve) => navigator.geolocation.getCurrentPosition(() => resolve('given'), (error) => resolve('code ' + error.code)));`);
  expect(place).toBe('code 1');
});

test('settings are kept by the node, and the window follows them: Chinese, dark, narrow', async () => {
  await window.click(id('settings-button'));
  await expect.poll(texts('settings-name-input')).toHaveLength(1);
  await desktop.keepPicture(window, 'settings');
  await window.choose(id('theme-select'), 'dark');
  await window.choose(id('language-select'), 'zh-CN');
  await expect.poll(() => window.run('return document.documentElement.lang')).toBe('zh-CN');
  const settings = join(desktop.configDir, 'settings.json');
  await expect.poll(() => existsSync(settings) && (JSON.parse(readFileSync(settings, 'utf8')) as object)).toMatchObject({ language: 'zh-CN', theme: 'dark' });

  await window.refresh();
  await expect.poll(texts('meeting-item')).toHaveLength(2);
  await desktop.keepPicture(window, 'home-chinese-dark');
  await window.resize(390, 640);
  await expect.poll(() => window.run('return innerWidth')).toBe(390);
  await desktop.keepPicture(window, 'home-narrow');
  const outside = `return Array.from(document.querySelectorAll('h1, h2, p, button, input, li'))
    .filter((element) => element.getBoundingClientRect().right > innerWidth).map((element) => element.outerHTML);`;
  expect(await window.run(outside)).toEqual([]);
});

test('SIGTERM takes the meeting out of the lists, keeps the size of the window, and ends the app within 3 s', async () => {
  expect((await list(lab.machine('carla'), 1)).map(({ meeting }) => meeting.title)).toContain('Anna hosts');
  desktop.terminateApp();
  await expect.poll(() => desktop.appRuns, { timeout: 3_000 }).toBe(false);
  await expect.poll(() => desktop.log).toContain('goodbye in_time=true');
  // What changes is printed again.
  expect(new Set((await list(lab.machine('carla'), 2)).map(({ meeting }) => meeting.title))).toEqual(new Set([TITLE]));
  expect(JSON.parse(readFileSync(join(desktop.configDir, 'window.json'), 'utf8'))).toEqual({ width: 390, height: 640, maximized: false });
});

test('started again, it has the size and the settings of the last time', async () => {
  await window.close().catch(() => undefined);
  window = await desktop.launch();
  await expect.poll(texts('meeting-item')).toHaveLength(1);
  expect(await window.run('return [innerWidth, innerHeight]')).toEqual([390, 640]);
  expect(await window.run('return document.documentElement.lang')).toBe('zh-CN');
});

test('the page was never blocked by its own content security policy, nor did it fail', () => {
  const complaints = desktop.log.split('\n').filter((line) => /Refused to|CONSOLE .*(ERROR|Unhandled)/i.test(line));
  // The one request that was made to be blocked.
  expect(complaints.filter((line) => !line.includes(hosted.line.guestUrl.split('#')[0] ?? ''))).toEqual([]);
});
