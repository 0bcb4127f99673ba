import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { until } from './lab.ts';
import { on, type Machine } from './network.ts';
import { built, scratch } from './paths.ts';

/** `landline-node bot`: test participants without a browser, driven by their lines of JSON and ended by pid. */

export interface VideoCount {
  frames: number;
  keyFrames: number;
  bytes: number;
  gaps: number;
  width: number;
  height: number;
  /** Times longer than 200 ms in which nothing came. */
  freezes: number;
  longestGapMs: number;
  /** Since the line of JSON before. */
  recentGapMs: number;
}

export interface AudioCount {
  packets: number;
  bytes: number;
  gaps: number;
}

export interface PeerReport {
  clientId: string;
  name: string;
  link: RTCPeerConnectionState;
  received: { microphone?: AudioCount; camera?: VideoCount; screen?: VideoCount; 'screen-audio'?: AudioCount };
}

export type BotEvent =
  | { event: 'joined'; at: number; bot: string; clientId: string; meetingId: string; title: string; peers: number }
  | { event: 'stats'; at: number; bot: string; clientId: string; sent: { frames: number; packets: number }; peers: PeerReport[] }
  | { event: 'left'; at: number; bot: string; clientId: string; reason: 'left' | 'meeting-ended' | 'alone' }
  | { event: 'error'; at: number; bot: string; code: string; detail?: string; message: string };

export type BotStats = Extract<BotEvent, { event: 'stats' }>;
export type BotJoined = Extract<BotEvent, { event: 'joined' }>;

export interface BotOptions {
  name?: string;
  count?: number;
  seconds?: number;
  /** The same picture in several sizes. */
  video?: string | readonly string[];
  echo?: boolean;
  mesh?: boolean;
  /** Seconds of each turn, one of the bots at a time. */
  speak?: number;
  /** What they say that they show of everybody, `HEIGHT[@FRAMES]`. */
  views?: string;
  /** Seconds between lines of counters. */
  report?: number;
}

/** How long all bots of a process may take to join, and to leave. */
const JOINED_MS = 15_000;
const ENDED_MS = 5_000;

const running = new Set<Bots>();

process.once('exit', () => {
  for (const bots of [...running]) bots.kill();
});

/** The bots of one process. */
export class Bots {
  readonly pid: number;
  readonly joined: BotJoined[] = [];
  readonly left: Extract<BotEvent, { event: 'left' }>[] = [];
  readonly errors: Extract<BotEvent, { event: 'error' }>[] = [];
  /** The latest of each bot, by client id. */
  readonly stats = new Map<string, BotStats>();
  readonly #child: ChildProcess;
  readonly #log: string[] = [];

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.pid = child.pid ?? 0;
    child.stderr?.setEncoding('utf8').on('data', (text: string) => this.#log.push(text));
    if (child.stdout) createInterface({ input: child.stdout }).on('line', (line) => this.#take(JSON.parse(line) as BotEvent));
    running.add(this);
  }

  /** Starts bots and waits until all of them are in the room. */
  static async join(machine: Machine | null, meeting: string, options: BotOptions = {}): Promise<Bots> {
    const count = options.count ?? 1;
    const args = ['bot', '--meeting', meeting, '--name', options.name ?? 'Bot', '--count', String(count)];
    if (options.seconds !== undefined) args.push('--seconds', String(options.seconds));
    for (const video of [options.video ?? []].flat()) args.push('--video', video);
    if (options.speak !== undefined) args.push('--speak', String(options.speak));
    if (options.views !== undefined) args.push('--views', options.views);
    if (options.report !== undefined) args.push('--report', String(options.report));
    if (options.echo === true) args.push('--echo');
    if (options.mesh === true) args.push('--mesh');
    const folder = scratch('bot');
    if (machine === null) writeFileSync(join(folder, 'settings.json'), JSON.stringify({ interfaces: ['lo'] }));
    const [program, all] = on(machine, built('landline-node'), args);
    const env = { ...process.env, LANDLINE_CONFIG_DIR: folder, RUST_LOG: process.env['RUST_LOG'] ?? 'info' };
    const bots = new Bots(spawn(program, all, { env, stdio: ['ignore', 'pipe', 'pipe'] }));
    await until('all bots join', () => bots.joined.length + bots.errors.length, (there) => there >= count || bots.exitCode !== null, JOINED_MS);
    if (bots.joined.length < count) throw new Error(`bots did not join: ${JSON.stringify(bots.errors)}\n${bots.log}`);
    return bots;
  }

  /** Client ids, in the order of their numbers. */
  get ids(): string[] {
    return [...this.joined].sort((a, b) => a.bot.localeCompare(b.bot, 'en', { numeric: true })).map(({ clientId }) => clientId);
  }

  get log(): string {
    return this.#log.join('');
  }

  get exitCode(): number | null {
    return this.#child.exitCode;
  }

  /** What one bot has received of one participant so far. */
  received(bot: string, from: string): PeerReport['received'] {
    return this.stats.get(bot)?.peers.find(({ clientId }) => clientId === from)?.received ?? {};
  }

  /** Waits for the end and gives the exit code. */
  async ended(): Promise<number | null> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, 'close');
    running.delete(this);
    return this.#child.exitCode;
  }

  /** In good order; killed if that takes too long. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    this.#child.kill(signal);
    const timer = setTimeout(() => {
      this.kill();
    }, ENDED_MS);
    const code = await this.ended();
    clearTimeout(timer);
    return code;
  }

  kill(): void {
    running.delete(this);
    this.#child.kill('SIGKILL');
  }

  #take(event: BotEvent): void {
    switch (event.event) {
      case 'joined':
        this.joined.push(event);
        break;
      case 'stats':
        this.stats.set(event.clientId, event);
        break;
      case 'left':
        this.left.push(event);
        break;
      case 'error':
        this.errors.push(event);
    }
  }
}
