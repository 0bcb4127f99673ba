/**
 * Small checks that turn an unknown value into a typed one, field by field. A check returns a new value that holds
 * nothing but what was asked for, or `undefined` if the value does not fit; it never throws.
 */
export type Check<T> = (value: unknown) => T | undefined;

type Checked<C> = C extends Check<infer T> ? T : never;
type Shape = Record<string, Check<unknown>>;
type Fields<S extends Shape> = { [K in keyof S]: Checked<S[K]> };
/** One flat object type, so that it compares with the generated ones under `exactOptionalPropertyTypes`. */
type Flat<T> = { [K in keyof T]: T[K] };

const LARGEST_U32 = 0xffff_ffff;

/** Text of at most `chars` Unicode characters. */
export function text(chars: number): Check<string> {
  return (value) => (typeof value === 'string' && fits(value, chars) ? value : undefined);
}

/** Text that is cut at `chars` Unicode characters: for what people wrote, which is not an error for its length. */
export function cutText(chars: number): Check<string> {
  return (value) => {
    if (typeof value !== 'string') return undefined;
    return fits(value, chars) ? value : [...value.slice(0, chars * 2)].slice(0, chars).join('');
  };
}

export const bool: Check<boolean> = (value) => (typeof value === 'boolean' ? value : undefined);

/** A count as Rust's u32. */
export const u32: Check<number> = (value) =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= LARGEST_U32 ? value : undefined;

/** A point in time in milliseconds, or any other whole number that JavaScript holds exactly. */
export const whole: Check<number> = (value) =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;

export function oneOf<const T extends readonly string[]>(...known: T): Check<T[number]> {
  return (value) => known.find((one) => one === value);
}

export function nullable<T>(check: Check<T>): Check<T | null> {
  return (value) => (value === null ? null : check(value));
}

/** At most `most` items, each of which fits. */
export function list<T>(item: Check<T>, most: number): Check<T[]> {
  return (value) => {
    if (!Array.isArray(value) || value.length > most) return undefined;
    const items: T[] = [];
    for (const each of value as unknown[]) {
      const checked = item(each);
      if (checked === undefined) return undefined;
      items.push(checked);
    }
    return items;
  };
}

/** An object with all of `required`; of `optional` those that are there, which then must fit. Others are dropped. */
export function object<R extends Shape, O extends Shape = Record<never, never>>(
  required: R,
  optional?: O,
): Check<Flat<Fields<R> & Partial<Fields<O>>>> {
  return (value) => {
    const record = asRecord(value);
    if (record === undefined) return undefined;
    const result: Record<string, unknown> = {};
    for (const [key, check] of Object.entries(required)) {
      const checked = Object.hasOwn(record, key) ? check(record[key]) : undefined;
      if (checked === undefined) return undefined;
      result[key] = checked;
    }
    for (const [key, check] of Object.entries(optional ?? {})) {
      if (!Object.hasOwn(record, key)) continue;
      const checked = check(record[key]);
      if (checked === undefined) return undefined;
      if (checked !== ABSENT) result[key] = checked;
    }
    return result as Flat<Fields<R> & Partial<Fields<O>>>;
  };
}

const ABSENT = Symbol('absent');

/** For optional fields: a value of a newer version counts as not being there. */
export function known<T>(check: Check<T>): Check<T> {
  return (value) => check(value) ?? (ABSENT as T);
}

/** The value as an object with unknown fields. */
export function asRecord(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}

/** JSON to a value; `undefined` if it is none. */
export function parse(json: string): unknown {
  try {
    return JSON.parse(json) as unknown;
  } catch {
    return undefined;
  }
}

function fits(value: string, chars: number): boolean {
  if (value.length <= chars) return true;
  // A character takes one or two units of UTF-16.
  return value.length <= chars * 2 && [...value].length <= chars;
}
