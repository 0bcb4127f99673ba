/** Figures for people: one line each, the two sides beside each other. Pure. */

export interface Row<F> {
  name: string;
  field: keyof F;
  digits: number;
  /** Whether the quotient of both sides says anything. */
  ratio?: boolean;
}

/** Columns by name; the ratio is that of the first column to the last. */
export function table<F>(title: string, columns: readonly { name: string; figures: F }[], rows: readonly Row<F>[]): string {
  const text = (value: number, digits: number): string => (Number.isFinite(value) ? value.toFixed(digits) : '-');
  const two = columns.length > 1;
  const lines = rows.map(({ name, field, digits, ratio }) => {
    const values = columns.map(({ figures }) => figures[field] as number);
    const quotient = two && ratio === true ? `${text((values[0] ?? NaN) / (values.at(-1) ?? NaN), 2)}` : '';
    return [name, ...values.map((value) => text(value, digits)), quotient];
  });
  const all = [[title, ...columns.map(({ name }) => name), two ? 'ratio' : ''], ...lines];
  const widths = all[0]?.map((_, column) => Math.max(...all.map((line) => line[column]?.length ?? 0))) ?? [];
  const format = (line: string[]): string => line.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))).join('  ').trimEnd();
  return all.map(format).join('\n');
}
