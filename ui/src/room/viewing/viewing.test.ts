import { beforeEach, expect, test, vi } from 'vitest';

import type { Envelope } from '../../rtc/line/envelope.ts';
import type { MeshPeer } from '../../rtc/member.ts';
import { ManualTime } from '../../shared/manual-time.ts';
import { writable } from '../../shared/store.ts';
import type { Load } from './governor.ts';
import { Viewing } from './viewing.ts';
import type { SourceSample } from '../../rtc/stats.ts';

/** Guards that everybody knows what we show of them: when it changes, when a line is new, and not one time more. */

beforeEach(() => {
  vi.spyOn(console, 'info').mockReturnValue();
});

const BUSY: Load = { encoding: 1, encoderBusy: 1, limitedByCpu: true, lateFrames: 0.5, frozenLinks: 0, links: 3, lagMs: 900, pressure: null };

function stage(ids: string[], pictures = 32, pixels = Infinity): { viewing: Viewing; said: [string, number, number][]; limits: [string, number | null][]; lines: Set<string>; visible: ReturnType<typeof writable<boolean>>; time: ManualTime; changes: () => number } {
  const time = new ManualTime();
  const lines = new Set(ids);
  const visible = writable(true);
  const said: [string, number, number][] = [];
  const limits: [string, number | null][] = [];
  let changed = 0;
  const peers = ids.map((id) => ({ id, gone: false, media: { camera: true, microphone: true, screen: false }, incoming: {} }) as unknown as MeshPeer);
  const viewing = new Viewing({
    peers: writable<readonly MeshPeer[]>(peers),
    lineTo: (id) =>
      lines.has(id)
        ? {
            send: (envelope: Envelope) => {
              if (envelope.is === 'views') said.push([id, envelope.camera.height, envelope.screen.height]);
              if (envelope.is === 'limit') limits.push([id, envelope.bitrate]);
              return true;
            },
          }
        : null,
    most: { pictures, pixels },
    visible,
    encoded: () => 0,
    setTimer: time.setTimer,
    now: time.now,
    onchange: () => (changed += 1),
  });
  return { viewing, said, limits, lines, visible, time, changes: () => changed };
}

test('a tile that comes is asked for at once, the same size never again', () => {
  const { viewing, said } = stage(['a']);
  expect(said.splice(0)).toEqual([['a', 0, 0]]);
  viewing.setShown('a', 'camera', 300);
  viewing.setShown('a', 'camera', 310);
  viewing.setShown('a', 'screen', 700);
  expect(said).toEqual([['a', 360, 0], ['a', 360, 720]]);
});

test('another size is told once it stands still', async () => {
  const { viewing, said, time } = stage(['a']);
  viewing.setShown('a', 'camera', 100);
  said.length = 0;
  for (const pixels of [200, 300, 400, 500]) viewing.setShown('a', 'camera', pixels);
  expect(said).toEqual([]);
  await time.advance(150);
  expect(said).toEqual([['a', 540, 0]]);
  expect(time.pending).toBe(0);
});

test('a new line is told everything, and one that is not there is not taken for told', () => {
  const { viewing, said, lines } = stage(['a']);
  lines.clear();
  viewing.setShown('a', 'camera', 300);
  said.length = 0;
  lines.add('a');
  viewing.heard('a', { is: 'ready' });
  viewing.heard('a', { is: 'ready' });
  expect(said).toEqual([['a', 360, 0], ['a', 360, 0]]);
});

test('a page that nobody sees shows nothing, at once, and the same as before when somebody looks again', () => {
  const { viewing, said, visible } = stage(['a', 'b']);
  viewing.setShown('a', 'camera', 300);
  said.length = 0;
  visible.set(false);
  expect(said).toEqual([['a', 0, 0]]);
  visible.set(true);
  expect(said).toEqual([['a', 0, 0], ['a', 360, 0]]);
});

test('of more people than are shown those who spoke last are, with a word to the person', () => {
  const { viewing, said } = stage(['a', 'b', 'c'], 2);
  for (const id of ['a', 'b', 'c']) viewing.setShown(id, 'camera', 300);
  expect(viewing.spared).toEqual({ why: 'many', pictures: 2 });
  expect([...viewing.leftOut]).toEqual(['c']);
  said.length = 0;
  viewing.speaks('c', true);
  expect(viewing.leftOut.has('c')).toBe(false);
  expect(said).toContainEqual(['c', 360, 0]);
  expect(said.filter(([, height]) => height === 0)).toHaveLength(1);
});

test('a computer that does not keep up asks for less, says so when faces are left out, and the person may see all the same', async () => {
  const { viewing, said, time, changes } = stage(Array.from({ length: 8 }, (_, index) => String(index)));
  for (let id = 0; id < 8; id += 1) viewing.setShown(String(id), 'camera', 700);
  const before = changes();
  for (let second = 0; second < 60 && viewing.spared === null; second += 1) {
    await time.advance(1_000);
    viewing.watch(BUSY);
  }
  expect(viewing.spared).toEqual({ why: 'busy', pictures: 6 });
  expect(changes()).toBeGreaterThan(before);
  expect(said.at(-1)?.[1]).toBeLessThanOrEqual(240);
  viewing.showAll(true);
  expect(viewing.spared).toBeNull();
  expect(viewing.leftOut.size).toBe(0);
});

/** Seconds in which so much came of each, and this share of it was lost. */
function arrive(viewing: Viewing, ids: string[], seconds: number, bitrate: number, lost: number): void {
  for (let second = 0; second < seconds; second += 1) {
    came += 50;
    missed += 50 * lost;
    const camera: SourceSample = { ssrc: 1, packets: came, packetsLost: missed, bitrate, frames: 0, sendDelaySeconds: 0, width: 0, height: 0 };
    viewing.arrived(new Map(ids.map((id) => [id, { incoming: { camera } }])));
  }
}

let came = 0;
let missed = 0;

test('where the way in is narrow everybody is asked for less at once, the person is told, and it ends', () => {
  const { viewing, limits, changes } = stage(['a', 'b', 'c']);
  for (const id of ['a', 'b', 'c']) viewing.setShown(id, 'camera', 300);
  arrive(viewing, ['a', 'b', 'c'], 5, 1_000_000, 0);
  expect([limits, viewing.spared]).toEqual([[], null]);
  const before = changes();
  arrive(viewing, ['a', 'b', 'c'], 2, 100_000, 0.5);
  expect(limits.splice(0)).toEqual([['a', 85_000], ['b', 85_000], ['c', 85_000]]);
  expect(viewing.spared).toEqual({ why: 'narrow', pictures: Infinity });
  expect(changes()).toBeGreaterThan(before);
  viewing.heard('b', { is: 'ready' });
  expect(limits.splice(0)).toEqual([['b', 85_000]]);
  arrive(viewing, ['a', 'b', 'c'], 60, 80_000, 0);
  expect(limits.slice(-3)).toEqual([['a', null], ['b', null], ['c', null]]);
  expect(viewing.spared).toBeNull();
});

test('where not all faces fit on a narrow way, who spoke last is shown', () => {
  const ids = Array.from({ length: 6 }, (_, index) => String(index));
  const { viewing } = stage(ids);
  for (const id of ids) viewing.setShown(id, 'camera', 300);
  viewing.speaks('4', true);
  arrive(viewing, ids, 3, 50_000, 0.5);
  expect(viewing.spared).toEqual({ why: 'narrow', pictures: 1 });
  expect(viewing.leftOut.has('4')).toBe(false);
  viewing.showAll(true);
  expect(viewing.leftOut.size).toBe(0);
});

test('while nobody looks the load of the page says nothing', async () => {
  const { viewing, visible, changes, time } = stage(['a']);
  viewing.setShown('a', 'camera', 700);
  visible.set(false);
  const before = changes();
  for (let second = 0; second < 20; second += 1) {
    await time.advance(1_000);
    viewing.watch(BUSY);
  }
  expect(changes()).toBe(before);
  expect(viewing.level.framesPerSecond).toBe(30);
  expect(viewing.level.thinOwn).toBe(false);
});

test('after the end nothing is said and nothing waits', async () => {
  const { viewing, said, time, visible } = stage(['a']);
  viewing.setShown('a', 'camera', 300);
  viewing.setShown('a', 'camera', 700);
  said.length = 0;
  viewing.close();
  visible.set(false);
  viewing.setShown('a', 'camera', 100);
  await time.advance(10_000);
  expect(said).toEqual([]);
  expect(time.pending).toBe(0);
});

test('a face that came because somebody spoke stays for three seconds, though another speaks', async () => {
  const { viewing, time } = stage(['a', 'b'], 1);
  for (const id of ['a', 'b']) viewing.setShown(id, 'camera', 300);
  expect([...viewing.leftOut]).toEqual(['b']);
  viewing.speaks('b', true);
  expect([...viewing.leftOut]).toEqual(['a']);
  expect(viewing.isSteady('b')).toBe(false);
  viewing.speaks('b', false);
  viewing.speaks('a', true);
  expect([...viewing.leftOut]).toEqual(['a']);
  await time.advance(3_000);
  expect([...viewing.leftOut]).toEqual(['b']);
  await time.advance(3_000);
  expect(viewing.isSteady('a')).toBe(true);
});

test('whoever speaks becomes the active speaker after a moment, by itself, and the page is told', async () => {
  const { viewing, time, changes } = stage(['a', 'b', 'c']);
  for (const id of ['a', 'b', 'c']) viewing.setShown(id, 'camera', 300);
  expect(viewing.activeSpeaker).toBe('a');
  const before = changes();
  viewing.speaks('c', true);
  expect(viewing.activeSpeaker).toBe('a');
  await time.advance(699);
  expect(changes()).toBe(before);
  await time.advance(1);
  expect(viewing.activeSpeaker).toBe('c');
  expect(changes()).toBe(before + 1);
});

test('whoever spoke last keeps the size that others give for want of time to decode', async () => {
  const { viewing, time, said } = stage(['a', 'b', 'c', 'd'], 32, 12_000_000);
  for (const id of ['a', 'b', 'c', 'd']) viewing.setShown(id, 'camera', 360);
  viewing.speaks('b', true);
  await time.advance(1_000);
  viewing.speaks('b', false);
  await time.advance(10_000);
  const last = new Map(said.map(([id, camera]) => [id, camera]));
  expect(last.get('b')).toBe(360);
  expect(last.get('a')).toBeLessThan(360);
});
