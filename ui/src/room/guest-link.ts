/** How others get in without the app. */
export interface GuestLink {
  /** One for each address of the host, the best first. */
  readonly urls: readonly string[];
  /** SHA-256 of the host's certificate in hexadecimal digits, or empty. */
  readonly fingerprint: string;
}

/** Groups of four digits, which two people can read to each other. */
export function fingerprintGroups(fingerprint: string): string[] {
  return fingerprint.toUpperCase().match(/.{1,4}/g) ?? [];
}

/** What of a link tells one address from another. */
export function addressOf(link: string): string {
  try {
    return new URL(link).host;
  } catch {
    return link;
  }
}
