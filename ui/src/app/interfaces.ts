import type { Interface } from '../protocol/generated/Interface.ts';

/** Interfaces of the network by name, each once with the address that people know: IPv4 if there is one. Pure. */
export function byName(interfaces: readonly Interface[]): Interface[] {
  const known = new Map<string, string>();
  for (const { name, address } of interfaces) {
    const before = known.get(name);
    if (before === undefined || (before.includes(':') && !address.includes(':'))) known.set(name, address);
  }
  return [...known].map(([name, address]) => ({ name, address }));
}

/** Those in use, and after them those that were chosen before and are not there now (without an address). */
export function withChosen(interfaces: readonly Interface[], chosen: readonly string[]): Interface[] {
  const present = byName(interfaces);
  const absent = chosen.filter((name) => !present.some((one) => one.name === name));
  return [...present, ...absent.map((name) => ({ name, address: '' }))];
}
