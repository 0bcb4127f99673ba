import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { on, type Machine } from './network.ts';
import { built, scratch } from './paths.ts';

/** `landline-node` processes, each with a configuration folder of its own, driven by their `--json` lines and ended by pid. */

/** The line of `landline-node host --json`. */
export interface HostLine {
  meetingId: string;
  title: string;
  guestUrl: string;
  localUrl: string;
  fingerprint: string;
  port: number;
}

/** A line of `landline-node list --json`. */
export interface ListLine {
  meetingId: string;
  title: string;
  host: string;
  participants: number;
  addresses: string[];
  port: number;
  fingerprint: string;
  locked: boolean;
}

export interface HostOptions {
  title?: string;
  name?: string;
  port?: number;
  id?: string;
  private?: boolean;
  /** Keeps certificate and keys over a restart. */
  configDir?: string;
}

/** How long a program may take to say that it is ready: a debug build on a busy machine. */
const READY_MS = 15_000;
/** How long a program may take to end in good order. */
const STOP_MS = 5_000;

/** The loopback interface's name. */
const loopback = process.platform === 'linux' ? 'lo' : 'lo0';

const running = new Set<NodeProcess>();

/** One process. `line` is what it printed when it was ready. */
export class NodeProcess<Line = unknown> {
  readonly pid: number;
  readonly configDir: string;
  readonly line: Line;
  /** `performance.now()` at the start of the process. */
  readonly startedAt: number;
  readonly #child: ChildProcess;
  readonly #log: string[];

  constructor(child: ChildProcess, configDir: string, line: Line, startedAt: number, log: string[]) {
    this.#child = child;
    this.pid = child.pid ?? 0;
    this.configDir = configDir;
    this.line = line;
    this.startedAt = startedAt;
    this.#log = log;
    running.add(this);
  }

  /** What it wrote to stderr so far. */
  get log(): string {
    return this.#log.join('');
  }

  /** Null while it runs. */
  get exitCode(): number | null {
    return this.#child.exitCode;
  }

  /** Sends a signal and waits for the end; kills it if that takes too long. Returns the exit code, null if a signal ended it. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    running.delete(this);
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return this.#child.exitCode;
    const ended = once(this.#child, 'exit');
    this.#child.kill(signal);
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), STOP_MS);
    await ended;
    clearTimeout(timer);
    return this.#child.exitCode;
  }

  /** At the latest moment, without waiting. */
  killNow(): void {
    running.delete(this);
    this.#child.kill('SIGKILL');
  }
}

process.once('exit', () => {
  for (const node of [...running]) node.killNow();
});

/** Hosts a meeting on a machine, or on this computer's loopback when there is none. */
export function host(machine: Machine | null, options: HostOptions = {}): Promise<NodeProcess<HostLine>> {
  const args = ['host', '--json'];
  if (options.title !== undefined) args.push('--title', options.title);
  if (options.name !== undefined) args.push('--name', options.name);
  if (options.port !== undefined) args.push('--port', String(options.port));
  if (options.id !== undefined) args.push('--id', options.id);
  if (options.private === true) args.push('--private');
  return start<HostLine>(machine, args, options.configDir);
}

/** Serves browser mode on a machine. */
export function ui(machine: Machine | null, configDir?: string): Promise<NodeProcess<{ localUrl: string }>> {
  return start<{ localUrl: string }>(machine, ['ui', '--json'], configDir);
}

/** A meeting as `landline-node list` printed it, and when: milliseconds after the process was started. */
export interface Listed {
  meeting: ListLine;
  afterMs: number;
}

/** Looks for meetings for so many seconds. */
export async function list(machine: Machine | null, seconds: number): Promise<Listed[]> {
  const [program, args] = on(machine, built('landline-node'), ['list', '--json', '--seconds', String(seconds)]);
  const startedAt = performance.now();
  const child = spawn(program, args, { env: environment(configuration(machine)), stdio: ['ignore', 'pipe', 'pipe'] });
  const log = logOf(child);
  const found: Listed[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => {
    found.push({ meeting: JSON.parse(line) as ListLine, afterMs: performance.now() - startedAt });
  });
  await once(child, 'close');
  if (child.exitCode !== 0) throw new Error(`landline-node list ended with ${String(child.exitCode)}: ${log.join('')}`);
  return found;
}

/** A fresh configuration; without a machine of its own, a node keeps to the loopback interface of this computer. */
function configuration(machine: Machine | null): string {
  const folder = scratch('config');
  if (machine === null) writeFileSync(join(folder, 'settings.json'), JSON.stringify({ interfaces: [loopback] }));
  return folder;
}

async function start<Line>(machine: Machine | null, args: string[], configDir = configuration(machine)): Promise<NodeProcess<Line>> {
  const [program, all] = on(machine, built('landline-node'), args);
  const startedAt = performance.now();
  const child = spawn(program, all, { env: environment(configDir), stdio: ['ignore', 'pipe', 'pipe'] });
  const log = logOf(child);
  try {
    const line = await firstLine(child);
    return new NodeProcess<Line>(child, configDir, JSON.parse(line) as Line, startedAt, log);
  } catch (error) {
    child.kill('SIGKILL');
    throw new Error(`landline-node ${args.join(' ')}: ${String(error)}\n${log.join('')}`, { cause: error });
  }
}

function environment(configDir: string): NodeJS.ProcessEnv {
  return { ...process.env, LANDLINE_CONFIG_DIR: configDir, RUST_LOG: process.env['RUST_LOG'] ?? 'info' };
}

function logOf(child: ChildProcess): string[] {
  const log: string[] = [];
  child.stderr?.setEncoding('utf8').on('data', (text: string) => log.push(text));
  return log;
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    if (!child.stdout) {
      reject(new Error('no output'));
      return;
    }
    const timer = setTimeout(() => {
      reject(new Error(`not ready after ${String(READY_MS)} ms`));
    }, READY_MS);
    // Stays attached, so that a program which says more is never stopped by a full pipe.
    createInterface({ input: child.stdout }).on('line', (line) => {
      clearTimeout(timer);
      resolve(line);
    });
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      clearTimeout(timer);
      reject(new Error(`ended with ${String(code ?? signal)} before it was ready`));
    });
  });
}
