import { readdirSync, readFileSync } from 'node:fs';

/** Processor time of programs and of all that they started, from /proc (proc_pid_stat(5)). */

/** USER_HZ, the unit of the kernel's counters: the same on all machines that Linux runs browsers on. */
const TICKS_PER_SECOND = 100;

/** Seconds of processor time, by kind: `browser`, `renderer`, `gpu-process`, `utility` of Chromium, or the program's own name. */
export type CpuSeconds = ReadonlyMap<string, number>;

interface Stat {
  pid: number;
  parent: number;
  seconds: number;
}

/** Of these programs and their descendants, so far. */
export function cpuOf(roots: readonly number[]): CpuSeconds {
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).flatMap((name) => stat(Number(name)));
  const children = new Map<number, number[]>();
  for (const { pid, parent } of all) children.set(parent, [...(children.get(parent) ?? []), pid]);
  const byPid = new Map(all.map((process) => [process.pid, process]));
  const seconds = new Map<string, number>();
  const waiting = [...roots];
  for (let pid = waiting.pop(); pid !== undefined; pid = waiting.pop()) {
    const kind = kindOf(pid);
    seconds.set(kind, (seconds.get(kind) ?? 0) + (byPid.get(pid)?.seconds ?? 0));
    waiting.push(...(children.get(pid) ?? []));
  }
  return seconds;
}

/** Of everything on this machine, so far: who else was busy is seen beside. */
export function cpuOfMachine(): number {
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] = (readFileSync('/proc/stat', 'utf8').split('\n')[0] ?? '').split(/\s+/).slice(1).map(Number);
  return (user + nice + system + irq + softirq) / TICKS_PER_SECOND;
}

function stat(pid: number): Stat[] {
  try {
    // The name is in brackets and may hold spaces; what follows are the fields from 3 on.
    const fields = readFileSync(`/proc/${String(pid)}/stat`, 'utf8').replace(/^.*\) /s, '').split(' ');
    return [{ pid, parent: Number(fields[1]), seconds: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND }];
  } catch {
    // Ended meanwhile.
    return [];
  }
}

function kindOf(pid: number): string {
  try {
    const words = readFileSync(`/proc/${String(pid)}/cmdline`, 'utf8');
    const program = words.split(/[\0 ]/)[0]?.split('/').at(-1) ?? '';
    if (!program.includes('chrom')) return program;
    return /--type=([a-z-]+)/.exec(words)?.[1] ?? 'browser';
  } catch {
    return 'ended';
  }
}
