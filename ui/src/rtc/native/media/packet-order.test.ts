import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { PacketOrder, type Ordered, type Packet } from './packet-order.ts';

/** 20 ms of Opus, whatever is in it. */
const PAYLOAD = Uint8Array.of(15 << 3);
const TARGET = 60;

const packet = (index: number, arrived: number, start = 0): Packet => ({
  timestamp: (start + index * 960) >>> 0,
  payload: PAYLOAD,
  arrived,
});

const indices = (ordered: readonly Ordered[], start = 0): (number | string)[] =>
  ordered.map((each) => {
    const index = ((each.packet.timestamp - start) | 0) / 960;
    return each.is === 'late' ? `late ${index}` : index;
  });

describe('packets for the decoder', () => {
  it('go through at once when they come in order', () => {
    const order = new PacketOrder();
    for (let index = 0; index < 5; index += 1) {
      expect(indices(order.push(packet(index, index * 20), false, TARGET, index * 20))).toEqual([index]);
    }
    expect(order.wakeAt(TARGET)).toBeNull();
  });

  it('wait for one that was overtaken', () => {
    const order = new PacketOrder();
    order.push(packet(0, 0), false, TARGET, 0);
    expect(order.push(packet(2, 40), false, TARGET, 40)).toEqual([]);
    expect(indices(order.push(packet(1, 45), false, TARGET, 45))).toEqual([1, 2]);
  });

  it('are not kept longer than what is missing could be played', () => {
    const order = new PacketOrder();
    order.push(packet(0, 0), false, TARGET, 0);
    order.push(packet(2, 40), false, TARGET, 40);
    const wake = order.wakeAt(TARGET) ?? 0;
    // Packet 1 would be played 60 ms after its fastest arrival, 20 + 60, less the way to the loudspeaker.
    expect(wake).toBe(68);
    expect(order.take(TARGET, wake - 1)).toEqual([]);
    expect(order.take(TARGET, wake)).toMatchObject([{ is: 'next', held: 28 }]);
    expect(indices(order.push(packet(1, 70), false, TARGET, 70))).toEqual(['late 1']);
  });

  it('do not wait where the engine knows that nothing comes', () => {
    const order = new PacketOrder();
    order.push(packet(0, 0), false, TARGET, 0);
    expect(indices(order.push(packet(2, 40), true, TARGET, 40))).toEqual([2]);
  });

  it('that come twice are told as late', () => {
    const order = new PacketOrder();
    order.push(packet(0, 0), false, TARGET, 0);
    expect(indices(order.push(packet(0, 1), false, TARGET, 1))).toEqual(['late 0']);
  });

  it('of a sender that pauses or begins anew do not wait for the pause to be filled', () => {
    const order = new PacketOrder();
    order.push(packet(0, 0), false, TARGET, 0);
    expect(indices(order.push(packet(50, 1_000), false, TARGET, 1_000))).toEqual([50]);
    expect(indices(order.push(packet(-90_000, 1_020), false, TARGET, 1_020))).toEqual([-90_000]);
    expect(indices(order.push(packet(-89_999, 1_040), false, TARGET, 1_040))).toEqual([-89_999]);
  });

  it('are each told once, those to decode in order, whatever the network does and wherever the timestamps wrap', () => {
    const arrivals = fc.array(fc.record({ delay: fc.integer({ min: 0, max: 200 }), lost: fc.boolean() }), {
      minLength: 1,
      maxLength: 80,
    });
    fc.assert(
      fc.property(arrivals, fc.nat(0xffffffff), fc.integer({ min: 20, max: 120 }), (sent, start, target) => {
        const order = new PacketOrder();
        const coming = sent
          .map(({ delay, lost }, index) => ({ index, lost, at: index * 20 + delay }))
          .filter(({ lost, index }) => !lost || index === 0)
          .sort((a, b) => a.at - b.at);
        const told: Ordered[] = [];
        for (const { index, at } of coming) told.push(...order.push(packet(index, at, start), false, target, at));
        told.push(...order.take(target, Number.MAX_SAFE_INTEGER));
        expect(told).toHaveLength(coming.length);
        const decoded = told.filter(({ is }) => is === 'next').map((each) => (each.packet.timestamp - start) | 0);
        expect(decoded).toEqual([...decoded].sort((a, b) => a - b));
      }),
    );
  });
});
