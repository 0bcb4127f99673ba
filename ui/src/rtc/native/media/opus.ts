/** What the first bytes of an Opus packet tell (RFC 6716 §3). Pure. */

/** 20 ms: what everybody sends. */
const USUAL = 960;
/** RFC 6716 §3.2.5: no packet holds more than 120 ms. */
const LONGEST = 5_760;

/** Samples at 48 kHz in a packet; 20 ms if it cannot be read, as its successor then is no worse than late. */
export function opusSamples(packet: Uint8Array): number {
  const [toc, count] = packet;
  if (toc === undefined) return USUAL;
  const frame = frameSamples(toc >> 3);
  switch (toc & 3) {
    case 0:
      return frame;
    case 1:
    case 2:
      return 2 * frame;
    default: {
      const samples = ((count ?? 0) & 0x3f) * frame;
      return samples === 0 || samples > LONGEST ? USUAL : samples;
    }
  }
}

/** RFC 6716 table 2: SILK 10, 20, 40, 60 ms; hybrid 10, 20 ms; CELT 2.5, 5, 10, 20 ms. */
function frameSamples(configuration: number): number {
  if (configuration < 12) return [480, 960, 1_920, 2_880][configuration & 3] ?? USUAL;
  if (configuration < 16) return [480, 960][configuration & 1] ?? USUAL;
  return [120, 240, 480, 960][configuration & 3] ?? USUAL;
}
