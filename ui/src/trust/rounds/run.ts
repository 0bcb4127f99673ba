import { logFor } from '../../shared/log.ts';
import { writable, type Readable } from '../../shared/store.ts';
import type { SetTimer } from '../../shared/timer.ts';
import type { Signer } from '../signer.ts';
import { message, type Message } from './message.ts';
import { newRounds, step, viewOf, wakeAt, type Input, type Tools, type View } from './machine.ts';
import type { Me, Participant } from './roster.ts';

/** The rounds of one meeting, running. */
export interface RunningRounds {
  readonly view: Readable<View>;
  /**
   * Who is in the room now. `others` with what `verifyIdentity` gave for each, also those without an identity. Best called
   * when all identities of a new roster were verified: each difference is another round.
   */
  roster(me: Me, others: readonly Participant[]): void;
  /** The `data` of a `verify` came, `from` as stamped by the server. Anything may come. */
  receive(from: string, data: unknown): void;
  /** People began to compare the code, or ended. */
  comparing(on: boolean): void;
  /** The meeting is over for us: nothing is sent any more. */
  close(): void;
}

export interface RoundsOptions {
  readonly meetingId: string;
  readonly signer: Signer;
  /** Puts `data` into a `verify` to all others. May lose it. */
  readonly send: (data: Message) => void;
  readonly setTimer: SetTimer;
  /** Milliseconds of a clock that only grows. */
  readonly now: () => number;
  /** 32 random bytes; the browser's by default. */
  readonly nonce?: () => Uint8Array;
}

/** Messages that wait for the one in work; more come only from somebody hostile, and whoever lost one sends it again. */
const MAX_WAITING = 256;

const log = logFor('trust');

/** Runs the state machine: one input at a time, as its steps are asynchronous, and a timer. */
export function runRounds(options: RoundsOptions): RunningRounds {
  const { setTimer, now, send } = options;
  const tools: Tools = {
    signer: options.signer,
    nonce: options.nonce ?? (() => crypto.getRandomValues(new Uint8Array(32))),
  };
  let state = newRounds(options.meetingId);
  let waiting: Input[] = [];
  let working = false;
  let open = true;
  let stopTimer = (): void => undefined;
  const view = writable<View>(viewOf(state, now()));

  const work = async (): Promise<void> => {
    working = true;
    for (let input = waiting.shift(); input !== undefined; input = waiting.shift()) await take(input);
    working = false;
    stopTimer();
    const at = open ? wakeAt(state) : null;
    if (at !== null) stopTimer = later(at - now());
  };
  const take = async (input: Input): Promise<void> => {
    const result = await step(state, input, now(), tools);
    state = result.state;
    if (!open) return;
    if (result.failed) log.warn('no signature for the code of this meeting; trying again');
    for (const each of result.send) send(each);
    show();
  };
  const later = (delay: number): (() => void) =>
    setTimer(
      () => {
        put({ is: 'tick' });
      },
      // Never at once: a clock that stands still must not make a loop.
      Math.max(delay, 10),
    );
  const show = (): void => {
    const next = viewOf(state, now());
    if (JSON.stringify(next) !== JSON.stringify(view.get())) view.set(next);
  };
  const put = (input: Input): void => {
    if (!open) return;
    if (input.is === 'message') {
      if (waiting.length >= MAX_WAITING) return;
    } else {
      // Of the others only the newest counts.
      waiting = waiting.filter((other) => other.is !== input.is);
    }
    waiting.push(input);
    if (!working) {
      work().catch((error: unknown) => {
        // A page without WebCrypto, or a `send` that throws. The next input tries again.
        working = false;
        log.error(`the code of this meeting cannot be made: ${String(error)}`);
      });
    }
  };

  return {
    view,
    roster: (me, others) => {
      put({ is: 'roster', me, others });
    },
    receive: (from, data) => {
      const checked = message(data);
      if (checked !== undefined) put({ is: 'message', from, message: checked });
    },
    comparing: (on) => {
      put({ is: 'comparing', on });
    },
    close: () => {
      open = false;
      waiting = [];
      stopTimer();
    },
  };
}
