/** The tracks a participant can send, one transceiver each on every link. */
export const SOURCES = ['microphone', 'camera', 'screen', 'screen-audio'] as const;

export type Source = (typeof SOURCES)[number];

/** The kind of track that carries a source. */
export function kindOf(source: Source): 'audio' | 'video' {
  return source === 'microphone' || source === 'screen-audio' ? 'audio' : 'video';
}

export function isSource(value: unknown): value is Source {
  return (SOURCES as readonly unknown[]).includes(value);
}

/** Which source the media section of a `mid` carries. */
export type SourceMap = ReadonlyMap<string, Source>;

/**
 * What a section carries when the sender does not say (a minimal client): the first audio is the microphone, the first
 * video the camera, the second ones belong to the screen, the rest nothing.
 *
 * @param sections in the order of the description
 * @param known what is known already; such sources are not given away twice
 */
export function guessSources(sections: readonly { mid: string; kind: string }[], known: SourceMap): SourceMap {
  const map = new Map(known);
  const taken = new Set(known.values());
  for (const { mid, kind } of sections) {
    if (map.has(mid)) continue;
    const source = SOURCES.find((candidate) => kindOf(candidate) === kind && !taken.has(candidate));
    if (source === undefined) continue;
    map.set(mid, source);
    taken.add(source);
  }
  return map;
}
