import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';

import type { Page } from '@playwright/test';

import type { LabBrowser } from './lab/browser.ts';
import { expect as expected, needsNamespaces, test, type Lab } from './lab/lab.ts';
import type { Machine } from './lab/network.ts';
import { DESCRIPTIONS, found, needles, type Needle } from './lab/needles.ts';
import type { NodeProcess } from './lab/node.ts';
import { RoomPage } from './lab/room-page.ts';

// Guards: whatever is logged, at the finest level that there is, says nothing of what is said or of how one gets in.

needsNamespaces();

const TAKEN_OVER_MS = 20_000;
/** Six people on two cores, and nothing is measured here. */
const expect = expected.configure({ timeout: 20_000 });
const HIDDEN = ['xylophone in the cellar', 'marmalade without oranges', 'a zeppelin full of geese'] as const;

interface Somebody {
  readonly name: string;
  readonly machine: Machine;
  readonly node: NodeProcess<{ localUrl: string }> | null;
  readonly browser: LabBrowser;
  readonly room: RoomPage;
}

/** What went over the sockets of all pages: there is nowhere else to learn a seat's token. */
const frames: string[] = [];

function listen(page: Page): void {
  page.on('websocket', (socket) => {
    socket.on('framesent', ({ payload }) => frames.push(String(payload)));
    socket.on('framereceived', ({ payload }) => frames.push(String(payload)));
  });
}

async function comes(lab: Lab, name: string, link: string | null): Promise<Somebody> {
  const machine = lab.machine(name.toLowerCase());
  const node = link === null ? await lab.ui(machine) : null;
  const browser = await lab.browser(machine, { capture: { width: 320, height: 180, framesPerSecond: 15 } });
  return { name, machine, node, browser, room: await opens(browser, link ?? node?.line.localUrl ?? '') };
}

async function opens(browser: LabBrowser, url: string): Promise<RoomPage> {
  const page = await browser.newPage();
  listen(page);
  await page.goto(url);
  return new RoomPage(page);
}

async function comesInWithCode({ name, room }: Pick<Somebody, 'name' | 'room'>, code: string): Promise<void> {
  await room.get('name-input').fill(name);
  await room.get('code-input').fill(code);
  await room.get('join-button').click();
  await expect(room.ownTile()).toBeVisible();
}

/** How one gets in, as the screen of somebody inside says. */
async function wayIn(room: RoomPage): Promise<{ code: string; link: string }> {
  await room.ownId();
  if ((await room.get('people-panel').count()) === 0) await room.get('people-button').click();
  const code = (await room.get('meeting-code').first().getAttribute('data-code')) ?? '';
  await room.get('link-panel-button').click();
  const link = ((await room.get('guest-link').first().textContent()) ?? '').trim();
  await room.get('link-panel-button').click();
  expect(code).toMatch(/^\d{6}$/);
  return { code, link };
}

const secretOf = (link: string): string => new URLSearchParams(new URL(link).hash.slice(1)).get('s') ?? '';

/** The parameters of ICE and DTLS that the links of a page really use. */
function descriptions(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    (window.labLinks ?? []).flatMap(({ localDescription }) =>
      [.../^a=(?:ice-pwd|ice-ufrag|fingerprint):(?:sha-256 )?(.*)$/gm[Symbol.matchAll](localDescription?.sdp ?? '')].map((match) => (match[1] ?? '').trim()),
    ),
  );
}

test.describe(() => {
  const before = process.env['RUST_LOG'];
  test.beforeAll(() => {
    process.env['RUST_LOG'] = 'trace';
  });
  test.afterAll(() => {
    if (before === undefined) delete process.env['RUST_LOG'];
    else process.env['RUST_LOG'] = before;
  });

  test('of a whole meeting, over a change of its host, nothing is in logs, command lines or consoles that was said or lets anybody in', async ({ lab }) => {
    test.setTimeout(240_000);
    frames.length = 0;
    const ana = await comes(lab, 'Ana', null);
    await ana.room.get('name-input').fill('Ana');
    await ana.room.get('title-input').fill('Nothing to hear');
    await ana.room.get('host-access-code').click();
    await ana.room.get('host-button').click();
    const first = await wayIn(ana.room);

    // Nothing writes at this level today; whatever will is looked at as well.
    expect(readFileSync(`/proc/${String(ana.node?.pid)}/environ`, 'utf8')).toContain('RUST_LOG=trace');

    // An app that types the code, after a wrong one.
    const ben = await comes(lab, 'Ben', null);
    const item = ben.room.page.locator('[data-testid="meeting-item"]').first();
    await expect(item).toBeVisible();
    const meetingId = (await item.getAttribute('data-meeting-id')) ?? '';
    await ben.room.chooseFromList(meetingId);
    const wrong = first.code === '271828' ? '314159' : '271828';
    await ben.room.get('name-input').fill('Ben');
    await ben.room.get('code-input').fill(wrong);
    await ben.room.get('join-button').click();
    await expect(ben.room.get('code-error')).toBeVisible();
    await comesInWithCode(ben, first.code);
    // A guest by the link with the secret, one who types the code, one who knocks and is sent out again.
    const gil = await comes(lab, 'Gil', first.link);
    await gil.room.join('Gil');
    // Pages of one browser are as many people; two cores have enough of browsers.
    const bare = first.link.replace(/#.*/, '');
    const eve = await opens(gil.browser, bare);
    await comesInWithCode({ name: 'Eve', room: eve }, first.code);
    const hal = await opens(gil.browser, bare);
    await hal.get('name-input').fill('Hal');
    await hal.get('ask-in-button').click();
    await ana.room.page.locator('[data-testid^="admit-"]').first().click();
    const halId = await hal.ownId();
    await expect(ana.room.tile(halId)).toBeVisible();
    for (const [room, line] of [[ana.room, HIDDEN[0]], [gil.room, HIDDEN[1]]] as const) await room.say(line);
    await ben.room.openChat();
    for (const line of HIDDEN.slice(0, 2)) await expect(ben.room.get('chat-message').filter({ hasText: line })).toBeVisible();
    await ana.room.get('people-button').click();
    await ana.room.get(`person-menu-${halId}`).click();
    await ana.room.get(`remove-${halId}`).click();
    await ana.room.get('confirm-remove').click();
    await expect(hal.get('end-reason')).toHaveAttribute('data-reason', 'removed');
    const parameters = (await Promise.all([ana.room, ben.room, gil.room, eve].map(({ page }) => descriptions(page)))).flat();
    const second = await wayIn(ana.room);
    expect(second.code).not.toBe(first.code);

    // The host dies, and somebody new comes in by the code at the next one.
    ana.browser.kill();
    await ana.node?.stop('SIGKILL');
    const dan = await comes(lab, 'Dan', null);
    await expect(dan.room.meeting(meetingId)).toContainText('Ben', { timeout: TAKEN_OVER_MS });
    await dan.room.chooseFromList(meetingId);
    await comesInWithCode(dan, second.code);
    await dan.room.expectConnectedTo(await ben.room.ownId());
    await dan.room.say(HIDDEN[2]);
    await expect(ben.room.get('chat-message').filter({ hasText: HIDDEN[2] })).toBeVisible();
    parameters.push(...(await descriptions(dan.room.page)));

    const all = [ana, ben, gil, dan];
    const tokens = [
      ...frames.flatMap((frame) => [...frame.matchAll(/resumeToken\\*":\\*"([\w-]+)/g)].map((match) => match[1] ?? '')),
      ...all.flatMap(({ node }) => (node === null ? [] : [new URLSearchParams(new URL(node.line.localUrl).hash.slice(1)).get('token') ?? ''])),
    ];
    expect(tokens.length, 'seats and nodes have tokens').toBeGreaterThan(all.length);
    expect(parameters.length, 'links have passwords').toBeGreaterThan(10);
    expect(frames.some((frame) => frame.includes(HIDDEN[0])), 'lines of chat go through nodes').toBe(true);
    const hidden: Needle[] = [
      ...DESCRIPTIONS,
      ...[first.code, second.code, wrong].flatMap((code) => needles('a code', code)),
      ...[first.link, second.link].flatMap((link) => needles('a secret', secretOf(link))),
      ...HIDDEN.flatMap((line) => needles('a line of chat', line)),
      ...[...new Set(tokens)].flatMap((token) => needles('a token', token)),
      // Four characters may be anywhere.
      ...[...new Set(parameters)].filter(({ length }) => length > 4).flatMap((parameter) => needles('a parameter of a link', parameter)),
    ];

    const lines = all.flatMap(({ machine }) => commandLines(machine));
    expect(lines.some((line) => line.includes('landline-node')) && lines.some((line) => line.includes('chromium')), 'command lines can be read').toBe(true);
    expect(found(lines.join('\n'), hidden), 'command lines').toEqual([]);
    for (const { name, node, browser } of all) {
      expect(found(browser.log.join('\n'), hidden), `console of ${name}`).toEqual([]);
      if (node === null) continue;
      // Six digits of a time may be any code.
      const log = stripVTControlCharacters(node.log).replace(/^\d{4}-\d\d-\d\dT[\d:.]+Z\s+/gm, '');
      expect(log, `${name}'s node logs all that it can`).toMatch(/^DEBUG tungstenite/m);
      expect(found(log, hidden), `log of ${name}'s node`).toEqual([]);
    }
    expect(all.some(({ node }) => /^\S+\s+DEBUG landline_/m.test(stripVTControlCharacters(node?.log ?? ''))), 'our own lines are there').toBe(true);
    expect(stripVTControlCharacters(ben.node?.log ?? '')).toContain('took the meeting over');
  });
});

function commandLines(machine: Machine): string[] {
  const pids = execFileSync('ip', ['netns', 'pids', machine.namespace], { encoding: 'utf8' }).split('\n').filter(Boolean);
  return pids.map((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
    } catch {
      // Ended meanwhile.
      return '';
    }
  });
}
