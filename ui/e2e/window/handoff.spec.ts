import { expect, needsNamespaces, test } from '../lab/lab.ts';
import { byTestId, RoomDriver } from '../lab/room-driver.ts';
import { Desktop, NO_CALLS } from './desktop.ts';

// Guards: a webview that cannot carry calls, also not with our engine. Here GStreamer has no VP8: the plugins that WebKit encodes
// and decodes with are packages of their own.

needsNamespaces();

test('a window that is told to leave calls alone leads to the default browser', async ({ lab }) => {
  const host = await lab.host(lab.machine('ben'), { title: 'Planning' });
  const desktop = await Desktop.start(lab.machine('anna'), NO_CALLS);
  lab.keep({ describe: () => `== window\n${desktop.log}`, close: () => desktop.close() });
  const anna = new RoomDriver('Anna', await desktop.launch());
  await anna.chooseFromList(host.line.meetingId);
  await anna.shows('handoff');
  await anna.click('open-in-browser-button');
  await expect.poll(() => desktop.openedUrls()).toHaveLength(1);
});

test('a window without VP8 says what is missing, and leads to the default browser', async ({ lab }) => {
  const host = await lab.host(lab.machine('ben'), { title: 'Planning' });
  const desktop = await Desktop.start(lab.machine('anna'), {
    GST_PLUGIN_FEATURE_RANK: 'vp8enc:NONE,vp8dec:NONE,avdec_vp8:NONE,vp8alphadecodebin:NONE,vavp8dec:NONE,vaapivp8dec:NONE',
  });
  lab.keep({ describe: () => `== window\n${desktop.log}`, close: () => desktop.close() });
  const driver = await desktop.launch();
  const anna = new RoomDriver('Anna', driver);
  await anna.chooseFromList(host.line.meetingId);
  await anna.shows('handoff');
  expect((await driver.texts(byTestId('handoff')))[0]).toContain('VP8');
  expect(await anna.count('join-button')).toBe(0);
  await desktop.keepPicture(driver, 'handoff');

  await anna.click('open-in-browser-button');
  await expect.poll(() => desktop.openedUrls()).toHaveLength(1);
  const fragment = new URLSearchParams(new URL(desktop.openedUrls()[0] ?? '').hash.slice(1));
  expect([...fragment.keys()].sort()).toEqual(['m', 'ticket']);
  expect(fragment.get('m')).toBe(host.line.meetingId);

  // Hosting leads there too.
  await anna.click('home-button');
  await anna.shows('host-button');
  await anna.click('host-button');
  await anna.shows('handoff');
  await desktop.keepPicture(driver, 'handoff-own');
});
