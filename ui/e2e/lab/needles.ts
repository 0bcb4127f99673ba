/** Looks for what has to be nowhere, in each form in which a program might write it down. */

/** A name for people, and what is looked for. */
export interface Needle {
  readonly name: string;
  readonly pattern: RegExp;
}

/** A text that has to be nowhere: as it is, and its bytes in hexadecimal, decimal (as Rust's `{:?}` writes them) and base64. */
export function needles(name: string, text: string): Needle[] {
  const bytes = Buffer.from(text, 'utf8');
  const plain = escape(text);
  return [
    // Digits alone may stand in any number.
    { name, pattern: /^\d+$/.test(text) ? new RegExp(`(?<![0-9a-zA-Z.])${plain}(?![0-9a-zA-Z.])`) : new RegExp(plain) },
    { name: `${name} in hexadecimal`, pattern: new RegExp(bytes.toString('hex'), 'i') },
    { name: `${name} as a list of bytes`, pattern: new RegExp(escape([...bytes].join(', '))) },
    { name: `${name} in base64`, pattern: new RegExp(escape(bytes.toString('base64').replace(/.?=+$/, ''))) },
  ];
}

/** Descriptions and candidates of whomever, by their form (RFC 8866, RFC 8839). */
export const DESCRIPTIONS: readonly Needle[] = [
  { name: 'an SDP', pattern: /v=0(?:\\*[rn]|[\r\n])/ },
  { name: 'a fingerprint in an SDP', pattern: /a=fingerprint/ },
  { name: 'a password of ICE', pattern: /ice-pwd/ },
  { name: 'a candidate', pattern: /candidate:\S+ \d+ (?:udp|tcp)/i },
];

/** Each needle that a text has, with the line around it, shortened. */
export function found(text: string, all: readonly Needle[]): string[] {
  return all.flatMap(({ name, pattern }) => {
    const at = text.search(pattern);
    if (at < 0) return [];
    const start = text.lastIndexOf('\n', at) + 1;
    return [`${name}: ${text.slice(Math.max(start, at - 120), at + 120).split('\n')[0] ?? ''}`];
  });
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
