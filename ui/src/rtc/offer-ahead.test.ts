import { beforeEach, expect, test, vi } from 'vitest';

import { ManualTime } from '../shared/manual-time.ts';
import { OfferAhead, type OfferAheadParts } from './offer-ahead.ts';

/** Guards that an offer which was made ahead is given to one alone, that no old one is given out, and that none is left behind. */

const { made } = vi.hoisted(() => ({ made: [] as { options: { onbroken: () => void; peerId: string }; offered: boolean; closed: boolean }[] }));

vi.mock('./connection.ts', () => ({
  Connection: class {
    readonly note: (typeof made)[0];
    constructor(options: (typeof made)[0]['options']) {
      this.note = { options, offered: false, closed: false };
      made.push(this.note);
    }
    offerAhead(): void {
      this.note.offered = true;
    }
    close(): void {
      this.note.closed = true;
    }
  },
}));

const QUIET_MS = 1_500;

function scene(): { ahead: OfferAhead; time: ManualTime; allow: (allowed: boolean) => void } {
  let allowed = true;
  const time = new ManualTime();
  const options = { iceServers: [], shared: null, certificates: [], links: () => 1, efficient: () => new Set<string>(), outgoing: { microphone: null, camera: null, screen: null, 'screen-audio': null } };
  const parts: OfferAheadParts = { options: () => (allowed ? options : null), setTimer: time.setTimer };
  return { ahead: new OfferAhead(parts), time, allow: (now) => (allowed = now) };
}

beforeEach(() => {
  made.length = 0;
});

test('one is made when it has been quiet, and given out once', async () => {
  const { ahead, time } = scene();
  ahead.renew();
  expect(ahead.take()).toBeNull();
  await time.advance(QUIET_MS);
  expect(made).toMatchObject([{ offered: true, closed: false }]);
  expect(ahead.take()).not.toBeNull();
  expect(ahead.take()).toBeNull();
  expect(made[0]?.closed).toBe(false);
});

test('the next one follows', async () => {
  const { ahead, time } = scene();
  ahead.renew();
  await time.advance(QUIET_MS);
  ahead.take();
  await time.advance(QUIET_MS);
  expect(made).toHaveLength(2);
  expect(ahead.take()).toMatchObject({ note: made[1] });
});

test('an old one is closed, and another is made only when nothing changes any more', async () => {
  const { ahead, time } = scene();
  ahead.renew();
  await time.advance(QUIET_MS);
  for (let change = 0; change < 5; change += 1) {
    ahead.renew();
    await time.advance(QUIET_MS - 1);
  }
  expect(made).toMatchObject([{ closed: true }]);
  expect(ahead.take()).toBeNull();
});

test('one that cannot be made is not given out', async () => {
  const { ahead, time } = scene();
  ahead.renew();
  await time.advance(QUIET_MS);
  made[0]?.options.onbroken();
  expect(made[0]?.closed).toBe(true);
  expect(ahead.take()).toBeNull();
});

test('none is made where none may be, and none is left at the end', async () => {
  const { ahead, time, allow } = scene();
  allow(false);
  ahead.renew();
  expect(time.pending).toBe(0);
  allow(true);
  ahead.renew();
  allow(false);
  await time.advance(QUIET_MS);
  expect(made).toHaveLength(0);
  allow(true);
  ahead.renew();
  await time.advance(QUIET_MS);
  ahead.close();
  expect(made).toMatchObject([{ closed: true }]);
  expect(time.pending).toBe(0);
});
