import { createServer, request, type IncomingHttpHeaders } from 'node:http';
import { request as secureRequest } from 'node:https';
import { readdirSync, readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';

import type { Page } from '@playwright/test';

import { expect, test } from './lab/lab.ts';

// Guards: the node of a person does what that person's own page asks, and nothing that any other page or program asks.

/** Tries to drive the node from a page. True if the node took it. */
function drives(page: Page, address: string, protocols: string[]): Promise<boolean> {
  return page.evaluate(
    ([url, wanted]) =>
      new Promise<boolean>((resolve) => {
        const socket = new WebSocket(url, wanted);
        socket.onopen = () => {
          resolve(true);
          socket.close();
        };
        socket.onclose = () => {
          resolve(false);
        };
      }),
    [address, protocols] as [string, string[]],
  );
}

function tokenOf(localUrl: string): string {
  const token = new URLSearchParams(new URL(localUrl).hash.slice(1)).get('token');
  if (token === null) throw new Error('a local URL without a token');
  return token;
}

/** A page at another origin, on the same machine. */
async function foreignOrigin(): Promise<{ url: string; close: () => void }> {
  const server = createServer((_, response) => response.setHeader('content-type', 'text/html').end('<title>elsewhere</title>'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${String(port)}/`, close: () => server.close() };
}

function statusOf(url: string, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    // A server that answers 101 has let us in.
    asked.on('upgrade', (response, socket) => {
      socket.destroy();
      resolve(response.statusCode ?? 101);
    });
    asked.on('error', reject);
    asked.end();
  });
}

test('a page of another origin drives no node, even if it knows the token; the own page does', async ({ lab }) => {
  const { line } = await lab.ui(null);
  const { host, origin } = new URL(line.localUrl);
  const protocols = ['landline.node.v1', `token.${tokenOf(line.localUrl)}`];
  const browser = await lab.browser(null);

  const elsewhere = await foreignOrigin();
  const foreign = await browser.newPage();
  await foreign.goto(elsewhere.url);
  expect(await drives(foreign, `ws://${host}/node`, protocols)).toBe(false);
  expect(await drives(foreign, `ws://${host}/ws`, [])).toBe(false);
  const readable = await foreign.evaluate((url) => fetch(url).then(() => true, () => false), `${origin}/api/meeting`);
  expect(readable, 'nor does it read what the node says').toBe(false);
  elsewhere.close();

  const own = await browser.newPage();
  await own.goto(`${origin}/`);
  expect(await drives(own, `ws://${host}/node`, protocols)).toBe(true);
});

test('the own page drives no node with a wrong token, or none', async ({ lab }) => {
  const { line } = await lab.ui(null);
  const { host, origin } = new URL(line.localUrl);
  const token = tokenOf(line.localUrl);
  const page = await (await lab.browser(null)).newPage();
  await page.goto(`${origin}/`);
  for (const protocols of [
    [],
    ['landline.node.v1'],
    ['landline.node.v1', `token.${token.slice(0, -1)}`],
    ['landline.node.v1', `token.${token}0`],
    ['landline.node.v1', `ticket.${token}`],
  ]) {
    expect(await drives(page, `ws://${host}/node`, protocols), protocols.join()).toBe(false);
  }
});

test('a foreign name in Host is refused on every route, as when a name is made to point here', async ({ lab }) => {
  const { line } = await lab.host(null);
  const { origin, host } = new URL(line.localUrl);
  const upgrade = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': Buffer.from('0123456789abcdef').toString('base64'),
    'sec-websocket-protocol': `landline.node.v1, token.${tokenOf(line.localUrl)}`,
  };
  for (const [path, headers] of [
    ['/', {}],
    ['/index.html', {}],
    ['/api/meeting', {}],
    ['/api/stream', {}],
    ['/ws', upgrade],
    ['/node', upgrade],
  ] as const) {
    const status = await statusOf(`${origin}${path}`, { ...headers, host: 'meetings.example.com' });
    expect(status, `${path} under a foreign name`).toBeGreaterThanOrEqual(400);
    expect(status, `${path} under a foreign name`).toBeLessThan(500);
  }
  expect(await statusOf(`${origin}/`, { host }), 'under its own').toBe(200);
  expect(await statusOf(`${origin}/node`, { ...upgrade, host, origin }), 'under its own').toBe(101);
});

test('the token leaves the address bar and is in no request, cookie or command line', async ({ lab }) => {
  const { line } = await lab.ui(null);
  const token = tokenOf(line.localUrl);
  const page = await (await lab.browser(null)).newPage();
  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.url(), JSON.stringify(request.headers())));
  await page.goto(line.localUrl);
  await expect(page.getByTestId('host-button')).toBeVisible();

  expect(page.url()).not.toContain(token);
  expect(await page.evaluate(() => location.href + document.cookie)).not.toContain(token);
  expect(asked.length).toBeGreaterThan(0);
  // A WebSocket's subprotocol is a header, and the one place for it; it is no page request.
  for (const text of asked.filter((text) => !text.includes('sec-websocket-protocol'))) expect(text).not.toContain(token);

  test.skip(process.platform !== 'linux', 'command lines are read from /proc');
  const lines = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      } catch {
        return '';
      }
    });
  expect(lines.some((line) => line.includes('landline-node')), 'command lines can be read').toBe(true);
  expect(lines.filter((line) => line.includes(token))).toEqual([]);
});

test('pages come with a policy that lets them run and reach nothing but their own', async ({ lab }) => {
  const { line } = await lab.ui(null);
  const page = await (await lab.browser(null)).newPage();
  const response = await page.goto(line.localUrl);
  const headers = response?.headers() ?? {};
  const policy = headers['content-security-policy'] ?? '';
  expect(policy).toMatch(/default-src 'none'|default-src 'self'/);
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).not.toContain('unsafe-eval');
  const scripts = /script-src ([^;]*)/.exec(policy)?.[1] ?? /default-src ([^;]*)/.exec(policy)?.[1];
  expect(scripts).not.toContain('unsafe-inline');
  expect(headers['x-content-type-options']).toBe('nosniff');
  expect(headers['referrer-policy']).toBe('no-referrer');

  const elsewhere = await foreignOrigin();
  const violation = await page.evaluate(
    (url) =>
      new Promise<string>((resolve) => {
        document.addEventListener('securitypolicyviolation', (event) => {
          resolve(event.effectiveDirective);
        });
        fetch(url, { mode: 'no-cors' }).then(() => { resolve('reached'); }, () => undefined);
      }),
    elsewhere.url,
  );
  elsewhere.close();
  expect(violation).toBe('connect-src');
});

test('whatever a guest asks the host for, the answer keeps others out: pages, files, what is not there, and the interface', async ({ lab }) => {
  const { line } = await lab.host(null, { title: 'Headers' });
  const browser = await lab.browser(null);
  const page = await browser.newPage();
  const files: string[] = [];
  page.on('request', (request) => files.push(new URL(request.url()).pathname));
  const response = await page.goto(line.guestUrl);
  await expect(page.getByTestId('join-button')).toBeVisible();
  const shown = response?.headers() ?? {};
  const { host, origin } = new URL(line.guestUrl);
  const file = files.find((path) => path.startsWith('/assets/') && path.endsWith('.js')) ?? '';

  for (const [path, status, cache] of [
    ['/', 200, 'no-cache'],
    ['/index.html', 200, 'no-cache'],
    [file, 200, 'public, max-age=31536000, immutable'],
    ['/api/meeting', 200, 'no-store'],
    ['/api/nothing', 404, 'no-store'],
    ['/nothing', 404, 'no-store'],
    ['/assets/nothing.js', 404, 'no-store'],
    // Neither without a WebSocket, nor what only the own machine has.
    ['/ws', 400, 'no-store'],
    ['/peer', 400, 'no-store'],
    ['/node', 404, 'no-store'],
  ] as const) {
    const { status: answered, headers } = await answerOf(`${origin}${path}`);
    expect(answered, path).toBe(status);
    expect(headers['cache-control'], path).toBe(cache);
    const policy = directives(headers['content-security-policy']);
    expect(Object.fromEntries(policy), path).toEqual({
      'default-src': "'none'",
      'script-src': "'self'",
      'style-src': "'self'",
      'img-src': "'self' data: blob:",
      'font-src': "'self'",
      'connect-src': `'self' wss://${host}`,
      'media-src': "'self' blob: mediastream:",
      'worker-src': "'self' blob:",
      'manifest-src': "'self'",
      'frame-ancestors': "'none'",
      'base-uri': "'none'",
      'form-action': "'none'",
    });
    expect(headers, path).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
    });
    const permissions = (headers['permissions-policy'] ?? '').toString();
    for (const own of ['camera', 'microphone', 'display-capture']) expect(permissions, path).toContain(`${own}=(self)`);
    for (const none of ['geolocation', 'payment', 'usb']) expect(permissions, path).toContain(`${none}=()`);
    expect(permissions, path).not.toContain('*');
    expect(headers, path).not.toHaveProperty('access-control-allow-origin');
    expect(headers, path).not.toHaveProperty('set-cookie');
    expect(headers, path).not.toHaveProperty('server');
  }
  // The page is the one that was asked for.
  expect(shown['content-security-policy']).toBe((await answerOf(`${origin}/`)).headers['content-security-policy']);
  expect(browser.errors, 'and the page runs under it').toEqual([]);

  // Nobody shows it in a frame.
  const elsewhere = await foreignOrigin();
  const framing = await browser.newPage();
  await framing.goto(elsewhere.url);
  await framing.evaluate((url) => {
    const frame = document.createElement('iframe');
    frame.src = url;
    document.body.append(frame);
  }, line.guestUrl);
  await expect.poll(() => browser.errors.filter((error) => error.includes('frame-ancestors')).length).toBe(1);
  elsewhere.close();
});

function directives(policy: string | string[] | undefined): Map<string, string> {
  return new Map(
    String(policy)
      .split(';')
      .map((part) => part.trim())
      .map((part): [string, string] => [part.split(' ')[0] ?? '', part.split(' ').slice(1).join(' ')]),
  );
}

/** What the host answers, to a program that takes any certificate. */
function answerOf(url: string): Promise<{ status: number; headers: IncomingHttpHeaders }> {
  return new Promise((resolve, reject) => {
    const asked = secureRequest(url, { rejectUnauthorized: false, agent: false }, (response) => {
      response.resume();
      resolve({ status: response.statusCode ?? 0, headers: response.headers });
    });
    asked.on('error', reject);
    asked.end();
  });
}
