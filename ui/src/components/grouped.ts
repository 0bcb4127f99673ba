/** A code of six digits as people say it: in two groups. */
export function grouped(code: string): string {
  return code.replace(/^(\d{3})(\d{3})$/, '$1 $2');
}
