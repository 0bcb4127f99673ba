import fc from 'fast-check';
import { beforeEach, expect, test } from 'vitest';

import { Copying, type Copy, type Timed } from './copying.ts';
import { ANSWERED, MAX_PAYLOADS } from './pairing.ts';

// Guards: a link that gets copies sends nothing that a receiver cannot decode, and every picture at the time that it has on that link.

interface Numbered extends Timed {
  readonly number: number;
}

const FRAME_US = 33_333;
/** Where this link's RTP time begins: near the end, so that it runs through. */
const BEGINNING = 2 ** 32 - 2_000;

let copying: Copying<Numbered>;
let made: number;

beforeEach(() => {
  copying = new Copying();
  made = 0;
});

function next(key = false, payloadType = 96): Numbered {
  made += 1;
  return { key, at: made * FRAME_US, payloadType, number: made };
}

/** The link's RTP time of a moment. */
function time(at: number): number {
  return (BEGINNING + Math.round(at * 0.09)) % 2 ** 32;
}

/** A carrier, made of the picture that was encoded last, which is late by so many ticks of RTP time. */
function pulse(key = false, late = 0, payloadType = 96): Copy<Numbered>[] {
  const at = made * FRAME_US;
  return copying.carrier({ key, at, rtpTimestamp: (time(at) + late) % 2 ** 32, payloadType });
}

function numbers(copies: Copy<Numbered>[]): number[] {
  return copies.map(({ payload: { number } }) => number);
}

test('nothing goes out before the link sends, and then from the key frame on that waits', () => {
  expect(copying.payload(next())).toEqual([]);
  expect(copying.payload(next(true))).toEqual([]);
  expect(copying.payload(next())).toEqual([]);
  expect([copying.open, copying.waiting]).toEqual([false, 2]);
  expect(numbers(pulse(true))).toEqual([2, 3]);
  expect([copying.open, copying.waiting]).toEqual([true, 0]);
  expect(numbers(copying.payload(next()))).toEqual([4]);
});

test('a link that sends waits for a key frame, and wants one', () => {
  copying.payload(next());
  expect(pulse(true)).toEqual([]);
  expect(copying.wantsKey).toBe(true);
  expect(copying.payload(next())).toEqual([]);
  expect(numbers(copying.payload(next(true)))).toEqual([3]);
  expect(copying.wantsKey).toBe(false);
});

test('a picture has the time that the link would have given it', () => {
  copying.payload(next(true));
  const [first] = pulse(true);
  expect(first?.rtpTimestamp).toBe(time(FRAME_US));
  for (let index = 0; index < 5; index += 1) {
    const payload = next();
    expect(copying.payload(payload)[0]?.rtpTimestamp).toBe(time(payload.at));
  }
});

test('a carrier or two that come late change no times; a clock that was set does', () => {
  copying.payload(next(true));
  pulse(true);
  const timeOf = (): number | undefined => copying.payload(next())[0]?.rtpTimestamp;
  pulse(false, 9_000);
  pulse(false, 9_000);
  expect(timeOf()).toBe(time(made * FRAME_US));
  pulse();
  pulse(false, 9_000);
  pulse(false, 9_000);
  expect(timeOf()).toBe(time(made * FRAME_US));
  pulse(false, 9_000);
  expect(timeOf()).toBe((time(made * FRAME_US) + 9_000) % 2 ** 32);
});

test('whoever asks for a key frame gets no other picture before it; who asked before the last one came, has it', () => {
  copying.payload(next(true));
  pulse(true);
  copying.payload(next());
  pulse(true);
  expect(copying.wantsKey).toBe(false);
  for (let index = 0; index < ANSWERED; index += 1) copying.payload(next());
  pulse(true);
  expect(copying.wantsKey).toBe(true);
  expect(copying.payload(next())).toEqual([]);
  expect(copying.payload(next(true))).toHaveLength(1);
});

test('what waits too long is forgotten', () => {
  copying.payload(next(true));
  for (let index = 0; index < MAX_PAYLOADS; index += 1) copying.payload(next());
  expect([copying.waiting, copying.wantsKey]).toEqual([0, true]);
  expect(pulse(true)).toEqual([]);
});

test('a link that begins again waits for a carrier, and takes the time from it', () => {
  copying.payload(next(true));
  pulse(true);
  copying.restart();
  expect(copying.payload(next(true))).toEqual([]);
  const [copy] = pulse(true, 90_000);
  expect(copy?.rtpTimestamp).toBe((time(made * FRAME_US) + 90_000) % 2 ** 32);
});

test('a link that numbers the codec otherwise refuses copies', () => {
  expect(copying.refuses(next(true))).toBe(false);
  copying.payload(next(true));
  pulse(true, 0, 120);
  expect(copying.refuses(next())).toBe(true);
});

test('a carrier without a time, or before any was made, opens nothing', () => {
  copying.payload(next(true));
  expect(copying.carrier({ key: true, at: null, rtpTimestamp: 1, payloadType: 96 })).toEqual([]);
  expect(copying.carrier({ key: true, at: 1, rtpTimestamp: undefined, payloadType: 96 })).toEqual([]);
  expect(copying.open).toBe(false);
});

test('whatever happens: a run of pictures begins with a key frame, has no gap, and little waits', () => {
  const happening = fc.oneof(
    { weight: 8, arbitrary: fc.record({ is: fc.constant('payload' as const), key: fc.boolean() }) },
    { weight: 3, arbitrary: fc.record({ is: fc.constant('pulse' as const), key: fc.boolean() }) },
    { weight: 1, arbitrary: fc.constantFrom({ is: 'renew' as const }, { is: 'restart' as const }) },
  );
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 200 }), (happenings) => {
      copying = new Copying();
      made = 0;
      let last = -1;
      for (const each of happenings) {
        if (each.is === 'renew') copying.renew();
        else if (each.is === 'restart') copying.restart();
        const copies = each.is === 'payload' ? copying.payload(next(each.key)) : each.is === 'pulse' ? pulse(each.key) : [];
        for (const { payload } of copies) {
          if (!payload.key) expect(payload.number).toBe(last + 1);
          last = payload.number;
        }
        expect(copying.waiting).toBeLessThanOrEqual(MAX_PAYLOADS);
      }
    }),
  );
});
