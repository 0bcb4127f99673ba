import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';

/**
 * Networks made of Linux network namespaces: each machine has its own interfaces, addresses and multicast, and nothing of it
 * reaches the real network. The bridge lies in a namespace of its own, so that the root namespace is never touched.
 *
 * Names are `ll-<pid>-<n>`; a namespace whose pid is dead was left behind and is swept.
 */

/** One computer on a {@link Network}. */
export interface Machine {
  readonly name: string;
  readonly namespace: string;
  /** IPv4 address of its `eth0`. */
  readonly address: string;
}

const prefix = 'll';
let counter = 0;
const open = new Set<Network>();

export class Network {
  readonly #bridge: string;
  readonly #subnet: number;
  readonly #machines = new Map<string, Machine>();
  /** Addresses given out by {@link readdress}. */
  #further = 0;
  /** Machines on a bridge of their own. */
  #half: ReadonlySet<Machine> = new Set();

  constructor() {
    sweepStale();
    counter += 1;
    this.#subnet = (process.pid + counter * 7) % 250;
    this.#bridge = `${prefix}-${String(process.pid)}-${String(namespaceNumber())}`;
    open.add(this);
    ip('netns', 'add', this.#bridge);
    ip('-n', this.#bridge, 'link', 'add', 'br0', 'type', 'bridge', 'mcast_snooping', '0');
    ip('-n', this.#bridge, 'link', 'set', 'br0', 'up');
  }

  /** A machine with this name; made at the first call, with a cable to the bridge. */
  machine(name: string): Machine {
    const known = this.#machines.get(name);
    if (known) return known;
    const place = this.#machines.size + 2;
    const namespace = `${prefix}-${String(process.pid)}-${String(namespaceNumber())}`;
    const address = `10.77.${String(this.#subnet)}.${String(place)}`;
    const machine: Machine = { name, namespace, address };
    ip('netns', 'add', namespace);
    this.#machines.set(name, machine);
    ip('-n', namespace, 'link', 'set', 'lo', 'up');
    // Nobody has the same address; and an address that is ready only after a second breaks what a browser then loads.
    ip('netns', 'exec', namespace, 'sh', '-c', 'echo 0 > /proc/sys/net/ipv6/conf/default/accept_dad');
    ip('-n', namespace, 'link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', portOf(machine), 'netns', this.#bridge);
    this.plug(machine);
    return machine;
  }

  /** Pulls a machine's cable, or plugs it in again. */
  cable(machine: Machine, plugged: boolean): void {
    ip('-n', this.#bridge, 'link', 'set', portOf(machine), plugged ? 'up' : 'down');
  }

  /** Sends a signal to every process on a machine. */
  signal(machine: Machine, signal: NodeJS.Signals): void {
    for (const pid of processes(machine.namespace)) send(pid, signal);
  }

  /** Gives a machine another address, as a new lease does. The old one is no more. */
  readdress(machine: Machine): string {
    this.#further += 1;
    const address = `10.77.${String(this.#subnet)}.${String(100 + this.#further)}`;
    ip('-n', machine.namespace, 'addr', 'flush', 'dev', 'eth0', 'scope', 'global');
    ip('-n', machine.namespace, 'addr', 'add', `${address}/24`, 'dev', 'eth0');
    ip('-n', machine.namespace, 'route', 'replace', 'default', 'via', `10.77.${String(this.#subnet)}.1`);
    return address;
  }

  /** Two machines do not reach each other any more; all others reach both. */
  blind(one: Machine, other: Machine): void {
    ip('-n', one.namespace, 'route', 'add', 'blackhole', `${other.address}/32`);
    ip('-n', other.namespace, 'route', 'add', 'blackhole', `${one.address}/32`);
  }

  /** Cuts the network in two: nothing passes between these machines and all others. Null heals it. */
  split(half: readonly Machine[] | null): void {
    const isCut = this.#half.size > 0;
    if (isCut) {
      ip('-n', this.#bridge, 'link', 'del', 'br1');
      for (const machine of this.#half) ip('-n', this.#bridge, 'link', 'set', portOf(machine), 'master', 'br0');
    }
    this.#half = new Set(half);
    if (half === null) return;
    ip('-n', this.#bridge, 'link', 'add', 'br1', 'type', 'bridge', 'mcast_snooping', '0');
    ip('-n', this.#bridge, 'link', 'set', 'br1', 'up');
    for (const machine of half) ip('-n', this.#bridge, 'link', 'set', portOf(machine), 'master', 'br1');
  }

  /** Takes a machine's cable away for another one; says where that has to end. */
  unplug(machine: Machine): { bridge: { namespace: string }; port: string } {
    ip('-n', machine.namespace, 'link', 'del', 'eth0');
    return { bridge: { namespace: this.#bridge }, port: portOf(machine) };
  }

  /** Takes a machine's `eth0` and the bridge's end of it into use. */
  plug(machine: Machine): void {
    const { namespace, address } = machine;
    ip('-n', this.#bridge, 'link', 'set', portOf(machine), 'master', 'br0');
    ip('-n', this.#bridge, 'link', 'set', portOf(machine), 'up');
    ip('-n', namespace, 'addr', 'add', `${address}/24`, 'dev', 'eth0');
    ip('-n', namespace, 'link', 'set', 'eth0', 'up');
    // Multicast is sent along a route; there is nobody at its end.
    ip('-n', namespace, 'route', 'add', 'default', 'via', `10.77.${String(this.#subnet)}.1`);
  }

  /** Lets everything run again that a test has stopped, so that it can end. */
  wake(): void {
    for (const machine of this.#machines.values()) this.signal(machine, 'SIGCONT');
  }

  /** Ends everything that still runs on the machines and takes the network apart. */
  close(): void {
    if (!open.delete(this)) return;
    for (const { namespace } of this.#machines.values()) remove(namespace);
    this.#machines.clear();
    remove(this.#bridge);
  }
}

/** The bridge's end of a machine's cable. */
function portOf(machine: Machine): string {
  return `port${machine.address.split('.')[3] ?? ''}`;
}

/** Command line that runs a program on a machine. `ip netns exec` becomes the program, so that the pid is the program's. */
export function on(machine: Pick<Machine, 'namespace'> | null, program: string, args: readonly string[]): [string, string[]] {
  return machine ? ['ip', ['netns', 'exec', machine.namespace, program, ...args]] : [program, [...args]];
}

let answer: { possible: true } | { possible: false; reason: string } | undefined;

/** Whether this machine lets us make network namespaces, and if not, why. Said once on the console. */
export function namespaces(): { possible: true } | { possible: false; reason: string } {
  answer ??= probe();
  return answer;
}

function probe(): { possible: true } | { possible: false; reason: string } {
  try {
    new Network().close();
    return { possible: true };
  } catch (error) {
    const detail = error instanceof Error ? (error.message.split('\n').at(1) ?? error.message) : String(error);
    const reason = `network namespaces cannot be made here (${detail.trim()}); run as root on Linux for these tests`;
    console.warn(`SKIPPED: ${reason}`);
    return { possible: false, reason };
  }
}

/** Removes what runs that were killed have left behind. */
export function sweepStale(): void {
  for (const namespace of existing()) {
    const pid = Number(/^ll-(\d+)-\d+$/.exec(namespace)?.[1] ?? Number.NaN);
    if (!Number.isNaN(pid) && !alive(pid)) remove(namespace);
  }
}

function closeAll(): void {
  for (const network of [...open]) network.close();
}

process.once('exit', closeAll);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    closeAll();
    // Ours was the only handler, or another one decides: the signal does what it would have done.
    process.kill(process.pid, signal);
  });
}

let made = 0;
function namespaceNumber(): number {
  made += 1;
  return made;
}

function existing(): string[] {
  try {
    return readdirSync('/run/netns').filter((name) => name.startsWith(`${prefix}-`));
  } catch {
    return [];
  }
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It exists but is somebody else's.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** Ends the processes of a namespace and deletes it; a namespace that is gone already is fine. */
function remove(namespace: string): void {
  try {
    for (const pid of processes(namespace)) send(pid, 'SIGKILL');
    ip('netns', 'del', namespace);
  } catch {
    // Nothing to remove.
  }
}

function processes(namespace: string): number[] {
  return ip('netns', 'pids', namespace).split('\n').filter(Boolean).map(Number);
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // Ended meanwhile.
  }
}

function ip(...args: string[]): string {
  return execFileSync('ip', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}
