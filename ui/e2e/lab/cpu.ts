import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

import type { Machine } from './network.ts';

/** Processor time of programs on a machine, from /proc (proc_pid_stat(5)). */

/** USER_HZ, the unit of the kernel's counters: the same on all machines that Linux runs browsers on. */
const TICKS_PER_SECOND = 100;

/** Starts a measurement of the programs whose names match; the returned function says how many cores they took since. */
export function measureCpu(machine: Machine, programs: RegExp): () => number {
  const startedAt = performance.now();
  const before = ticks(machine, programs);
  return () => (ticks(machine, programs) - before) / TICKS_PER_SECOND / ((performance.now() - startedAt) / 1_000);
}

function ticks(machine: Machine, programs: RegExp): number {
  const pids = execFileSync('ip', ['netns', 'pids', machine.namespace], { encoding: 'utf8' }).split('\n').filter(Boolean);
  return pids.reduce((sum, pid) => {
    try {
      // The name is in brackets and may hold spaces; times are the fields 14 and 15, counted from 1.
      const [, name, rest] = /^\d+ \((.*)\) (.*)$/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
      if (name === undefined || rest === undefined || !programs.test(name)) return sum;
      const fields = rest.split(' ');
      return sum + Number(fields[11]) + Number(fields[12]);
    } catch {
      // Ended meanwhile.
      return sum;
    }
  }, 0);
}
