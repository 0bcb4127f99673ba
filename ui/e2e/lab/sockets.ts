import { execFileSync } from 'node:child_process';

import { on, type Machine } from './network.ts';

/** What listens on a machine, as its kernel says (ss(8)): TCP sockets that listen, UDP sockets that take from anybody. */
export interface Listener {
  protocol: 'tcp' | 'udp';
  /** `127.0.0.1`, `0.0.0.0`, `[::]`, `*` for both; an interface may follow. */
  address: string;
  port: number;
  /** Names of programs, at most 15 characters, and their pids. */
  holders: { program: string; pid: number }[];
}

export function listenersOn(machine: Machine): Listener[] {
  const [program, args] = on(machine, 'ss', ['-H', '-l', '-t', '-n', '-u', '-p']);
  return execFileSync(program, args, { encoding: 'utf8' })
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const [protocol, , , , local = ''] = line.split(/\s+/);
      const holders = [...line.matchAll(/\("([^"]*)",pid=(\d+)/g)].map(([, name = '', pid]) => ({ program: name, pid: Number(pid) }));
      const colon = local.lastIndexOf(':');
      return { protocol: protocol === 'tcp' ? 'tcp' : 'udp', address: local.slice(0, colon), port: Number(local.slice(colon + 1)), holders };
    });
}

/** In words for comparison, each once: `tcp 127.0.0.1:4000`, `udp 5353`; the address only where it is the machine's own. */
export function inWords(listeners: readonly Listener[]): string[] {
  const words = listeners.map(({ protocol, address, port }) => `${protocol} ${address.startsWith('127.') ? `${address}:` : ''}${String(port)}`);
  return [...new Set(words)].sort();
}
