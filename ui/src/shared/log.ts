/**
 * The page's log. error: gave up; warn: recovered; info: one a life-cycle step; debug: the rest. Never SDP, candidates,
 * chat, names, tokens or keys.
 */
export interface Log {
  error(text: string): void;
  warn(text: string): void;
  info(text: string): void;
  debug(text: string): void;
}

/** A log whose lines start with the part of the program they come from. */
export function logFor(part: string): Log {
  const line = (text: string): string => `landline ${part}: ${text}`;
  return {
    error: (text) => {
      console.error(line(text));
    },
    warn: (text) => {
      console.warn(line(text));
    },
    info: (text) => {
      console.info(line(text));
    },
    debug: (text) => {
      console.debug(line(text));
    },
  };
}
