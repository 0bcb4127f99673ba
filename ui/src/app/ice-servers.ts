/** Reads the list of servers as a person types it: one a line, or with commas between. Null if one of them is none. */
export function iceServerList(text: string): string[] | null {
  const servers = text.split(/[\s,]+/).filter((part) => part !== '');
  return servers.every((server) => /^(stuns?|turns?):\S+$/i.test(server)) ? servers : null;
}
