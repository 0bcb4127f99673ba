import { expect, test } from 'vitest';

import { tune, wishOf, type TunedSender, type Wish } from './apply.ts';

/** Guards the one thing that senders do not forgive: two calls at a time. What browsers do with the parameters is shown in e2e. */

const WISH: Wish = { active: true, scale: 2, framesPerSecond: 15, bitrate: 300_000, degradation: null };

/** Takes as long for each call as the test likes, and refuses calls that overlap, as browsers do. */
class SlowSender implements TunedSender {
  encodings: RTCRtpEncodingParameters[] = [{}];
  readonly done: RTCRtpEncodingParameters[] = [];
  thins = true;
  /** Calls that began before the one before them had ended, or by old parameters. A browser refuses them, and says so to nobody. */
  refused = 0;
  #transaction = 0;
  #waiting: (() => void)[] = [];

  getParameters(): RTCRtpSendParameters {
    this.#transaction += 1;
    return { transactionId: String(this.#transaction), encodings: this.encodings.map((encoding) => ({ ...encoding })), codecs: [], headerExtensions: [], rtcp: {} };
  }

  async setParameters({ transactionId, encodings }: RTCRtpSendParameters): Promise<void> {
    if (transactionId !== String(this.#transaction) || this.#waiting.length > 0) {
      this.refused += 1;
      throw new DOMException('', 'InvalidStateError');
    }
    const [encoding] = encodings;
    if (!this.thins && encoding?.maxFramerate !== undefined) throw new DOMException('', 'NotSupportedError');
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.encodings = encodings;
    if (encoding !== undefined) this.done.push(encoding);
  }

  async finish(): Promise<void> {
    for (const resolve of this.#waiting.splice(0)) resolve();
    for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
  }
}

test('of what is wished during a call only the newest is done', async () => {
  const sender = new SlowSender();
  void tune(sender, WISH);
  for (const bitrate of [1, 2, 3]) void tune(sender, { ...WISH, bitrate });
  for (let call = 0; call < 5; call += 1) await sender.finish();
  expect(sender.done.map(({ maxBitrate }) => maxBitrate)).toEqual([300_000, 3]);
  expect(sender.refused).toBe(0);
  expect(wishOf(sender)).toMatchObject({ bitrate: 3 });
});

test('the same wish again is no call', async () => {
  const sender = new SlowSender();
  void tune(sender, WISH);
  await sender.finish();
  void tune(sender, { ...WISH });
  await sender.finish();
  expect(sender.done).toEqual([{ active: true, scaleResolutionDownBy: 2, maxFramerate: 15, maxBitrate: 300_000 }]);
});

test('a sender that takes no frame rates gets the rest', async () => {
  const sender = new SlowSender();
  sender.thins = false;
  void tune(sender, { ...WISH, active: false });
  for (let call = 0; call < 3; call += 1) await sender.finish();
  expect(sender.done).toEqual([{ active: false, maxBitrate: 300_000 }]);
});

test('before there is an encoding nothing is called, and the wish can be repeated', async () => {
  const sender = new SlowSender();
  sender.encodings = [];
  await tune(sender, WISH);
  sender.encodings = [{}];
  void tune(sender, WISH);
  await sender.finish();
  expect(sender.done).toHaveLength(1);
});

test('as many frames as come is said by saying nothing', async () => {
  const sender = new SlowSender();
  void tune(sender, WISH);
  await sender.finish();
  void tune(sender, { ...WISH, framesPerSecond: null, scale: 1 });
  await sender.finish();
  expect(sender.done.at(-1)).toEqual({ active: true, scaleResolutionDownBy: 1, maxBitrate: 300_000 });
});
