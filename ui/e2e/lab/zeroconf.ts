import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { on, type Machine } from './network.ts';

/** A foreign implementation of mDNS, to see whether we speak with others than ourselves. */

export type Seen =
  | { event: 'found'; name: string; port: number; addresses: string[]; txt: Record<string, string> }
  | { event: 'unresolved'; name: string }
  | { event: 'gone'; name: string };

/** A Python that has python-zeroconf: the system's own before others in the PATH. */
function python(): string | null {
  for (const program of ['/usr/bin/python3', 'python3']) {
    if (program.startsWith('/') && !existsSync(program)) continue;
    try {
      execFileSync(program, ['-c', 'import zeroconf'], { stdio: 'ignore' });
      return program;
    } catch {
      // The next one.
    }
  }
  return null;
}

export class ForeignBrowser {
  readonly seen: Seen[] = [];
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
    if (child.stdout) {
      createInterface({ input: child.stdout }).on('line', (line) => this.seen.push(JSON.parse(line) as Seen));
    }
  }

  /** Null, with a message, where python-zeroconf is not installed. */
  static start(machine: Machine): ForeignBrowser | null {
    const found = python();
    if (found === null) {
      console.warn('SKIPPED: python-zeroconf is not installed (package python3-zeroconf)');
      return null;
    }
    const [program, args] = on(machine, found, [join(import.meta.dirname, 'zeroconf-browse.py'), machine.address]);
    return new ForeignBrowser(spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] }));
  }

  stop(): void {
    this.#child.kill('SIGKILL');
  }
}
