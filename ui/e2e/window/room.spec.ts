import { expect, test } from '@playwright/test';

import { Lab } from '../lab/lab.ts';
import { namespaces } from '../lab/network.ts';
import { list, type HostLine, type NodeProcess } from '../lab/node.ts';
import { artifact } from '../lab/paths.ts';
import { RoomPage } from '../lab/room-page.ts';
import { Desktop } from './desktop.ts';
import type { WebDriver } from './webdriver.ts';

// Guards: the real program in a real window, as people start it: a meeting is looked at and entered in the window, and the browser is a
// choice. What is otherwise than in window.spec.ts, where calls are left to the browser.

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
  desktop = await Desktop.start(lab.machine('anna'));
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

test('one click on it shows its preview in the window; "Open in browser" there opens it in the default browser, by a ticket that is good once', async () => {
  await window.click(id('meeting-item'));
  await expect.poll(texts('join-button')).toHaveLength(1);
  await desktop.keepPicture(window, 'preview');

  await window.click(id('open-in-browser-button'));
  await expect.poll(() => desktop.openedUrls()).toHaveLength(1);
  // Camera and microphone are needed there now.
  await expect.poll(texts('host-button')).toHaveLength(1);
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

test('a meeting hosted from the button is entered in the window, and found by a node on another machine', async () => {
  await window.clear(id('name-input'));
  await window.type(id('name-input'), 'Anna');
  await window.clear(id('title-input'));
  await window.type(id('title-input'), 'Anna hosts');
  await window.click(id('host-button'));
  await expect.poll(texts('leave-button')).toHaveLength(1);
  await desktop.keepPicture(window, 'room-own');

  const found = await list(lab.machine('carla'), 2);
  expect(found.map(({ meeting }) => meeting)).toContainEqual(
    expect.objectContaining({ title: 'Anna hosts', host: 'Anna', addresses: expect.arrayContaining([desktop.machine.address]) }),
  );
});

test('a page that is loaded anew is in the room again', async () => {
  await window.refresh();
  await expect.poll(texts('leave-button')).toHaveLength(1);
  await expect.poll(() => window.attribute(id('participant-count'), 'data-count').catch(String)).toBe('1');
});

test('who goes on in the browser leaves the room in the window, and the meeting goes on', async () => {
  await window.click(id('settings-button'));
  await expect.poll(texts('open-in-browser-button')).toHaveLength(1);
  await window.click(id('open-in-browser-button'));
  await expect.poll(() => desktop.openedUrls()).toHaveLength(2);
  await expect.poll(texts('end-reason')).toHaveLength(1);
  await window.click(id('home-button'));
  await expect.poll(texts('meeting-item')).toHaveLength(2);
  await desktop.keepPicture(window, 'home-hosting');
});

test('a second start ends at once, and its link is opened in the window that is there', async () => {
  expect(await desktop.launchAgain(hosted.line.guestUrl)).toBe(0);
  await expect.poll(texts('join-button')).toHaveLength(1);
  await window.click(id('back-button'));
});

test('the page was never blocked by its own content security policy, nor did it fail', () => {
  const complaints = desktop.log.split('\n').filter((line) => /Refused to|CONSOLE .*(ERROR|Unhandled)/i.test(line));
  // What a page that is loaded anew asked the app for while it went.
  const expected = ['Fetch API cannot load ipc://localhost/node_request due to access control checks'];
  expect(complaints.filter((line) => !expected.some((known) => line.includes(known)))).toEqual([]);
});
