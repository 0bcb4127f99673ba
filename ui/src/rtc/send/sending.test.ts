import { expect, test } from 'vitest';

import { ManualTime } from '../../shared/manual-time.ts';
import type { Outgoing } from '../slots.ts';
import { SOUND_BITRATE } from './allocate.ts';
import type { Rendition, Sent, Views } from './plan.ts';
import { Sending, type SharedCameraLike } from './sending.ts';

/** Guards that what others say is done, soon and not more often than it has to be, and that nothing is remembered of who is gone. */

interface FakeLink {
  connectionId: string;
  shares: boolean;
  /** What it was told, oldest first. */
  told: Sent[];
  /** And of its voice. */
  spared: boolean[];
}

const camera = { contentHint: '', getSettings: () => ({ width: 1280, height: 720, frameRate: 30 }) } as unknown as MediaStreamTrack;
const views = (height: number): Views => ({ camera: { height, framesPerSecond: height === 0 ? 0 : 30 }, screen: { height: 0, framesPerSecond: 0 } });

function stage(ids: string[], shared: SharedCameraLike | null = null): { sending: Sending; time: ManualTime; of: (id: string) => FakeLink; renew: (id: string) => void; gone: (id: string) => void } {
  const time = new ManualTime();
  const links = new Map(ids.map((id): [string, FakeLink] => [id, { connectionId: `${id}1`, shares: id !== 'c', told: [], spared: [] }]));
  const sending = new Sending({
    links: () =>
      new Map(
        [...links].map(([id, { connectionId, shares, told, spared }]) => [
          id,
          { connectionId, shares, setCameraSent: (sent: Sent) => told.push(sent), setSoundSpared: (on: boolean) => spared.push(on), sender: () => null },
        ]),
      ),
    outgoing: (): Outgoing => ({ microphone: null, camera, screen: null, 'screen-audio': null }),
    budget: () => ({ pixels: Infinity, uplink: Infinity, renditions: shared === null ? 0 : 2, face: { height: Infinity, framesPerSecond: 30 } }),
    shared,
    setTimer: time.setTimer,
    now: time.now,
  });
  const of = (id: string): FakeLink => {
    const link = links.get(id);
    if (link === undefined) throw new Error(`no link ${id}`);
    return link;
  };
  return {
    sending,
    time,
    of,
    renew: (id) => {
      const link = of(id);
      links.set(id, { ...link, connectionId: `${link.connectionId}1` });
    },
    gone: (id) => links.delete(id),
  };
}

test('what is shown is sent, and nothing to whoever shows nothing', async () => {
  const { sending, of, time } = stage(['a', 'b']);
  sending.heard('a', views(360));
  sending.heard('b', views(0));
  await time.advance(100);
  expect(of('a').told.at(-1)).toMatchObject({ is: 'own', height: 360, framesPerSecond: 30 });
  expect(of('b').told.at(-1)).toEqual({ is: 'nothing' });
});

test('whoever says that its way carries little is sent that little, voice and all, until it takes it back', async () => {
  const { sending, of, time } = stage(['a', 'b']);
  for (const id of ['a', 'b']) sending.heard(id, views(360));
  sending.limited('a', 85_000);
  await time.advance(100);
  const small = of('a').told.at(-1);
  expect(small?.is === 'own' ? small.bitrate : Infinity).toBeLessThanOrEqual(85_000 - SOUND_BITRATE);
  expect(of('a').spared.at(-1)).toBe(true);
  expect(of('b').told.at(-1)).toMatchObject({ height: 360 });
  expect(of('b').spared.at(-1)).toBe(false);
  sending.limited('a', null);
  await time.advance(100);
  // A better level has to fit for three seconds.
  await time.advance(3_000);
  sending.changed();
  await time.advance(100);
  expect(of('a').told.at(-1)).toMatchObject({ height: 360 });
  expect(of('a').spared.at(-1)).toBe(false);
});

test('the least that a narrow way is asked for brings a face back', async () => {
  const { sending, of, time } = stage(['a']);
  sending.heard('a', views(360));
  sending.limited('a', SOUND_BITRATE);
  await time.advance(200);
  expect(of('a').told.at(-1)).toEqual({ is: 'nothing' });
  sending.limited('a', SOUND_BITRATE + 25_000);
  await time.advance(200);
  // A better level has to fit for three seconds.
  await time.advance(3_000);
  sending.changed();
  await time.advance(200);
  expect(of('a').told.at(-1)).toMatchObject({ is: 'own', height: 120 });
});

test('somebody who changes its mind a thousand times costs ten decisions a second', async () => {
  const { sending, of, time } = stage(['a']);
  for (let time100 = 0; time100 < 1_000; time100 += 1) {
    sending.heard('a', views(time100 % 2 === 0 ? 360 : 180));
    await time.advance(1);
  }
  await time.advance(200);
  expect(of('a').told.length).toBeLessThanOrEqual(12);
  expect(of('a').told.at(-1)).toMatchObject({ height: 180 });
});

test('a link that is there at once is decided for at once, like the others until it says what it shows', async () => {
  const { sending, of, time, renew } = stage(['a', 'b', 'c']);
  for (const id of ['a', 'b']) sending.heard(id, views(360));
  await time.advance(100);
  renew('c');
  sending.changedNow();
  expect(of('c').told.at(-1)).toMatchObject({ height: 360 });
  await time.advance(2_000);
  sending.changedNow();
  expect(of('c').told.at(-1)).toMatchObject({ height: 720 });
});

test('a connection that was made anew is sent everything until it says, and who is gone is forgotten', async () => {
  const { sending, time, renew, gone } = stage(['a']);
  sending.heard('a', views(0));
  await time.advance(100);
  expect(sending.plan.camera.get('a')).toEqual({ is: 'nothing' });
  renew('a');
  sending.changed();
  await time.advance(100);
  expect(sending.plan.camera.get('a')).toMatchObject({ is: 'own', height: 720 });
  gone('a');
  sending.heard('a', views(90));
  sending.changed();
  await time.advance(100);
  expect(sending.plan.camera.size).toBe(0);
});

test('a slow way is given less, from its statistics', async () => {
  const { sending, of, time } = stage(['a', 'b']);
  sending.heard('a', views(720));
  sending.heard('b', views(720));
  for (let second = 0; second < 6; second += 1) {
    const report = (estimate: number, limited: number): [string, object][] => [
      ['pair', { type: 'candidate-pair', nominated: true, state: 'succeeded', availableOutgoingBitrate: estimate }],
      ['out', { type: 'outbound-rtp', kind: 'video', mid: '1', packetsSent: second * 100, totalPacketSendDelay: 0, qualityLimitationDurations: { bandwidth: limited } }],
    ];
    sending.read('a', report(250_000, second), new Map([['1', 'camera']]), second * 1_000);
    sending.read('b', report(5_000_000, 0), new Map([['1', 'camera']]), second * 1_000);
    await time.advance(1_000);
  }
  const slow = sending.plan.camera.get('a');
  expect(slow).toMatchObject({ is: 'own', height: 270 });
  expect(slow?.is === 'own' && slow.bitrate + SOUND_BITRATE <= 250_000).toBe(true);
  expect(sending.plan.camera.get('b')).toMatchObject({ is: 'own', height: 720, framesPerSecond: 30 });
  expect(['a', 'b'].map((id) => of(id).spared.at(-1))).toEqual([true, false]);
});

test('a computer that is slow for most links is no slow way', async () => {
  const { sending, time } = stage(['a', 'b', 'd', 'e']);
  for (let second = 0; second < 6; second += 1) {
    for (const id of ['a', 'b', 'd', 'e']) {
      sending.heard(id, views(720));
      const report: [string, object][] = [
        ['pair', { type: 'candidate-pair', nominated: true, state: 'succeeded', availableOutgoingBitrate: 250_000 }],
        ['out', { type: 'outbound-rtp', kind: 'video', mid: '1', packetsSent: second * 100, totalPacketSendDelay: second * 100 }],
      ];
      sending.read(id, report, new Map([['1', 'camera']]), second * 1_000);
    }
    await time.advance(1_000);
  }
  expect([...sending.plan.camera.values()].map((sent) => (sent.is === 'own' ? sent.height : 0))).toEqual([720, 720, 720, 720]);
});

test('one encoder is told its sizes and whom it serves, also who is taken from it', async () => {
  const sizes: (readonly Rendition[])[] = [];
  const { sending, time, of } = stage(['a', 'b', 'c'], { setRenditions: (renditions) => sizes.push(renditions) });
  for (const id of ['a', 'b', 'c']) sending.heard(id, views(360));
  await time.advance(100);
  expect(sizes.at(-1)).toMatchObject([{ id: 'large', height: 360, framesPerSecond: 30 }]);
  expect(['a', 'b', 'c'].map((id) => of(id).told.at(-1)?.is)).toEqual(['shared', 'shared', 'own']);
  sending.heard('b', views(0));
  await time.advance(100);
  expect(sizes.at(-1)).toEqual([]);
  expect(of('b').told.at(-1)).toEqual({ is: 'nothing' });
});

test('after the end nothing waits', async () => {
  const { sending, time } = stage(['a']);
  sending.heard('a', views(90));
  sending.heard('a', views(180));
  sending.close();
  await time.advance(1_000);
  expect(time.pending).toBe(0);
});
