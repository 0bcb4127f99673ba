import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

import { on, type Machine, type Network } from './network.ts';

/** A machine's cable that delays, loses and is narrow as a test tells it, the same way in each run. */

export interface Impairment {
  /** The same seed loses the same packets of each stream, counted in each direction from {@link LossyCable.set} on. */
  seed: number;
  /** Each way. */
  delayMs: number;
  /** Share of packets, each way. */
  loss: number;
  /** Each way; 0: as fast as the machine. */
  kbits: number;
}

export interface Counters {
  passed: number;
  lost: number;
  /** Did not fit through the narrow place. */
  squeezed: number;
}

export const PERFECT: Impairment = { seed: 0, delayMs: 0, loss: 0, kbits: 0 };

export class LossyCable {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: AsyncIterator<string>;
  readonly #interface: Interface;

  private constructor(child: ChildProcessByStdio<Writable, Readable, null>) {
    this.#child = child;
    this.#interface = createInterface({ input: child.stdout });
    this.#lines = this.#interface[Symbol.asyncIterator]();
  }

  /** Puts it in the place of a machine's cable, before anything runs on the machine. */
  static async between(machine: Machine, network: Network): Promise<LossyCable> {
    const { bridge, port } = network.unplug(machine);
    const python = existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3';
    const script = join(import.meta.dirname, 'lossy-cable.py');
    const [program, args] = on(bridge, python, [script, machine.namespace, port]);
    const cable = new LossyCable(spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] }));
    await cable.#line();
    network.plug(machine);
    return cable;
  }

  /** Changes the cable. What each direction did since the last change: `out` is what the machine sent. */
  async set(impairment: Impairment): Promise<{ out: Counters; in: Counters }> {
    this.#child.stdin.write(`${JSON.stringify(impairment)}\n`);
    return JSON.parse(await this.#line()) as { out: Counters; in: Counters };
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.stdin.end();
    await ended;
    this.#interface.close();
  }

  async #line(): Promise<string> {
    const next = await this.#lines.next();
    if (next.done === true) throw new Error('the cable broke');
    return next.value;
  }
}
