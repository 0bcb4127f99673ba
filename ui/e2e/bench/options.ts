/** What is measured, as `cargo xtask bench` says it in `LANDLINE_BENCH`. Every field is there: the command line has the defaults. */
export interface BenchOptions {
  /** Sizes of meetings of real browsers. */
  people: number[];
  /** Sizes of crowds around one real browser. */
  bots: number[];
  /** With one receiver and with many, by one encoder and by many. */
  encoders: boolean;
  seconds: number;
  runs: number;
  /** The camera of everybody, raw (Y4M). Null: what Chromium makes up. */
  clip: string | null;
  /** What bots send (IVF). Null: their own test picture, in three sizes. */
  footage: string | null;
  /** `each`: a browser for everybody, as on machines of their own. `one`: windows of one browser. */
  browsers: 'each' | 'one';
  /** Which sides are measured. The baseline cannot be left out by accident. */
  sides: ('landline' | 'baseline')[];
  /** Where `server.mjs` of the baseline is. */
  baseline: string;
  /** Where JSON goes. */
  out: string;
}

export function benchOptions(): BenchOptions {
  const text = process.env['LANDLINE_BENCH'];
  if (text === undefined) throw new Error('run by `cargo xtask bench`, which says what to measure');
  return JSON.parse(text) as BenchOptions;
}
