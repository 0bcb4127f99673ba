import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

import type { Machine } from './network.ts';

/** Memory of processes, from /proc (proc_pid_smaps(5)), and whether it came back to where it was. */

/** In KiB. */
export interface Memory {
  /** Proportional set size: pages of the program are shared with whoever else runs it, so it changes with them. */
  pss: number;
  /** Of that, what the process has asked for itself. */
  anonymous: number;
  /** Resident set size. */
  rss: number;
}

/** Null if the process has ended. */
export function memoryOf(pid: number): Memory | null {
  try {
    const text = readFileSync(`/proc/${String(pid)}/smaps_rollup`, 'utf8');
    const field = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0);
    return { pss: field('Pss'), anonymous: field('Pss_Anon'), rss: field('Rss') };
  } catch {
    return null;
  }
}

/** Processes on a machine by their names (at most 15 characters of them). */
export function processesOn(machine: Machine, names: RegExp): { pid: number; name: string }[] {
  const pids = execFileSync('ip', ['netns', 'pids', machine.namespace], { encoding: 'utf8' }).split('\n').filter(Boolean);
  return pids.flatMap((pid) => {
    try {
      const name = readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
      return names.test(name) ? [{ pid: Number(pid), name }] : [];
    } catch {
      // Ended meanwhile.
      return [];
    }
  });
}

/** What growth is still none: allocators and compilers of code keep some, and a collector of garbage comes when it likes. */
export interface Tolerance {
  /** From the first quarter of the time to the last, of what it was, or so many KiB: whichever is more. */
  share: number;
  kib: number;
  /**
   * From the third quarter to the last, of what it was: what fills up comes to an end, what leaks does not. Not looked at in
   * short runs.
   */
  lateShare: number;
}

export interface Verdict {
  beforeKib: number;
  lateKib: number;
  afterKib: number;
  allowedKib: number;
  same: boolean;
}

/** Samples in a quarter, from which on late growth says something. */
const TELLING = 8;

/** Compares the middles of the first, the third and the last quarter of samples. Each has at least two. */
export function verdict(samples: readonly number[], { share, kib, lateShare }: Tolerance): Verdict {
  const quarter = Math.max(2, Math.floor(samples.length / 4));
  const beforeKib = middle(samples.slice(0, quarter));
  const lateKib = middle(samples.slice(-2 * quarter, -quarter));
  const afterKib = middle(samples.slice(-quarter));
  const allowedKib = Math.round(Math.max(beforeKib * share, kib));
  const settled = quarter < TELLING || afterKib - lateKib <= lateKib * lateShare;
  return { beforeKib, lateKib, afterKib, allowedKib, same: settled && afterKib - beforeKib <= allowedKib };
}

/** The lower middle one. */
function middle(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
}
