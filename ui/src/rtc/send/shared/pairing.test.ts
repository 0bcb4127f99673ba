import fc from 'fast-check';
import { expect, test } from 'vitest';

import { ANSWERED, MAX_CARRIERS, MAX_PAYLOADS, Pairing, STANDING, type Pair } from './pairing.ts';

// Guards: a receiver never gets a picture that refers to one that it never got; that freezes it until it asks.

interface Payload {
  readonly key: boolean;
  readonly data: ArrayBuffer;
}

function payload(number: number, key = false): Payload {
  return { key, data: new Uint8Array([number]).buffer };
}

function numbers(pairs: Pair<number, Payload>[]): [carrier: number, payload: number | undefined][] {
  return pairs.map(({ carrier, payload: { data } }) => [carrier, new Uint8Array(data)[0]]);
}

test('nothing goes out before a key frame, which goes into its own carrier', () => {
  const pairing = new Pairing<number, Payload>();
  expect(pairing.payload(payload(1))).toEqual([]);
  expect(pairing.carrier(1, true)).toEqual([]);
  expect(pairing.wantsKey).toBe(true);
  expect(pairing.waiting).toBe(0);
  expect(pairing.payload(payload(2, true))).toEqual([]);
  expect(pairing.wantsKey).toBe(false);
  expect(numbers(pairing.carrier(2, false))).toEqual([[2, 2]]);
});

test('one payload, one carrier, whichever comes first', () => {
  const pairing = flowing();
  expect(pairing.payload(payload(2))).toEqual([]);
  expect(numbers(pairing.carrier(2, false))).toEqual([[2, 2]]);
  expect(pairing.carrier(3, false)).toEqual([]);
  expect(numbers(pairing.payload(payload(3)))).toEqual([[3, 3]]);
});

test('a key frame that nobody needs changes nothing of the order', () => {
  const pairing = flowing();
  pairing.payload(payload(2));
  pairing.payload(payload(3, true));
  expect(numbers(pairing.carrier(2, false))).toEqual([[2, 2]]);
  expect(numbers(pairing.carrier(3, false))).toEqual([[3, 3]]);
});

test('whoever asks for a key frame gets nothing else before it', () => {
  const pairing = flowing();
  let number = 2;
  for (; number < 2 + ANSWERED; number += 1) {
    pairing.payload(payload(number));
    pairing.carrier(number, false);
  }
  pairing.payload(payload(100));
  expect(pairing.carrier(100, true)).toEqual([]);
  expect(pairing.wantsKey).toBe(true);
  pairing.payload(payload(101));
  expect(pairing.carrier(101, false)).toEqual([]);
  pairing.payload(payload(102, true));
  expect(numbers(pairing.carrier(102, false))).toEqual([[102, 102]]);
});

test('asking right after a key frame was sent is answered by that one', () => {
  const pairing = flowing();
  pairing.payload(payload(2));
  expect(numbers(pairing.carrier(2, true))).toEqual([[2, 2]]);
  expect(pairing.wantsKey).toBe(false);
});

test('asking while a key frame waits to be sent is answered by that one', () => {
  const pairing = flowing();
  pairing.payload(payload(2, true));
  expect(numbers(pairing.carrier(2, true))).toEqual([[2, 2]]);
  expect(pairing.wantsKey).toBe(false);
});

test('a link that falls behind waits for a key frame instead of falling behind further', () => {
  const pairing = flowing();
  for (let number = 2; number < 2 + MAX_PAYLOADS; number += 1) pairing.payload(payload(number));
  expect(pairing.wantsKey).toBe(false);
  pairing.payload(payload(99));
  expect(pairing.wantsKey).toBe(true);
  expect(pairing.waiting).toBe(0);
});

test('a lost carrier does not leave the link a picture late for ever', () => {
  const pairing = flowing();
  // The carrier of this one never comes.
  pairing.payload(payload(2));
  let number = 3;
  for (; number < 3 + STANDING; number += 1) {
    pairing.payload(payload(number));
    pairing.carrier(number, false);
  }
  expect(pairing.wantsKey).toBe(true);
  // Pictures go on meanwhile.
  pairing.payload(payload(number));
  expect(numbers(pairing.carrier(number, false))).toEqual([[number, number - 1]]);
  pairing.payload(payload(200, true));
  expect(numbers(pairing.carrier(200, false))).toEqual([[200, 200]]);
  expect(pairing.wantsKey).toBe(false);
});

test('carriers without payloads are bounded', () => {
  const pairing = flowing();
  for (let number = 0; number < MAX_CARRIERS; number += 1) pairing.carrier(number, false);
  expect(pairing.wantsKey).toBe(false);
  pairing.carrier(99, false);
  expect(pairing.wantsKey).toBe(true);
});

/** What a receiver with its own eyes would notice. */
test('whatever is lost or late, every picture follows the one before it or is a key frame, and carriers are only left out before one', () => {
  const step = fc.record({
    is: fc.constantFrom('payload', 'payload', 'payload', 'carrier', 'carrier', 'carrier', 'restart'),
    key: fc.integer({ min: 0, max: 5 }).map((drawn) => drawn === 0),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const pairing = new Pairing<number, Payload>();
      let payloads = 0;
      let carriers = 0;
      let lastPayload = -1;
      let lastCarrier = -1;
      const keys = new Set<number>();
      for (const { is, key } of steps) {
        let pairs: Pair<number, Payload>[] = [];
        if (is === 'restart') pairing.restart();
        else if (is === 'payload') {
          const data = new Uint32Array([payloads]).buffer;
          if (key) keys.add(payloads);
          payloads += 1;
          pairs = pairing.payload({ key, data });
        } else pairs = pairing.carrier(carriers++, key);
        for (const pair of pairs) {
          const number = new Uint32Array(pair.payload.data)[0] ?? -1;
          if (!keys.has(number)) {
            expect(number, 'follows').toBe(lastPayload + 1);
            expect(pair.carrier, 'no carrier left out').toBe(lastCarrier + 1);
          }
          expect(pair.carrier).toBeGreaterThan(lastCarrier);
          expect(number).toBeGreaterThan(lastPayload);
          lastPayload = number;
          lastCarrier = pair.carrier;
        }
        expect(pairing.waiting).toBeLessThanOrEqual(MAX_PAYLOADS);
      }
    }),
  );
});

function flowing(): Pairing<number, Payload> {
  const pairing = new Pairing<number, Payload>();
  pairing.payload(payload(1, true));
  pairing.carrier(1, true);
  return pairing;
}
